package dev.sluice.support.cluster;

import dev.sluice.support.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A real broker and a real Flink cluster, each process a JVM of its own, driven through the scripts
 * of {@code deploy/local} as a user would. Needs {@code target/dist}, which the build fills at
 * {@code package}. May be used by several threads.
 */
public final class LocalCluster implements AutoCloseable {
  private static final Path BASE = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
  private static final Duration DEADLINE = Duration.ofMinutes(4);

  /** Which of the JVMs that run tests side by side this one is, from 1. */
  private static final int FORK = Integer.parseInt(System.getProperty("sluice.test.fork", "1"));

  private final Path directory;
  private final int portOffset;
  private final Map<String, String> environment;

  private LocalCluster(Path directory, int portOffset) {
    this(directory, portOffset, Map.of());
  }

  private LocalCluster(Path directory, int portOffset, Map<String, String> environment) {
    try {
      // As the scripts name it: the mark on the processes is this path.
      this.directory = Files.createDirectories(directory).toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException("can't make " + directory, e);
    }
    this.portOffset = portOffset;
    this.environment = Map.copyOf(environment);
  }

  /**
   * Starts one and returns when all of it is ready. Topics and savepoints that an earlier cluster
   * left in the directory are there again.
   *
   * @param portOffset added to every default port; clusters 100 apart don't meet
   * @throws AssertionError with all that the start said, if it fails
   */
  public static LocalCluster start(Path directory, int portOffset, int taskManagers, int slots) {
    LocalCluster cluster = new LocalCluster(directory, portOffset);
    cluster.startAgain(taskManagers, slots);
    return cluster;
  }

  /** As {@link #start}, after whatever an earlier cluster left in the directory was thrown away. */
  public static LocalCluster startEmpty(
      Path directory, int portOffset, int taskManagers, int slots) {
    LocalCluster cluster = new LocalCluster(directory, portOffset);
    cluster.stop(); // A JVM that was killed could not stop its own.
    wipe(cluster.directory);
    cluster.startAgain(taskManagers, slots);
    return cluster;
  }

  /**
   * As {@link #startEmpty}, with settings of the broker's own.
   *
   * @param broker lines of its server.properties
   */
  public static LocalCluster startEmpty(
      Path directory, int portOffset, int taskManagers, int slots, List<String> broker) {
    return startEmpty(
        directory,
        portOffset,
        taskManagers,
        slots,
        Map.of("SLUICE_BROKER_PROPERTIES", String.join("\n", broker)));
  }

  /**
   * As {@link #startEmpty}, in an environment of its own.
   *
   * @param environment of its processes, and of every command on it
   */
  public static LocalCluster startEmpty(
      Path directory,
      int portOffset,
      int taskManagers,
      int slots,
      Map<String, String> environment) {
    LocalCluster cluster = new LocalCluster(directory, portOffset, environment);
    cluster.stop();
    wipe(cluster.directory);
    cluster.startAgain(taskManagers, slots);
    return cluster;
  }

  /**
   * Starts one with high availability: two JobManagers, of which the other one takes over when the
   * leading one dies, and a ZooKeeper.
   *
   * @param portOffset added to every default port; clusters 100 apart don't meet
   * @throws AssertionError with all that the start said, if it fails
   */
  public static LocalCluster startHa(Path directory, int portOffset, int taskManagers, int slots) {
    LocalCluster cluster = new LocalCluster(directory, portOffset);
    cluster
        .cluster("start", "--ha", "--taskmanagers", "" + taskManagers, "--slots", "" + slots)
        .requireSuccess();
    return cluster;
  }

  /**
   * The one cluster that the integration tests of a JVM share: 2 TaskManagers with 8 slots each,
   * empty at first, stopped when the JVM ends. Tests on it use topics and jobs of their own. Each
   * of the JVMs that run tests side by side has one, in a directory of its own.
   */
  public static LocalCluster shared() {
    return Shared.CLUSTER;
  }

  /**
   * The first port offset that tests in this JVM may use; the next JVM's is 1000 higher, and
   * SLUICE_PORT_OFFSET moves them all. With two JVMs every port stays below 32768, where Linux
   * takes the ports of outgoing connections from, for a SLUICE_PORT_OFFSET of up to 11500.
   */
  public static int firstTestOffset() {
    return 10_000
        + 1_000 * (FORK - 1)
        + Integer.parseInt(Objects.requireNonNullElse(System.getenv("SLUICE_PORT_OFFSET"), "0"));
  }

  /** Starts it with what its directory holds, after a {@link #stop()}. */
  public void startAgain(int taskManagers, int slots) {
    cluster("start", "--taskmanagers", "" + taskManagers, "--slots", "" + slots).requireSuccess();
  }

  /** Ends every process; what the directory holds stays. */
  public CommandResult stop() {
    return cluster("stop").requireSuccess();
  }

  @Override
  public void close() {
    stop();
  }

  /** Where everything of this cluster is, absolute. */
  public Path directory() {
    return directory;
  }

  /** Where checkpoints and savepoints may go: {@code file:} and the directory's path, unescaped. */
  public String directoryUri() {
    return "file://" + directory;
  }

  /** The broker, for a Kafka client. */
  public String bootstrapServers() {
    return "127.0.0.1:" + (9092 + portOffset);
  }

  /** Properties of a Kafka client for the broker. */
  public Properties kafkaClient() {
    Properties client = new Properties();
    client.put("bootstrap.servers", bootstrapServers());
    return client;
  }

  /** The JobManager's REST interface, no slash at the end. */
  public URI rest() {
    return URI.create("http://127.0.0.1:" + (8081 + portOffset));
  }

