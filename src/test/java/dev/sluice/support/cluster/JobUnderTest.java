package dev.sluice.support.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.Eventually;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;

/**
 * One job on the cluster, run, stopped and resumed by Flink's own means alone. Used by one thread.
 */
public final class JobUnderTest {

  /** The job's jar, as the build leaves it. */
  public static final Path JAR =
      Path.of(System.getProperty("basedir", ""), "target", "sluice-job.jar").toAbsolutePath();

  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final Pattern TASK_MANAGER =
      Pattern.compile("\"taskmanager-id\":\"taskmanager-(\\d+)-");
  private static final Pattern SUBMITTED = Pattern.compile("JobID ([0-9a-f]{32})");
  private static final Pattern SAVED = Pattern.compile("Savepoint completed\\. Path: (\\S+)");

  private final LocalCluster cluster;
  private final JobSpec spec;
  private final FlinkRest rest;
  private final boolean inProcess;
  private final List<String> entry;
  private String id = "";

  /** A job that {@code flink run} starts and {@code flink stop} stops. */
  public JobUnderTest(LocalCluster cluster, JobSpec spec) {
    this(cluster, spec, false, List.of());
  }

  private JobUnderTest(LocalCluster cluster, JobSpec spec, boolean inProcess, List<String> entry) {
    this.cluster = cluster;
    this.spec = spec;
    this.rest = cluster.flinkRest();
    this.inProcess = inProcess;
    this.entry = entry;
  }

  /** A job that is started without a JVM for each command, for tests that start many. */
  public static JobUnderTest inProcess(LocalCluster cluster, JobSpec spec) {
    return new JobUnderTest(cluster, spec, true, List.of());
  }

  /** A job with settings that its start would refuse. */
  public static JobUnderTest unchecked(LocalCluster cluster, JobSpec spec) {
    return new JobUnderTest(cluster, spec, true, List.of("-c", "dev.sluice.job.UncheckedJob"));
  }

  /** A job that was started elsewhere. */
  public static JobUnderTest running(LocalCluster cluster, JobSpec spec, String id) {
    JobUnderTest job = new JobUnderTest(cluster, spec);
    job.id = id;
    return job;
  }

  /** Starts from the beginning of the input and waits until every task runs. */
  public void run(int parallelism) throws Exception {
    submit(spec.options(parallelism, List.of()));
  }

  /** Starts from a savepoint and waits until every task runs. */
  public void resume(int parallelism, String savepoint) throws Exception {
    submit(spec.options(parallelism, List.of("-s", savepoint)));
  }

  /** Starts from a savepoint and does not wait for more than its submission. */
  public void submitFrom(int parallelism, String savepoint) throws Exception {
    launch(spec.options(parallelism, List.of("-s", savepoint)));
  }

  /** Stops with a savepoint, by {@code flink stop} or in process over REST; the savepoint's URI. */
  public String stop() throws IOException, InterruptedException {
    if (inProcess) {
      return rest.stop(id, savepoints());
    }
    CommandResult stopped =
        cluster.flink("stop", "--savepointPath", savepoints(), id).requireSuccess();
    rest.awaitFinished(id);
    return find(SAVED, stopped.stdout());
  }

  /** Ends the job as {@code flink cancel} does: no savepoint, its checkpoints stay. */
  public void cancel() throws IOException, InterruptedException {
    rest.cancel(id);
  }

  /** The newest complete checkpoint: a URI that a job can be started from. */
  public String lastCheckpoint() throws IOException, InterruptedException {
    String checkpoint = rest.lastCheckpoint(id);
    if (checkpoint.isEmpty()) {
      throw new AssertionError("job " + id + " has no checkpoint");
    }
    return checkpoint;
  }

  /** The id that Flink gave it when it was last started. */
  public String id() {
    return id;
  }

  /**
   * Starts from a savepoint and waits until the job has failed for good; why.
   *
   * @param restore {@code -s} and the savepoint, or nothing
   */
  public String refused(int parallelism, String... restore) throws Exception {
    launch(spec.options(parallelism, List.of(restore)));
    return rest.awaitFailed(id);
  }

  /**
   * Starts without a savepoint as the web UI does, with the program running in the JobManager, and
   * waits until the job has failed for good; why.
   */
  public String refusedInCluster(int parallelism) throws Exception {
    id = rest.runJar(JAR, parallelism, spec.arguments(cluster.bootstrapServers()));
    return rest.awaitFailed(id);
  }

