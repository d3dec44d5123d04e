package dev.sluice.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.management.OperatingSystemMXBean;
import dev.sluice.event.Event;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Features;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Target;
import dev.sluice.job.OperatorAlone;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.util.FileUtils;

/**
 * What an event costs in the keyed operator, its state and its timers included, without Kafka and
 * without the decoder. Each outcome comes a number of events after its observation. Runs in Flink's
 * harness, with RocksDB as {@code flink-conf/config.yaml} configures it, and with the class path of
 * the tests and the {@code --add-opens} of {@code pom.xml}:
 *
 * <pre>
 * java -Xmx1g -cp … dev.sluice.bench.KeyedStateBench keys=200000 skew=0 rounds=3 bloom=true
 * </pre>
 *
 * <p>Prints for each round the CPU time of the process and of the task's thread, each in
 * microseconds an event, the first third of the events left out, and how much of the task's time
 * each writing back of the cache before a checkpoint takes. Two versions of the operator are
 * compared by running both programs by turns. Other arguments: {@code backend=heap}, {@code
 * events=600000}, {@code delay=20000} (events between an observation and its outcome), {@code
 * flush=100000} (events between two checkpoints), {@code timeout=7d}, {@code turns=true} (each key
 * comes before any comes again), {@code sizes=true} (what a key takes), and any setting of the job.
 */
@SuppressWarnings("try") // Flink's harness declares close() to throw any exception
public final class KeyedStateBench {

  private static final String[] NAMES = {"airport", "carrier", "distance", "dow", "hour", "month"};
  private static final byte[] VALUE = new byte[180];
  private static final int EVENTS_A_WATERMARK = 200;

  /** A prime: its multiples come to each key before they come to one again. */
  private static final long STRIDE = 2_654_435_761L;

  private static final int SAMPLED_KEYS = 10_000;

  private final Map<String, String> arguments;
  private final int events;
  private final int keys;
  private final int delay;
  private final int flush;
  private final boolean turns;
  private final double[] cumulated;

  private KeyedStateBench(Map<String, String> arguments) {
    this.arguments = arguments;
    events = Integer.parseInt(arguments.getOrDefault("events", "600000"));
    keys = Integer.parseInt(arguments.getOrDefault("keys", "1000"));
    delay = Integer.parseInt(arguments.getOrDefault("delay", "20000"));
    flush = Integer.parseInt(arguments.getOrDefault("flush", "100000"));
    turns = Boolean.parseBoolean(arguments.getOrDefault("turns", "false"));
    double skew = Double.parseDouble(arguments.getOrDefault("skew", "0"));
    cumulated = new double[turns ? 0 : keys];
    double sum = 0;
    for (int i = 0; i < cumulated.length; i++) {
      sum += Math.pow(i + 1.0, -skew);
      cumulated[i] = sum;
    }
  }

  public static void main(String[] args) throws Exception {
    Map<String, String> arguments = new HashMap<>();
    for (String argument : args) {
      int at = argument.indexOf('=');
      arguments.put(argument.substring(0, at), argument.substring(at + 1));
    }
    int rounds = Integer.parseInt(arguments.getOrDefault("rounds", "3"));
    for (int round = 0; round < rounds; round++) {
      new KeyedStateBench(arguments).round();
    }
  }

  private void round() throws Exception {
    Path directory = Files.createTempDirectory("keyed-state");
    try (OperatorAlone task = new OperatorAlone(settings(), backend(directory))) {
      task.open();
      SplittableRandom random = new SplittableRandom(7);
      int[] keyOf = new int[delay / 2];
      long processCpu = 0;
      long threadCpu = 0;
      long flushCpu = 0;
      int flushes = 0;
      for (int i = 0; i < events; i++) {
        if (i == events / 3) {
          processCpu = processCpu();
          threadCpu = threadCpu();
        }
        int pair = i / 2;
        boolean observes = i % 2 == 0;
        if (observes || pair < keyOf.length) {
          int key = turns ? (int) (pair * STRIDE % keys) : draw(random);
          if (observes) {
            // Its slot held the pair whose outcome has just come.
            keyOf[pair % keyOf.length] = key;
            task.processElement1(observation(i, pair, key, random), i);
          }
        } else {
          int of = pair - keyOf.length + 1;
          task.processElement1(outcome(i, of, keyOf[of % keyOf.length]), i);
        }
        if (i % EVENTS_A_WATERMARK == 0) {
          task.processWatermark1(new Watermark(i - 1L));
          task.getOutput().clear();
        }
        if (i % flush == flush - 1) {
          long began = threadCpu();
          task.prepareSnapshotPreBarrier(i);
          if (i > events / 3) {
            flushCpu += threadCpu() - began;
            flushes++;
          }
        }
      }
      int counted = events - events / 3;
      System.out.printf(
          Locale.ROOT,
          "process %.2f us, task %.2f us, of it %d flushes of %.1f ms%n",
          (processCpu() - processCpu) / 1e3 / counted,
          (threadCpu() - threadCpu) / 1e3 / counted,
          flushes,
          flushes == 0 ? 0 : flushCpu / 1e6 / flushes);
      if (Boolean.parseBoolean(arguments.getOrDefault("sizes", "false"))) {
        printSizes(task, directory);
      }
    } finally {
      FileUtils.deleteDirectory(directory.toFile());
    }
  }

