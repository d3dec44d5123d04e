package dev.sluice.bench.stop;

import dev.sluice.bench.stop.StopOptions.Only;
import dev.sluice.bench.stop.Way.Format;
import dev.sluice.bench.throughput.ContenderProcess;
import dev.sluice.bench.throughput.Machine;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The command {@code deploy/local/bench --stop}. */
public final class StopBench {

  /** Of the JVM of Kafka Streams; the TaskManager's is about as large. */
  static final int HEAP_MIB = 2048;

  /** What RocksDB of either side may take. */
  static final int NATIVE_MIB = 1024;

  private static final Path RESULTS = Path.of("target", "bench");
  private static final int PORT_OFFSET = 900;

  private final StopOptions options;
  private final LocalCluster cluster;
  private final SluiceSide sluice;
  private final StreamsSide streams;
  private final List<Trial> trials = new ArrayList<>();
  private int loads;

  private StopBench(StopOptions options, LocalCluster cluster) throws Exception {
    this.options = options;
    this.cluster = cluster;
    this.sluice = new SluiceSide(cluster);
    this.streams = new StreamsSide(cluster, RESULTS);
  }

  /** Exit code 0: measured; 2: wrong usage. */
  public static void main(String[] arguments) throws Exception {
    StopOptions options;
    try {
      options = StopOptions.parse(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println("bench: " + e.getMessage());
      System.exit(2);
      return;
    }
    try (LocalCluster cluster =
        LocalCluster.startEmpty(
            Files.createDirectories(RESULTS).resolve("stop-cluster"),
            LocalCluster.firstTestOffset() + PORT_OFFSET,
            1,
            Observed.PARTITIONS,
            Map.of(
                "SLUICE_TASKMANAGER_MEMORY",
                "4096m",
                "SLUICE_FLINK_PROPERTIES",
                "taskmanager.memory.managed.size: %sm".formatted(NATIVE_MIB)))) {
      StopBench bench = new StopBench(options, cluster);
      bench.run();
    }
    System.exit(0);
  }

  private void run() throws Exception {
    Map<String, String> machine = Machine.facts();
    int filled = 0;
    for (int keys : options.keys()) {
      long begun = System.nanoTime();
      if (options.only() != Only.STREAMS) {
        sluice.fill(filled, keys);
      }
      double its = (System.nanoTime() - begun) / 1e9;
      if (options.only() != Only.SLUICE) {
        streams.fill(filled, keys);
      }
      System.out.printf(
          Locale.ROOT,
          "%,d keys have models, after %.0f s in Sluice and %.0f s in Kafka Streams%n",
          keys,
          its,
          (System.nanoTime() - begun) / 1e9 - its);
      filled = keys;
      for (int round = 1; round <= options.rounds(keys); round++) {
        if (round % 2 == 1) {
          sluice(keys, round);
          streams(keys, round);
        } else {
          streams(keys, round);
          sluice(keys, round);
        }
      }
      StopReport report = new StopReport(machine, options, trials);
      System.out.printf("%n%s%n%s%n%n", report.text(), report.write(RESULTS));
    }
  }

  /** A measurement: what it does, and where its figures go. */
  private interface Measurement<T> {
    T measure(Map<Figure, Double> figures) throws Exception;
  }

  private <T> T trial(Way way, int keys, int round, Measurement<T> measurement) throws Exception {
    double load = Machine.load();
    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    T result = measurement.measure(figures);
    Trial trial = new Trial(way, keys, round, load, figures);
    trials.add(trial);
    System.out.println(StopReport.line(trial));
    return result;
  }

  private Observed observe(JobTopics topics, int keys) {
    return new Observed(cluster.bootstrapServers(), topics, keys, options.perSecond(), ++loads);
  }

  private void sluice(int keys, int round) throws Exception {
    if (options.only() == Only.STREAMS) {
      return;
    }
    JobUnderTest job = sluice.resumed();
    try (Observed observed = observe(sluice.topics(), keys)) {
      for (Format format : Format.values()) {
        observed.awaitSteady();
        JobUnderTest first = job;
        JobUnderTest second =
            trial(
                Way.of("FLINK", format),
                keys,
                round,
                figures -> sluice.restart(first, format, observed, figures));
        observed.awaitSteady();
        job =
            trial(
                Way.of("DRILL", format),
                keys,
                round,
                figures -> sluice.drill(second, format, observed, figures));
      }
      observed.awaitSteady();
    }
    sluice.stop(job);
  }

  private void streams(int keys, int round) throws Exception {
    if (options.only() == Only.SLUICE) {
      return;
    }
    ContenderProcess process = streams.start();
    try (Observed observed = observe(streams.topics(), keys)) {
      for (Way way : List.of(Way.STREAMS_DIRECTORY, Way.STREAMS_CHANGELOG)) {
        observed.awaitSteady();
        ContenderProcess before = process;
        process =
            trial(
                way,
                keys,
                round,
                figures ->
                    streams.restart(before, way == Way.STREAMS_DIRECTORY, observed, figures));
      }
      observed.awaitSteady();
    } finally {
      process.terminate();
      process.close();
    }
  }
}