  /** Asks the JobManager; with high availability whichever answers, for the one that leads. */
  public FlinkRest flinkRest() {
    // Without high availability nothing listens at the second address.
    return new FlinkRest(List.of(rest(), URI.create("http://127.0.0.1:" + (8082 + portOffset))));
  }

  /**
   * The JobManager that leads, as soon as one does. Takes about half a second.
   *
   * @throws AssertionError if none comes to lead within 30 s
   */
  public LeadingJobManager leader() {
    return LeadingJobManager.parse(cluster("leader").requireSuccess().stdout());
  }

  /**
   * Waits until another JobManager than {@code old} leads, answers and knows the job; returns it.
   * The job itself may still be starting.
   */
  public LeadingJobManager awaitTakeover(LeadingJobManager old, String jobId) {
    Eventually.until(
        "another JobManager than " + old + " leads and knows job " + jobId,
        Duration.ofSeconds(90),
        () -> {
          LeadingJobManager leader = leader();
          return leader.pid() != old.pid()
              && new FlinkRest(leader.rest().toString()).jobs().contains(jobId);
        });
    return leader();
  }

  /** What {@code cluster status} says: 0 all up, 1 partly, 3 nothing runs. */
  public CommandResult status() {
    return cluster("status");
  }

  /** Runs Flink's own command line on this cluster. */
  public CommandResult flink(String... arguments) {
    return script("flink", Map.of(), arguments);
  }

  /** Runs the sluice command line with this cluster's directory and ports. */
  public CommandResult sluice(String... arguments) {
    return script("sluice", Map.of(), arguments);
  }

  /** Runs {@code deploy/local/cluster} for this cluster's directory and ports. */
  public CommandResult cluster(String... arguments) {
    return script("cluster", Map.of(), arguments);
  }

  /** {@code kill -9} for a TaskManager, numbered from 1. */
  public void killTaskManager(int number) {
    cluster("kill-tm", "" + number).requireSuccess();
  }

  /** Starts the TaskManager with the lowest number that is free; returns when it has registered. */
  public void startTaskManager() {
    cluster("start-tm").requireSuccess();
  }

  /** Starts again whichever TaskManager has died by itself. */
  public void startDeadTaskManagers() {
    Matcher down =
        Pattern.compile("(?m)^taskmanager-(\\d+) .* down$").matcher(cluster("status").stdout());
    while (down.find()) {
      cluster("start-tm", down.group(1)).requireSuccess();
    }
  }

  /** {@code kill -9} for the JobManager; with high availability for the one that leads. */
  public void killJobManager() {
    cluster("kill-jm").requireSuccess();
  }

  /**
   * Starts the JobManager again, with high availability the one that is missing; returns when it
   * answers and every TaskManager is back.
   */
  public void restartJobManager() {
    cluster("restart-jm").requireSuccess();
  }

  /** {@code kill -9} for the broker. */
  public void killBroker() {
    cluster("kill-broker").requireSuccess();
  }

  /** Starts the broker again, after a clean stop if it still runs; returns when it is ready. */
  public void restartBroker() {
    cluster("restart-broker").requireSuccess();
  }

  /**
   * The process ids of all that runs for this directory, found by the mark on their command lines.
   */
  public List<Long> processIds() {
    String mark = "-Dsluice.dir=" + directory;
    try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .filter(name -> name.chars().allMatch(Character::isDigit))
          .map(Long::valueOf)
          .filter(pid -> commandLine(pid).contains(mark))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("can't list /proc", e);
    }
  }

  /**
   * What freezes a process of this cluster: {@code broker}, {@code jobmanager}, {@code
   * taskmanager-1}.
   */
  public Freezer freezer(String role) {
    return new Freezer(processId(role));
  }

  /** {@code kill -9} for a process of this cluster, frozen or not; returns when it is gone. */
  public void kill(String role) throws InterruptedException {
    ProcessHandle process = ProcessHandle.of(processId(role)).orElseThrow();
    process.destroyForcibly();
    process.onExit().join();
  }

  private long processId(String role) {
    String mark = "-Dsluice.role=" + role;
    return processIds().stream()
        .filter(pid -> commandLine(pid).contains(mark))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + role + " runs in " + directory));
  }

  private static List<String> commandLine(long pid) {
    try {
      return List.of(Files.readString(Path.of("/proc/" + pid + "/cmdline")).split("\0"));
    } catch (IOException e) {
      return List.of(); // It ended in the meantime.
    }
  }

  /** Runs a script of {@code deploy/local} with more in its environment than this cluster's own. */
  public CommandResult script(String name, Map<String, String> more, String... arguments) {
    Map<String, String> all = new HashMap<>(environment);
    all.putAll(more);
    return Command.run(command(name, arguments), all, DEADLINE);
  }

  /** What is added to the environment of every command on this cluster. */
  public Map<String, String> environment() {
    return environment;
  }

  /** What runs a script of {@code deploy/local} for this cluster's directory and ports. */
  public List<String> command(String name, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(BASE.resolve("deploy/local").resolve(name).toString());
    command.addAll(List.of("--dir", directory.toString(), "--port-offset", "" + portOffset));
    command.addAll(List.of(arguments));
    return command;
  }

  /** A cluster that was not started, for tests of a start that must fail. */
  public static LocalCluster unstarted(Path directory, int portOffset) {
    return new LocalCluster(directory, portOffset);
  }

  private static void wipe(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("can't empty " + directory, e);
    }
  }

  /** Started by the first use of {@link #shared()}. */
  private static final class Shared {
    static final LocalCluster CLUSTER = start();

    private static LocalCluster start() {
      LocalCluster cluster =
          startEmpty(BASE.resolve("target/it-cluster-" + FORK), firstTestOffset(), 2, 8);
      Runtime.getRuntime().addShutdownHook(new Thread(cluster::stop, "stop the shared cluster"));
      return cluster;
    }
  }
}
