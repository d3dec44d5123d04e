package dev.sluice.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Asks a JobManager about its jobs, over its REST interface. */
public final class FlinkRest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofMinutes(4);

  private final HttpClient http = HttpClient.newHttpClient();
  private final String base;

  /** Talks to the JobManager at {@code base}, a URI without a slash at its end. */
  public FlinkRest(String base) {
    this.base = base;
  }

  /** GET, answered by JSON. */
  public JsonNode get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(base + path)).GET());
  }

  /** POST of a JSON body, answered by JSON. */
  public JsonNode post(String path, Map<String, ?> body) throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(URI.create(base + path))
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

  /** Stops a job with a savepoint in {@code directory} and waits for both; the savepoint's URI. */
  public String stop(String jobId, String directory) throws IOException, InterruptedException {
    String trigger =
        post("/jobs/" + jobId + "/stop", Map.of("targetDirectory", directory, "drain", false))
            .path("request-id")
            .asText();
    String path = "/jobs/" + jobId + "/savepoints/" + trigger;
    Eventually.until(
        "the savepoint of job " + jobId,
        LIMIT,
        () -> get(path).path("status").path("id").asText().equals("COMPLETED"));
    JsonNode operation = get(path).path("operation");
    if (!operation.has("location")) {
      throw new AssertionError("no savepoint of job " + jobId + ": " + operation);
    }
    awaitFinished(jobId);
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

  private JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(
            request.timeout(Duration.ofSeconds(30)).build(), HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() >= 300) {
      throw new IOException(
          "%s answered %s: %s".formatted(response.uri(), response.statusCode(), response.body()));
    }
    return JSON.readTree(response.body());
  }
}
