package dev.sluice.bench.stop;

import dev.sluice.bench.contender.Assignment;
import dev.sluice.bench.throughput.BenchStream;
import dev.sluice.bench.throughput.ContenderProcess;
import dev.sluice.bench.throughput.Workplace;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.Lag;
import dev.sluice.support.cluster.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/** Kafka Streams with the same stores: filled, closed, started again. */
final class StreamsSide {

  private static final String NAME = "stop-streams";
  private static final Duration FILLING = Duration.ofMinutes(30);

  private final LocalCluster cluster;
  private final JobTopics topics;
  private final Assignment assignment;
  private final Path folder;
  private final Path log;

  StreamsSide(LocalCluster cluster, Path directory) throws Exception {
    this.cluster = cluster;
    this.topics = JobTopics.named(NAME).create(cluster.bootstrapServers(), Observed.PARTITIONS);
    this.folder = Files.createDirectories(directory.resolve(NAME)).toAbsolutePath();
    this.log = directory.resolve(NAME + ".log");
    delete(folder);
    this.assignment =
        Assignment.of(
                NAME,
                folder,
                Observed.PARTITIONS,
                Workplace.COMMIT_MS,
                (long) StopBench.NATIVE_MIB << 20)
            .with(Workplace.jobSettings(cluster.bootstrapServers(), NAME, topics));
  }

  JobTopics topics() {
    return topics;
  }

  ContenderProcess start() throws IOException {
    return ContenderProcess.startStreams(assignment, StopBench.HEAP_MIB, log);
  }

  /** Gives each of these keys a model. */
  void fill(int first, int end) throws Exception {
    ContenderProcess process = start();
    try {
      SteadyLoad.sendAll(
          cluster.bootstrapServers(),
          topics.events(),
          BenchStream.ofEachKey(first, end, System.currentTimeMillis()));
      Lag.awaitNone(cluster.bootstrapServers(), NAME, topics.events(), FILLING);
      process.terminate();
    } finally {
      process.close();
    }
  }

  /**
   * Closes it and starts it again.
   *
   * @param keepsDirectory whether its state is still there
   */
  ContenderProcess restart(
      ContenderProcess process,
      boolean keepsDirectory,
      Observed observed,
      Map<Figure, Double> figures)
      throws Exception {
    long requested = System.nanoTime();
    process.terminate();
    figures.put(Figure.ENDED, (System.nanoTime() - requested) / 1e9);
    if (!keepsDirectory) {
      delete(folder.resolve("streams"));
    }
    ContenderProcess again = start();
    figures.put(Figure.SILENT, observed.silence(requested));
    return again;
  }

  private static void delete(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
