package dev.sluice.bench;

import dev.sluice.event.ServedBy;
import dev.sluice.features.ScalerState;
import dev.sluice.model.ModelSettings;
import dev.sluice.model.ModelState;
import dev.sluice.model.Objective;
import dev.sluice.model.OnlineModel;
import dev.sluice.model.Optimiser;
import dev.sluice.ops.snapshot.ModelCheck;
import dev.sluice.ops.snapshot.Snapshot;
import dev.sluice.support.WrittenSnapshot;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;

/**
 * How long the check of every model in a savepoint takes, and how much heap. Both programs run with
 * the tests' class path, for instance from {@code mvn dependency:build-classpath}:
 *
 * <pre>
 * java -Xmx1g   -cp … dev.sluice.bench.SnapshotBench write DIRECTORY 1000000
 * java -Xmx512m -cp … dev.sluice.bench.SnapshotBench check SAVEPOINT
 * </pre>
 *
 * <p>The first one writes a savepoint in the canonical format out of RocksDB, each model 1.6 kB,
 * and prints its path. The second one checks it three times and prints each time, with the most
 * heap that was in use, garbage included, and what is live afterwards.
 */
public final class SnapshotBench {

  private static final int WIDTH = 32;
  private static final int RUNS = 3;

  private SnapshotBench() {}

  public static void main(String[] args) throws Exception {
    if (args.length == 3 && args[0].equals("write")) {
      write(Path.of(args[1]), Integer.parseInt(args[2]));
    } else if (args.length == 2 && args[0].equals("check")) {
      for (int run = 0; run < RUNS; run++) {
        check(args[1]);
      }
    } else {
      throw new IllegalArgumentException("write DIRECTORY KEYS, or check SAVEPOINT");
    }
  }

  private static void write(Path directory, int keys) throws Exception {
    Files.createDirectories(directory);
    OnlineModel online = new OnlineModel(settings(), null);
    Random random = new Random(1);
    try (WrittenSnapshot written =
        new WrittenSnapshot(
            directory,
            new EmbeddedRocksDBStateBackend(),
            false,
            new WrittenSnapshot.Meaning(online.description(), null))) {
      for (int i = 0; i < keys; i++) {
        written.key("entity-" + i, model(random), Map.of());
      }
      System.out.println(
          written.take(
              CheckpointProperties.forSyncSavepoint(false, false, SavepointFormatType.CANONICAL)));
    }
  }

  /** Two labels, 32 columns: 1.1 kB of weights and accumulators, 0.5 kB of a used scaler. */
  private static ModelState model(Random random) {
    double[][] weights = new double[2][WIDTH + 1];
    double[][][] accumulators = new double[1][2][WIDTH + 1];
    ScalerState scaler = new ScalerState(WIDTH);
    for (int i = 0; i <= WIDTH; i++) {
      weights[0][i] = random.nextGaussian();
      weights[1][i] = -weights[0][i];
      accumulators[0][0][i] = 1 + random.nextDouble();
      accumulators[0][1][i] = accumulators[0][0][i];
    }
    for (int i = 0; i < 18; i++) {
      scaler.count[i] = 1L + random.nextInt(100);
      scaler.mean[i] = random.nextGaussian();
      scaler.m2[i] = random.nextDouble();
    }
    ModelState model = new ModelState(weights, accumulators, scaler, ServedBy.CHALLENGER);
    model.predictions = 10;
    model.evaluations = 9;
    model.updates = 9;
    model.challengerLossSum = 3;
    model.lossWeight = 8.9;
    return model;
  }

  private static void check(String savepoint) throws Exception {
    heapPools().forEach(MemoryPoolMXBean::resetPeakUsage);
    long began = System.nanoTime();
    ModelCheck check = Snapshot.open(savepoint).models().check();
    double seconds = (System.nanoTime() - began) / 1e9;
    long peak = heapPools().stream().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
    System.gc();
    long live = heapPools().stream().mapToLong(pool -> pool.getUsage().getUsed()).sum();
    System.out.printf(
        Locale.ROOT,
        "%,d keys, %,d bytes of models, %s problems: %.1f s, %,.0f keys/s, peak heap %,d MB, then live %,d MB of at most %,d MB%n",
        check.totals().keys(),
        check.totals().bytes(),
        check.problems().size(),
        seconds,
        check.totals().keys() / seconds,
        peak >> 20,
        live >> 20,
        Runtime.getRuntime().maxMemory() >> 20);
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
