package dev.sluice.tool.demo;

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
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A job as its JobManager's REST interface shows it. Used by one thread. */
final class JobView {

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final String PENDING = ".pendingRecords";
  private static final Set<String> ENDS = Set.of("FINISHED", "CANCELED", "FAILED");

  private final List<String> addresses;
  private final String jobId;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final ObjectMapper json = new ObjectMapper();
  private int answering;
  private String name = "";
  private long startedMs;

  /**
   * @param addresses of the REST interfaces, such as {@code http://127.0.0.1:8081}; several, with
   *     commas between them, when several JobManagers stand in for each other
   * @param jobId 32 hexadecimal digits
   */
  JobView(String addresses, String jobId) {
    this.addresses = List.of(addresses.split(",", -1));
    this.jobId = jobId;
  }

  /**
   * How the job is.
   *
   * @param state Flink's word: RUNNING, FAILED, …
   * @param allTasksRun whether every task runs
   * @param processed events that reached the models since this job was submitted; Flink refreshes
   *     it every few seconds
   * @param lag events in Kafka that the source has not read; empty while not known
   */
  record State(String state, boolean allTasksRun, long processed, OptionalLong lag) {}

  /**
   * A completed checkpoint.
   *
   * @param id its number
   * @param completedMs when, epoch milliseconds
   * @param durationMs how long it took
   */
  record Checkpoint(long id, long completedMs, long durationMs) {}

  /**
   * Asks how the job is.
   *
   * @throws IOException if the JobManager does not answer, or does not know the job
   */
  State state() throws IOException, InterruptedException {
    JsonNode job = get("/jobs/" + jobId);
    name = job.path("name").asText();
    startedMs = job.path("start-time").asLong();
    boolean running = true;
    long processed = 0;
    OptionalLong lag = OptionalLong.empty();
    for (JsonNode vertex : job.path("vertices")) {
      running &= vertex.path("status").asText().equals("RUNNING");
      if (vertex.path("name").asText().startsWith("Source: events")) {
        lag = running ? lag(vertex.path("id").asText()) : lag;
      } else {
        processed += vertex.path("metrics").path("read-records").asLong();
      }
    }
    return new State(job.path("state").asText(), running, processed, lag);
  }

  /** The last completed checkpoint; null before the first. */
  @Nullable Checkpoint lastCheckpoint() throws IOException, InterruptedException {
    JsonNode completed = get("/jobs/" + jobId + "/checkpoints").path("latest").path("completed");
    return completed.hasNonNull("id")
        ? new Checkpoint(
            completed.path("id").asLong(),
            completed.path("latest_ack_timestamp").asLong(),
            completed.path("end_to_end_duration").asLong())
        : null;
  }

  /** Why the job failed, the first line of it. */
  String failure() throws IOException, InterruptedException {
    String trace = get("/jobs/" + jobId + "/exceptions").path("root-exception").asText();
    int cause = trace.lastIndexOf("Caused by: ");
    String last = cause < 0 ? trace : trace.substring(cause + "Caused by: ".length());
    return last.lines().findFirst().orElse("no reason given");
  }

  /**
   * The job that goes on where this one ended, as after {@code sluice drill}, or was lost with its
   * JobManager: of the same name, begun later, not ended. Empty while this one is there itself.
   */
  Optional<JobView> successor() throws IOException, InterruptedException {
    Optional<JobView> next = Optional.empty();
    for (JsonNode job : get("/jobs/overview").path("jobs")) {
      String id = job.path("jid").asText();
      boolean over = ENDS.contains(job.path("state").asText());
      if (!over && id.equals(jobId)) {
        return Optional.empty();
      }
      if (!over
          && next.isEmpty()
          && job.path("name").asText().equals(name)
          && job.path("start-time").asLong() > startedMs) {
        next = Optional.of(new JobView(String.join(",", addresses), id));
      }
    }
    return next;
  }

  /** 32 hexadecimal digits. */
  String id() {
    return jobId;
  }

  private OptionalLong lag(String vertex) throws IOException, InterruptedException {
    String metrics = "/jobs/" + jobId + "/vertices/" + vertex + "/subtasks/metrics";
    List<String> names = new ArrayList<>();
    for (JsonNode metric : get(metrics)) {
      String name = metric.path("id").asText();
      if (name.endsWith(PENDING)) {
        names.add(name);
      }
    }
    if (names.isEmpty()) {
      return OptionalLong.empty();
    }
    long lag = 0;
    for (JsonNode metric : get(metrics + "?agg=sum&get=" + String.join(",", names))) {
      lag += metric.path("sum").asLong();
    }
    return OptionalLong.of(lag);
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    String address = addresses.get(answering);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(address + path)).timeout(PATIENCE).build();
    HttpResponse<byte[]> response;
    try {
      response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      answering = (answering + 1) % addresses.size(); // the next question goes to the next one
      throw new IOException("the JobManager at %s does not answer: %s".formatted(address, e), e);
    }
    if (response.statusCode() != 200) {
      throw new IOException(
          "the JobManager at %s answered %s to %s".formatted(address, response.statusCode(), path));
    }
    return json.readTree(response.body());
  }
}
