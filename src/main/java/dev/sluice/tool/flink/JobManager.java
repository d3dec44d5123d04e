package dev.sluice.tool.flink;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.HighAvailabilityOptions;

/**
 * A Flink cluster, as its REST interface shows it. Each question is asked once; the caller decides
 * whether to retry. May be used by several threads.
 */
public final class JobManager {

  private static final String PENDING = ".pendingRecords";

  private final Rest rest;
  private final List<URI> addresses;

  /**
   * @param addresses of the REST interfaces, several with high availability
   * @param patience for one answer
   */
  public JobManager(List<URI> addresses, Duration patience) {
    this.rest = new Rest(addresses, patience);
    this.addresses = List.copyOf(addresses);
  }

  /** Of its REST interfaces. */
  public List<URI> addresses() {
    return addresses;
  }

  /** The hosts that are not this machine, as {@link Machines#others} returns them. */
  public List<String> otherMachines() {
    return Machines.others(addresses);
  }

  public String flinkVersion() throws IOException, InterruptedException {
    return rest.get("/config", Answers.DASHBOARD).path("flink-version").asText();
  }

  /** Whether it takes jars over REST: web.submit.enable. */
  public boolean takesJars() throws IOException, InterruptedException {
    return rest.get("/config", Answers.DASHBOARD).path("features").path("web-submit").asBoolean();
  }

  /**
   * Finds a job.
   *
   * @param nameOrId its id, or its name: the one that runs then, or else the newest
   * @return empty if there is none
   * @throws IOException if two jobs of that name run
   */
  public Optional<JobOverview> find(String nameOrId) throws IOException, InterruptedException {
    List<JobOverview> found =
        jobs().stream()
            .filter(job -> job.id().equals(nameOrId) || job.name().equals(nameOrId))
            .sorted(Comparator.comparing(JobOverview::startedAt).reversed())
            .toList();
    List<JobOverview> alive = found.stream().filter(job -> !job.isOver()).toList();
    if (alive.size() > 1) {
      throw new IOException(
          "%s jobs with the name (%s) run: name one by its id, %s"
              .formatted(
                  alive.size(),
                  nameOrId,
                  String.join(" or ", alive.stream().map(JobOverview::id).toList())));
    }
    return alive.isEmpty() ? found.stream().findFirst() : Optional.of(alive.get(0));
  }

  /** What to say of a job that {@link #find} does not find. */
  public String unknown(String nameOrId) throws IOException, InterruptedException {
    List<String> known = jobs().stream().map(JobOverview::shownName).distinct().sorted().toList();
    return "there is no job (%s); the cluster knows %s"
        .formatted(nameOrId, known.isEmpty() ? "none" : String.join(", ", known));
  }

  /** Every job that the cluster remembers. */
  public List<JobOverview> jobs() throws IOException, InterruptedException {
    List<JobOverview> jobs = new ArrayList<>();
    for (JsonNode job : rest.get("/jobs/overview", Answers.JOBS).path("jobs")) {
      jobs.add(JobOverview.of(job.path("jid").asText(), job));
    }
    return jobs;
  }

  /** Flink's word for a job's state, fresh: RUNNING, FINISHED, … */
  public String state(String jobId) throws IOException, InterruptedException {
    return rest.get("/jobs/" + jobId + "/status", Answers.STATUS).path("status").asText();
  }

  /** A job's tasks and figures; may be some seconds old. */
  public JobDetail detail(String jobId) throws IOException, InterruptedException {
    JsonNode job = rest.get("/jobs/" + jobId, Answers.DETAIL);
    boolean running = true;
    int parallelism = 0;
    long processed = 0;
    String source = "";
    for (JsonNode vertex : job.path("vertices")) {
      running &= vertex.path("status").asText().equals("RUNNING");
      parallelism = Math.max(parallelism, vertex.path("parallelism").asInt());
      if (vertex.path("name").asText().startsWith("Source: events")) {
        source = vertex.path("id").asText();
      } else {
        processed += vertex.path("metrics").path("read-records").asLong();
      }
    }
    return new JobDetail(
        JobOverview.of(jobId, job),
        running,
        parallelism,
        processed,
        source,
        Instant.ofEpochMilli(job.path("now").asLong()));
  }