  /** After a flush: of the state, the files and the heap. */
  private void printSizes(OperatorAlone task, Path directory) throws Exception {
    task.prepareSnapshotPreBarrier(events);
    long disk = bytesBelow(directory);
    double model = 0;
    int sampled = Math.min(keys, SAMPLED_KEYS);
    for (int i = 0; i < sampled; i++) {
      model += task.storedModelBytes("key-" + (int) (i * STRIDE % keys)) / (double) sampled;
    }
    long peak = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      peak += pool.getType() == MemoryType.HEAP ? pool.getPeakUsage().getUsed() : 0;
    }
    System.gc();
    Runtime heap = Runtime.getRuntime();
    System.out.printf(
        Locale.ROOT,
        "a key: model %.0f bytes, files %.0f bytes; all files %,d bytes; heap at most %,d MiB of %,d, at last %,d%n",
        model,
        disk / (double) keys,
        disk,
        peak >> 20,
        heap.maxMemory() >> 20,
        (heap.totalMemory() - heap.freeMemory()) >> 20);
  }

  private static long bytesBelow(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.map(Path::toFile).filter(File::isFile).mapToLong(File::length).sum();
    }
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    settings.put("sluice.outcome.timeout", arguments.getOrDefault("timeout", "7d"));
    arguments.forEach(
        (name, value) -> {
          if (name.startsWith("sluice.")) {
            settings.put(name, value);
          }
        });
    return settings;
  }

  private StateBackend backend(Path directory) {
    if (arguments.getOrDefault("backend", "rocksdb").equals("heap")) {
      return new HashMapStateBackend();
    }
    Configuration flink = new Configuration();
    flink.setString("state.backend.rocksdb.memory.fixed-per-slot", "128mb");
    flink.setString("state.backend.rocksdb.timer-service.factory", "ROCKSDB");
    flink.setString(
        "state.backend.rocksdb.use-bloom-filter", arguments.getOrDefault("bloom", "true"));
    EmbeddedRocksDBStateBackend rocksDb =
        new EmbeddedRocksDBStateBackend(true)
            .configure(flink, KeyedStateBench.class.getClassLoader());
    rocksDb.setDbStoragePath(directory.toString());
    return rocksDb;
  }

  private int draw(SplittableRandom random) {
    double at = random.nextDouble() * cumulated[keys - 1];
    int low = 0;
    int high = keys - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (cumulated[middle] <= at) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static Event observation(int at, int pair, int key, SplittableRandom random) {
    String[] texts = {
      "airport-" + random.nextInt(50), "carrier-" + random.nextInt(12), null, null, null, null
    };
    double[] numbers = {
      0, 0, 100 + random.nextInt(3_000), random.nextInt(7), random.nextInt(24), random.nextInt(12)
    };
    String name = "key-" + key;
    return new Observation(
        raw(at, name), "pair-" + pair, name, at, new Features(NAMES, texts, numbers));
  }

  private static Event outcome(int at, int pair, int key) {
    String name = "key-" + key;
    String label = (key + pair / 3) % 2 == 0 ? "late" : "ontime";
    return new Outcome(raw(at, name), "pair-" + pair, name, at, new Target.Label(label));
  }

  private static RawRecord raw(int at, String key) {
    return new RawRecord(new Origin("sluice.events", 0, at), at, key.getBytes(UTF_8), VALUE);
  }

  private static long processCpu() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  private static long threadCpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