  /** What {@code flink run} says when it refuses a start without a savepoint. */
  public String refusedAtStart(int parallelism) {
    List<String> command = new ArrayList<>(List.of("run", "-d"));
    command.addAll(spec.options(parallelism, List.of()));
    command.add(JAR.toString());
    command.addAll(spec.arguments(cluster.bootstrapServers()));
    CommandResult refused = cluster.flink(command.toArray(new String[0]));
    if (refused.exitCode() == 0) {
      throw new AssertionError("flink run was not refused: " + refused.stdout());
    }
    return refused.stderr();
  }

  /** The state that Flink gives. */
  public String state() throws IOException, InterruptedException {
    return rest.state(id);
  }

  /** How many failures the job has had since it was submitted; each restarts it. */
  public int failures() throws IOException, InterruptedException {
    return rest.failures(id);
  }

  /** Waits for this many further checkpoints. */
  public void awaitCheckpoints(long more) throws IOException, InterruptedException {
    rest.awaitCheckpoints(id, more);
  }

  /** Waits until a checkpoint holds the end of the input, to which nothing is added any more. */
  public void awaitNoLag() throws Exception {
    Map<TopicPartition, Long> ends = Lag.ends(cluster.bootstrapServers(), spec.topics().events());
    Eventually.until(
        "a checkpoint of job %s at %s".formatted(spec.name(), ends),
        LIMIT,
        () -> {
          String checkpoint = rest.lastCheckpoint(id);
          return !checkpoint.isEmpty()
              && SavepointModels.offsets(checkpoint).entrySet().containsAll(ends.entrySet());
        });
  }

  /**
   * Waits until the consumer group has committed the end of the input, as a lag monitor sees it.
   * The source commits what a checkpoint holds when its consumer wakes up: with no news only every
   * ten seconds.
   */
  public void awaitNoLagReported() {
    Lag.awaitNone(cluster.bootstrapServers(), spec.name(), spec.topics().events(), LIMIT);
  }

  /** {@code kill -9} for a TaskManager that has a task of this job; a new one takes its place. */
  public void loseTaskManager() throws IOException, InterruptedException {
    int before = failures();
    cluster.killTaskManager(taskManagerNumber());
    cluster.startTaskManager();
    Eventually.until(
        "job " + spec.name() + " has lost its TaskManager", LIMIT, () -> failures() > before);
    rest.awaitRunning(id);
  }

  /** Keeps the job running for a while. */
  public static void letRun(Duration time) {
    LockSupport.parkNanos(time.toNanos());
  }

  private void submit(List<String> options) throws Exception {
    launch(options);
    rest.awaitRunning(id);
  }

  private void launch(List<String> given) throws Exception {
    List<String> options = new ArrayList<>(entry);
    options.addAll(given);
    List<String> arguments = spec.arguments(cluster.bootstrapServers());
    if (inProcess) {
      Path conf = cluster.directory().resolve("conf");
      id = new InProcessFlink(conf, rest.base(), rest).run(spec.name(), options, JAR, arguments);
    } else {
      List<String> command = new ArrayList<>(List.of("run", "-d"));
      command.addAll(options);
      command.add(JAR.toString());
      command.addAll(arguments);
      id = find(SUBMITTED, cluster.flink(command.toArray(new String[0])).requireSuccess().stdout());
    }
  }

  private String savepoints() {
    return cluster.directoryUri() + "/savepoints";
  }

  /** Which TaskManager runs the job's last task: the cluster names them by their numbers. */
  public int taskManagerNumber() throws IOException, InterruptedException {
    JsonNode vertices = rest.get("/jobs/" + id).path("vertices");
    String vertex = vertices.path(vertices.size() - 1).path("id").asText();
    JsonNode answer = rest.get("/jobs/" + id + "/vertices/" + vertex + "/taskmanagers");
    return Integer.parseInt(find(TASK_MANAGER, answer.toString()));
  }

  /** Which TaskManager runs a subtask of the job's last task. */
  public int taskManagerOf(int subtask) throws IOException, InterruptedException {
    JsonNode vertices = rest.get("/jobs/" + id).path("vertices");
    String vertex = vertices.path(vertices.size() - 1).path("id").asText();
    JsonNode tasks = rest.get("/jobs/" + id + "/vertices/" + vertex).path("subtasks");
    return Integer.parseInt(find(TASK_MANAGER, tasks.path(subtask).toString().replace(": ", ":")));
  }

  private static String find(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new AssertionError("(%s) is not in:%n%s".formatted(pattern, text));
    }
    return matcher.group(1);
  }
}