  /** Records in Kafka that the source has not read; empty while not known. */
  public OptionalLong lag(String jobId, JobDetail detail) throws IOException, InterruptedException {
    Map<String, Long> pending = sums(jobId, detail.sourceVertex(), PENDING);
    return pending.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(pending.values().stream().mapToLong(Long::longValue).sum());
  }

  /**
   * A figure of a job's tasks, in sum over each operator's subtasks.
   *
   * @param ending of its name in Flink
   * @return by name; empty while not known
   */
  public SortedMap<String, Long> sums(String jobId, String ending)
      throws IOException, InterruptedException {
    SortedMap<String, Long> sums = new TreeMap<>();
    for (JsonNode vertex : rest.get("/jobs/" + jobId, Answers.DETAIL).path("vertices")) {
      sums.putAll(sums(jobId, vertex.path("id").asText(), ending));
    }
    return sums;
  }

  private SortedMap<String, Long> sums(String jobId, String vertex, String ending)
      throws IOException, InterruptedException {
    String metrics = "/jobs/%s/vertices/%s/subtasks/metrics".formatted(jobId, vertex);
    List<String> names = new ArrayList<>();
    for (JsonNode metric : rest.get(metrics, Answers.LIST)) {
      String name = metric.path("id").asText();
      if (name.endsWith(ending)) {
        names.add(name);
      }
    }
    SortedMap<String, Long> sums = new TreeMap<>();
    if (!names.isEmpty()) {
      for (JsonNode metric :
          rest.get(metrics + "?agg=sum&get=" + String.join(",", names), Answers.LIST)) {
        sums.put(metric.path("id").asText(), metric.path("sum").asLong());
      }
    }
    return sums;
  }

  /** The settings that the job itself published; empty for a job that is not ours. */
  public SortedMap<String, String> settings(String jobId) throws IOException, InterruptedException {
    SortedMap<String, String> settings = new TreeMap<>();
    rest.get("/jobs/" + jobId + "/config", Answers.CONFIG)
        .path("execution-config")
        .path("user-config")
        .properties()
        .forEach(field -> settings.put(field.getKey(), field.getValue().asText()));
    return settings;
  }

  /** How the job takes checkpoints. */
  public Checkpointing checkpointing(String jobId) throws IOException, InterruptedException {
    JsonNode config = rest.get("/jobs/" + jobId + "/checkpoints/config", Answers.CHECKPOINTING);
    JsonNode external = config.path("externalization");
    return new Checkpointing(
        Duration.ofMillis(config.path("interval").asLong()),
        Duration.ofMillis(config.path("timeout").asLong()),
        external.path("enabled").asBoolean()
            && !external.path("delete_on_cancellation").asBoolean());
  }

  /** The newest completed checkpoint that is no savepoint; may be some seconds old. */
  public Optional<SavedCheckpoint> lastCheckpoint(String jobId)
      throws IOException, InterruptedException {
    JsonNode completed = checkpoints(jobId).at("/latest/completed");
    return completed.hasNonNull("id") ? Optional.of(saved(completed)) : Optional.empty();
  }

  /** Where a job's newest savepoint is; empty if it has none. */
  public String lastSavepoint(String jobId) throws IOException, InterruptedException {
    return checkpoints(jobId).path("latest").path("savepoint").path("external_path").asText("");
  }

  /** A job's newest completed checkpoint, and its newest savepoint, as far as they are kept. */
  public List<SavedCheckpoint> saved(String jobId) throws IOException, InterruptedException {
    JsonNode latest = checkpoints(jobId).path("latest");
    return Stream.of(latest.path("completed"), latest.path("savepoint"))
        .filter(one -> path(one).isPresent())
        .map(JobManager::saved)
        .toList();
  }

