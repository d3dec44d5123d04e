package dev.sluice.support.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.Eventually;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Asks a JobManager about its jobs, over its REST interface. */
public final class FlinkRest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofMinutes(4);

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<URI> bases;
  private final AtomicInteger answering = new AtomicInteger();

  /** Talks to the JobManager at {@code base}, a URI without a slash at its end. */
  public FlinkRest(String base) {
    this(List.of(URI.create(base)));
  }

  /**
   * Talks to the first of these JobManagers that accepts a connection, and continues with it while
   * it does.
   */
  FlinkRest(List<URI> bases) {
    this.bases = List.copyOf(bases);
  }

  /** The JobManager that accepted the last connection. */
  URI base() {
    return bases.get(answering.get() % bases.size());
  }

  /** GET, answered by JSON. */
  public JsonNode get(String path) throws IOException, InterruptedException {
    return send(path, HttpRequest.newBuilder().GET());
  }

  /** POST of a JSON body, answered by JSON. */
  public JsonNode post(String path, Map<String, ?> body) throws IOException, InterruptedException {
    return send(
        path,
        HttpRequest.newBuilder()
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body))));
  }

  /** The ids of every job that the cluster remembers. */
  public List<String> jobs() throws IOException, InterruptedException {
    List<String> ids = new ArrayList<>();
    get("/jobs").path("jobs").forEach(job -> ids.add(job.path("id").asText()));
    return ids;
  }

  /** RUNNING, FINISHED and so on. */
  public String state(String jobId) throws IOException, InterruptedException {
    return get("/jobs/" + jobId).path("state").asText();
  }

  /** Waits until every task of the job runs. */
  public void awaitRunning(String jobId) {
    Eventually.until(
        "every task of job " + jobId + " to be RUNNING", LIMIT, () -> isRunning(jobId));
  }

  /** Waits for a job to end as FINISHED. */
  public void awaitFinished(String jobId) {
    Eventually.until(
        "job " + jobId + " to be FINISHED", LIMIT, () -> state(jobId).equals("FINISHED"));
  }

  /** Checkpoints that the job has completed since it was submitted. */
  public long completedCheckpoints(String jobId) throws IOException, InterruptedException {
    return get("/jobs/" + jobId + "/checkpoints").path("counts").path("completed").asLong();
  }

  /** Waits for this many further checkpoints. */
  public void awaitCheckpoints(String jobId, long more) throws IOException, InterruptedException {
    long before = completedCheckpoints(jobId);
    Eventually.until(
        more + " checkpoints of job " + jobId + " after the first " + before,
        LIMIT,
        () -> completedCheckpoints(jobId) >= before + more);
  }

  /** The URI of the last completed checkpoint; empty before the first. */
  public String lastCheckpoint(String jobId) throws IOException, InterruptedException {
    return get("/jobs/" + jobId + "/checkpoints")
        .path("latest")
        .path("completed")
        .path("external_path")
        .asText();
  }

  /** How many failures the job has had since it was submitted; each restarts it. */
  public int failures(String jobId) throws IOException, InterruptedException {
    // Unlike the metric numRestarts this is never late.
    return get("/jobs/" + jobId + "/exceptions").path("exceptionHistory").path("entries").size();
  }

  /** Ends a job without a savepoint and waits for its end. */
  public void cancel(String jobId) throws IOException, InterruptedException {
    send(
        "/jobs/" + jobId + "?mode=cancel",
        HttpRequest.newBuilder().method("PATCH", HttpRequest.BodyPublishers.noBody()));
    Eventually.until(
        "job " + jobId + " to be CANCELED", LIMIT, () -> state(jobId).equals("CANCELED"));
  }

  /** Waits for a job to end as FAILED; the whole trace of why. */
  public String awaitFailed(String jobId) throws IOException, InterruptedException {
    Eventually.until("job " + jobId + " to be FAILED", LIMIT, () -> state(jobId).equals("FAILED"));
    return get("/jobs/" + jobId + "/exceptions")
        .path("exceptionHistory")
        .path("entries")
        .path(0)
        .path("stacktrace")
        .asText();
  }

  /**
   * Takes a savepoint of a job that keeps running, in {@code directory}; the savepoint's URI. Flink
   * does not commit what such a savepoint holds as pending before the next checkpoint.
   */
  public String savepoint(String jobId, String directory) throws IOException, InterruptedException {
    String trigger =
        post(
                "/jobs/" + jobId + "/savepoints",
                Map.of("target-directory", directory, "cancel-job", false))
            .path("request-id")
            .asText();
    return awaitSavepoint(jobId, trigger);
  }

  /**
   * Uploads a jar and runs it in the JobManager, as the web UI does; the job's id.
   *
   * @param settings what would stand behind the jar on the command line
   */
  public String runJar(Path jar, int parallelism, List<String> settings)
      throws IOException, InterruptedException {
    String boundary = "part-of-a-jar";
    JsonNode uploaded =
        send(
            "/jars/upload",
            HttpRequest.newBuilder()
                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .POST(
                    HttpRequest.BodyPublishers.concat(
                        HttpRequest.BodyPublishers.ofString(
                            ("--%s\r\nContent-Disposition: form-data; name=\"jarfile\"; "
                                    + "filename=\"job.jar\"\r\nContent-Type: application/x-java-archive\r\n\r\n")
                                .formatted(boundary)),
                        HttpRequest.BodyPublishers.ofFile(jar),
                        HttpRequest.BodyPublishers.ofString("\r\n--" + boundary + "--\r\n"))));
    String id = Path.of(uploaded.path("filename").asText()).getFileName().toString();
    return post(
            "/jars/" + id + "/run", Map.of("parallelism", parallelism, "programArgsList", settings))
        .path("jobid")
        .asText();
  }

  /** Stops a job with a savepoint in {@code directory} and waits for both; the savepoint's URI. */
  public String stop(String jobId, String directory) throws IOException, InterruptedException {
    return stop(jobId, directory, "CANONICAL");
  }

  /** As {@link #stop(String, String)}, with a savepoint in a format of Flink's. */
  public String stop(String jobId, String directory, String format)
      throws IOException, InterruptedException {
    String location = stopApplication(jobId, directory, format);
    awaitFinished(jobId);
    return location;
  }

  /** As {@link #stop}, where the JobManager may end with the job. */
  public String stopApplication(String jobId, String directory)
      throws IOException, InterruptedException {
    return stopApplication(jobId, directory, "CANONICAL");
  }

  private String stopApplication(String jobId, String directory, String format)
      throws IOException, InterruptedException {
    String trigger =
        post(
                "/jobs/" + jobId + "/stop",
                Map.of("targetDirectory", directory, "drain", false, "formatType", format))
            .path("request-id")
            .asText();
    return awaitSavepoint(jobId, trigger);
  }

  private String awaitSavepoint(String jobId, String trigger)
      throws IOException, InterruptedException {
    String path = "/jobs/" + jobId + "/savepoints/" + trigger;
    JsonNode[] answer = {JSON.createObjectNode()};
    Eventually.until(
        "the savepoint of job " + jobId,
        LIMIT,
        () -> {
          answer[0] = get(path);
          return answer[0].path("status").path("id").asText().equals("COMPLETED");
        });
    JsonNode operation = answer[0].path("operation");
    if (!operation.has("location")) {
      throw new AssertionError("no savepoint of job " + jobId + ": " + operation);
    }
    return operation.path("location").asText();
  }

  private boolean isRunning(String jobId) throws IOException, InterruptedException {
    JsonNode job = get("/jobs/" + jobId);
    String state = job.path("state").asText();
    if (state.equals("FAILED") || state.equals("CANCELED") || state.equals("FINISHED")) {
      throw new AssertionError(
          "job %s is %s: %s".formatted(jobId, state, get("/jobs/" + jobId + "/exceptions")));
    }
    boolean all = state.equals("RUNNING");
    for (JsonNode vertex : job.path("vertices")) {
      all &= vertex.path("status").asText().equals("RUNNING");
    }
    return all;
  }

  private JsonNode send(String path, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    request.timeout(Duration.ofSeconds(30));
    HttpResponse<String> response = sendToAny(path, request, bases.size());
    if (response.statusCode() >= 300) {
      throw new IOException(
          "%s answered %s: %s".formatted(response.uri(), response.statusCode(), response.body()));
    }
    return response.body().isEmpty() ? JSON.createObjectNode() : JSON.readTree(response.body());
  }

  /** Only who refused the connection has not seen the request, so that another one may have it. */
  private HttpResponse<String> sendToAny(String path, HttpRequest.Builder request, int attempts)
      throws IOException, InterruptedException {
    try {
      return http.send(
          request.uri(URI.create(base() + path)).build(), HttpResponse.BodyHandlers.ofString());
    } catch (ConnectException e) {
      answering.incrementAndGet();
      if (attempts == 1) {
        throw e;
      }
      return sendToAny(path, request, attempts - 1);
    }
  }
}
