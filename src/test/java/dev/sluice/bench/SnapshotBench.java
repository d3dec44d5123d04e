package dev.sluice.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.sluice.event.ServedBy;
import dev.sluice.features.ScalerState;
import dev.sluice.model.ModelSettings;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import dev.sluice.model.ModelState;
import dev.sluice.model.OnlineModel;
import dev.sluice.support.ModelStates;
import dev.sluice.support.WrittenSnapshot;
import dev.sluice.tool.savepoint.ModelCheck;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.WholeRead;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;

/**
 * How long the proof of a savepoint takes, every file and every model, and how much memory. Both
 * programs run with the tests' class path, for instance from {@code mvn
 * dependency:build-classpath}:
 *
 * <pre>
 * java -Xmx1g   -cp … dev.sluice.bench.SnapshotBench write DIRECTORY 3000000 native
 * java -Xmx256m -cp … dev.sluice.bench.SnapshotBench check SAVEPOINT
 * </pre>
 *
 * <p>The first one writes a savepoint out of RocksDB, in its own format or the canonical one, each
 * model 1.6 kB, and prints its path. The second one proves it and prints the time, the most heap
 * that was in use, garbage included, and the most memory of the whole process, RocksDB's too
 * ({@code VmHWM}). {@code check SAVEPOINT 3} proves it three times.
 */
public final class SnapshotBench {

  private static final int WIDTH = 32;

  private SnapshotBench() {}

  public static void main(String[] args) throws Exception {
    if (args.length == 4 && args[0].equals("write")) {
      write(
          Path.of(args[1]),
          Integer.parseInt(args[2]),
          SavepointFormatType.valueOf(args[3].toUpperCase(Locale.ROOT)));
    } else if (args.length >= 2 && args[0].equals("check")) {
      int runs = args.length > 2 ? Integer.parseInt(args[2]) : 1;
      for (int run = 0; run < runs; run++) {
        check(args[1]);
      }
    } else {
      throw new IllegalArgumentException(
          "write DIRECTORY KEYS native|canonical, or check SAVEPOINT [RUNS]");
    }
  }

  private static void write(Path directory, int keys, SavepointFormatType format) throws Exception {
    Files.createDirectories(directory);
    OnlineModel online = new OnlineModel(settings(), null);
    Random random = new Random(1);
    EmbeddedRocksDBStateBackend backend = new EmbeddedRocksDBStateBackend(true);
    backend.getMemoryConfiguration().setFixedMemoryPerSlot(MemorySize.ofMebiBytes(512));
    try (WrittenSnapshot written =
        new WrittenSnapshot(
            directory, backend, false, new WrittenSnapshot.Meaning(online.description(), null))) {
      for (int i = 0; i < keys; i++) {
        written.key("entity-" + i, model(random), Map.of());
      }
      System.out.println(written.take(CheckpointProperties.forSyncSavepoint(false, false, format)));
    }
  }

  /** Two labels, 32 columns: 1.1 kB of weights and accumulators, 0.5 kB of a used scaler. */
  private static ModelState model(Random random) {
    double[][] weights = new double[2][WIDTH + 1];
    double[][][] accumulators = new double[1][2][WIDTH + 1];
    for (int i = 0; i <= WIDTH; i++) {
      weights[0][i] = random.nextGaussian();
      weights[1][i] = -weights[0][i];
      accumulators[0][0][i] = 1 + random.nextDouble();
      accumulators[0][1][i] = accumulators[0][0][i];
    }
    int numbers = 18;
    ScalerState scaler =
        new ScalerState(
            IntStream.range(0, numbers).toArray(),
            LongStream.range(0, numbers).map(i -> 1L + random.nextInt(100)).toArray(),
            IntStream.range(0, numbers).mapToDouble(i -> random.nextGaussian()).toArray(),
            IntStream.range(0, numbers).mapToDouble(i -> random.nextDouble()).toArray());
    ModelState model = ModelStates.dense(weights, accumulators, scaler, ServedBy.CHALLENGER);
    model.predictions = 10;
    model.evaluations = 9;
    model.updates = 9;
    model.challengerLossSum = 3;
    model.lossWeight = 8.9;
    return model;
  }

  private static void check(String savepoint) throws Exception {
    heapPools().forEach(MemoryPoolMXBean::resetPeakUsage);
    long cpuBefore = cpuNanos();
    long began = System.nanoTime();
    Snapshot snapshot = Snapshot.open(savepoint);
    WholeRead.Result read =
        WholeRead.of(
            snapshot,
            (done, all) ->
                System.err.printf(
                    Locale.ROOT, "%,d of %,d MB read%n", done / 1_000_000, all / 1_000_000));
    ModelCheck check = read.models();
    double seconds = (System.nanoTime() - began) / 1e9;
    double cpuSeconds = (cpuNanos() - cpuBefore) / 1e9;
    long peak = heapPools().stream().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
    long bytes = read.files().files().stream().mapToLong(file -> file.bytes()).sum();
    System.out.printf(
        Locale.ROOT,
        "%s: %s files, %,d bytes; %,d keys, %s problems: %.1f s, %.1f s of CPU, %,.0f keys/s, "
            + "%,.0f MB/s; peak heap %,d MB of at most %,d MB, process %s%n",
        snapshot.canonical() ? "canonical" : "native",
        read.files().files().size(),
        bytes,
        check.totals().keys(),
        check.problems().size() + read.files().problems().size(),
        seconds,
        cpuSeconds,
        check.totals().keys() / seconds,
        bytes / 1e6 / seconds,
        peak >> 20,
        Runtime.getRuntime().maxMemory() >> 20,
        mostMemory());
  }

  /** Of this whole process, so that a machine with other load can be recognised. */
  private static long cpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean process
        ? process.getProcessCpuTime()
        : 0;
  }

  /** As Linux counts it: what was in memory at once of this process. */
  private static String mostMemory() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .findFirst()
          .map(line -> line.replaceAll("\\s+", " "))
          .orElse("unknown");
    }
  }

  private static List<MemoryPoolMXBean> heapPools() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .toList();
  }

  private static ModelSettings settings() {
    return new ModelSettings(
        Objective.LOG,
        1,
        Optimiser.ADAGRAD,
        ModelSettings.Rates.defaults(),
        List.of("ontime", "late"),
        WIDTH,
        ModelSettings.Serving.defaults());
  }
}