  private static SavedCheckpoint saved(JsonNode one) {
    return new SavedCheckpoint(
        one.path("id").asLong(),
        Instant.ofEpochMilli(one.path("latest_ack_timestamp").asLong()),
        one.path("external_path").asText(""));
  }

  /** Why a job's newest checkpoint failed; empty if it did not. */
  public Optional<String> checkpointFailure(String jobId) throws IOException, InterruptedException {
    for (JsonNode one : checkpoints(jobId).path("history")) {
      boolean over = !one.path("status").asText().equals("IN_PROGRESS");
      if (over && !one.path("is_savepoint").asBoolean()) {
        String why = one.path("failure_message").asText("").strip();
        return why.isEmpty()
            ? Optional.empty()
            : Optional.of("checkpoint %s failed: %s".formatted(one.path("id").asText(), why));
      }
    }
    return Optional.empty();
  }

  /** The snapshot that a job was restored from last; empty if from none, or that is not known. */
  public Optional<String> restored(String jobId) throws IOException, InterruptedException {
    return path(checkpoints(jobId).at("/latest/restored"));
  }

  private static Optional<String> path(JsonNode snapshot) {
    return Optional.of(snapshot.path("external_path").asText("")).filter(uri -> !uri.isEmpty());
  }

  /** The cluster's checkpoint directory, if it is configured. */
  public Optional<String> checkpointDirectory() throws IOException, InterruptedException {
    return directory(CheckpointingOptions.CHECKPOINTS_DIRECTORY);
  }

  /** The cluster's savepoint directory, if it is configured. */
  public Optional<String> savepointDirectory() throws IOException, InterruptedException {
    return directory(CheckpointingOptions.SAVEPOINT_DIRECTORY);
  }

  private Optional<String> directory(ConfigOption<String> option)
      throws IOException, InterruptedException {
    return configuration().getOptional(option).map(value -> value.replaceAll("/+$", ""));
  }

  /** Whether another JobManager recovers the jobs of one that is lost. */
  public boolean isHighlyAvailable() throws IOException, InterruptedException {
    return !configuration().get(HighAvailabilityOptions.HA_MODE).equalsIgnoreCase("NONE");
  }

  /** When a TaskManager gives up a JobManager that is lost. */
  public Duration heartbeatTimeout() throws IOException, InterruptedException {
    try {
      return configuration().get(HeartbeatManagerOptions.HEARTBEAT_TIMEOUT);
    } catch (IllegalArgumentException notOfFlink) {
      return HeartbeatManagerOptions.HEARTBEAT_TIMEOUT.defaultValue();
    }
  }

  /** What is written in the JobManager's configuration; an option may have one of its old names. */
  private Configuration configuration() throws IOException, InterruptedException {
    Configuration written = new Configuration();
    for (JsonNode setting : rest.get("/jobmanager/config", Answers.LIST)) {
      written.setString(setting.path("key").asText(), setting.path("value").asText());
    }
    return written;
  }

  /** How many slots there are. */
  public SlotSupply slots() throws IOException, InterruptedException {
    JsonNode overview = rest.get("/overview", Answers.OVERVIEW);
    Map<String, String> settings = configuration().toMap();
    String target = settings.getOrDefault("execution.target", "").toLowerCase(Locale.ROOT);
    return new SlotSupply(
        overview.path("slots-total").asInt(),
        overview.path("slots-available").asInt(),
        overview.path("taskmanagers").asInt(),
        target.startsWith("kubernetes")
            || target.startsWith("yarn")
            || "adaptive".equalsIgnoreCase(settings.get("jobmanager.scheduler"))
            || "reactive".equalsIgnoreCase(settings.get("scheduler-mode")));
  }

  /** Every savepoint that the job remembers, the newest first; may be some seconds old. */
  public List<SavepointProgress> savepoints(String jobId) throws IOException, InterruptedException {
    List<SavepointProgress> savepoints = new ArrayList<>();
    for (JsonNode one : checkpoints(jobId).path("history")) {
      if (one.path("is_savepoint").asBoolean()) {
        savepoints.add(
            new SavepointProgress(
                one.path("id").asLong(),
                one.path("status").asText(),
                one.path("checkpoint_type").asText().equals("SYNC_SAVEPOINT"),
                one.path("num_acknowledged_subtasks").asInt(),
                one.path("num_subtasks").asInt(),
                one.path("state_size").asLong(),
                one.path("external_path").asText("")));
      }
    }
    return savepoints;
  }

