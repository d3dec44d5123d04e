package dev.sluice.bench.throughput;

import dev.sluice.bench.contender.Assignment;
import dev.sluice.support.cluster.JobTopics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/**
 * A contender's process with its topics and its folder, for one run; only its log stays. What every
 * contender gets is the same, but for {@link Contender#settings()}.
 */
public final class Workplace implements AutoCloseable {

  /** Between two commits. */
  public static final long COMMIT_MS = 2_000;

  private final BenchBroker broker;
  private final String name;
  private final Path folder;
  private final JobTopics topics;
  private final ContenderProcess process;

  private Workplace(
      BenchBroker broker, String name, Path folder, JobTopics topics, ContenderProcess process) {
    this.broker = broker;
    this.name = name;
    this.folder = folder;
    this.topics = topics;
    this.process = process;
  }

  /**
   * Starts a contender.
   *
   * @param name of the run, unique
   * @param events the topic that it reads from its begin
   * @param directory where folder and log go
   */
  static Workplace start(
      BenchBroker broker,
      BenchOptions options,
      Contender contender,
      String name,
      String events,
      Path directory)
      throws Exception {
    JobTopics topics = broker.create(events, name);
    Path folder = directory.resolve(name).toAbsolutePath();
    Files.createDirectories(folder.resolve("tmp"));
    Assignment assignment =
        Assignment.of(
                name,
                folder,
                BenchBroker.PARTITIONS,
                COMMIT_MS,
                (long) options.memory().nativeMib() << 20)
            .with(jobSettings(broker.bootstrapServers(), name, topics))
            .with(contender.settings())
            .with(champion(contender, options, directory));
    Path log = directory.resolve(name + ".log");
    return new Workplace(
        broker,
        name,
        folder,
        topics,
        ContenderProcess.start(contender, assignment, options.memory(), log));
  }

  private static Map<String, String> champion(
      Contender contender, BenchOptions options, Path directory) throws IOException {
    if (!contender.hasChampion()) {
      return Map.of();
    }
    Path file = directory.resolve("champion.tribuo");
    return Map.of(
        "sluice.champion.uri",
        BenchChampion.train(options.stream(), file).toAbsolutePath().toUri().toString());
  }

  /** The settings of a contender's job, the same for all of them. */
  public static Map<String, String> jobSettings(String brokers, String name, JobTopics topics) {
    Map<String, String> settings = new TreeMap<>(learning());
    settings.put("sluice.job.name", name);
    settings.put("sluice.kafka.bootstrap-servers", brokers);
    settings.put("sluice.kafka.group-id", name);
    settings.put("sluice.sink.transactional-id-prefix", name);
    settings.put("sluice.sink.transaction-timeout", "15 min");
    settings.put("sluice.topics.events", topics.events());
    settings.put("sluice.topics.predictions", topics.predictions());
    settings.put("sluice.topics.evaluations", topics.evaluations());
    settings.put("sluice.topics.deferred", topics.deferred());
    settings.put("sluice.topics.dead-letters", topics.deadLetters());
    settings.put("sluice.topics.control", topics.control());
    settings.put("sluice.topics.control-log", topics.controlLog());
    return settings;
  }

  /** What is learned, for settings that are used without a broker, too. */
  static Map<String, String> learning() {
    return Map.of(
        "sluice.kafka.bootstrap-servers", "127.0.0.1:1",
        "sluice.model.objective", "log",
        "sluice.model.labels", String.join(",", BenchStream.LABELS));
  }

  JobTopics topics() {
    return topics;
  }

  ContenderProcess process() {
    return process;
  }

  /**
   * Fails if the process has ended.
   *
   * @throws RefusedRun with the end of its output
   */
  void requireAlive() throws RefusedRun, IOException {
    if (!process.isAlive()) {
      throw new RefusedRun("its process ended; its last words:\n" + process.lastWords());
    }
  }

  @Override
  public void close() throws IOException, ExecutionException {
    process.close();
    try {
      broker.deleteTopics(name);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