  /**
   * Asks for a stop with a savepoint. The same trigger id asks for the same stop, however often.
   *
   * @param triggerId 32 hexadecimal digits
   */
  public void stop(String jobId, String triggerId, StopRequest request)
      throws IOException, InterruptedException {
    Map<String, Object> body = new HashMap<>();
    body.put("triggerId", triggerId);
    body.put("drain", request.drain());
    body.put("formatType", request.nativeFormat() ? "NATIVE" : "CANONICAL");
    if (request.directory() != null) {
      body.put("targetDirectory", request.directory());
    }
    rest.post("/jobs/" + jobId + "/stop", body);
  }

  /** How a stop goes; {@link StopStatus.Unknown} if the JobManager knows nothing of it. */
  public StopStatus stopStatus(String jobId, String triggerId)
      throws IOException, InterruptedException {
    JsonNode answer;
    try {
      answer = rest.get("/jobs/" + jobId + "/savepoints/" + triggerId, Answers.OPERATION);
    } catch (FlinkException e) {
      if (e.isUnknown()) {
        return new StopStatus.Unknown();
      }
      throw e;
    }
    JsonNode operation = answer.path("operation");
    if (!answer.path("status").path("id").asText().equals("COMPLETED")) {
      return new StopStatus.Running();
    }
    return operation.hasNonNull("location")
        ? new StopStatus.Saved(operation.path("location").asText())
        : StopStatus.failed(operation.path("failure-cause").path("stack-trace").asText());
  }

  /** Asks for a checkpoint, whatever the job's interval. */
  public void requestCheckpoint(String jobId) throws IOException, InterruptedException {
    rest.post("/jobs/" + jobId + "/checkpoints", Map.of("checkpointType", "CONFIGURED"));
  }

  /** Why a job failed, the innermost sentence of it; empty if it did not. */
  public String failure(String jobId) throws IOException, InterruptedException {
    JsonNode answer = rest.get("/jobs/" + jobId + "/exceptions", Answers.EXCEPTIONS);
    return Traces.cause(answer.at("/exceptionHistory/entries/0/stacktrace").asText());
  }

  /** Asks for a job's end without a savepoint. */
  public void cancel(String jobId) throws IOException, InterruptedException {
    rest.patch("/jobs/" + jobId + "?mode=cancel");
  }

  /** Brings a jar to the cluster; its id there. */
  public String upload(Path jar) throws IOException, InterruptedException {
    String file = rest.upload("/jars/upload", jar, Answers.UPLOADED).path("filename").asText();
    return file.substring(file.lastIndexOf('/') + 1);
  }

  /** Forgets an uploaded jar. */
  public void forget(String jarId) throws IOException, InterruptedException {
    rest.delete("/jars/" + jarId);
  }

  /**
   * Runs an uploaded jar. Is sent once: a second request would be refused because of the first.
   *
   * @throws UnansweredException if there is no answer; the job may start all the same
   */
  public void run(String jarId, RunRequest request) throws IOException, InterruptedException {
    Map<String, Object> body = new HashMap<>();
    body.put("jobId", request.jobId());
    body.put("programArgsList", request.arguments());
    if (request.parallelism() != null) {
      body.put("parallelism", request.parallelism());
    }
    body.put("savepointPath", request.snapshot());
    body.put("claimMode", "NO_CLAIM");
    body.put("flinkConfiguration", request.flink());
    rest.postOnce("/jars/" + jarId + "/run", body);
  }

  private JsonNode checkpoints(String jobId) throws IOException, InterruptedException {
    return rest.get("/jobs/" + jobId + "/checkpoints", Answers.CHECKPOINTS);
  }
}
