package dev.sluice.bench.contender;

import dev.sluice.settings.JobSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a contender gets on its command line, as {@code key=value}: its own keys begin with {@code
 * bench.}, settings of the job with {@code sluice.}, options of Flink with {@code flink.}.
 */
public record Assignment(Map<String, String> values) {

  private static final String FLINK = "flink.";
  private static final String JOB = "sluice.";
  private static final String NAME = "bench.name";
  private static final String DIRECTORY = "bench.directory";
  private static final String WORKERS = "bench.workers";
  private static final String COMMIT_MS = "bench.commit-ms";
  private static final String NATIVE_BYTES = "bench.native-bytes";
  private static final String STORE = "bench.store";

  public Assignment {
    values = new TreeMap<>(values);
  }

  /** An assignment to be given to a contender. */
  public static Assignment of(
      String name, Path directory, int workers, long commitMs, long nativeBytes) {
    Map<String, String> values = new TreeMap<>();
    values.put(NAME, name);
    values.put(DIRECTORY, directory.toString());
    values.put(WORKERS, "" + workers);
    values.put(COMMIT_MS, "" + commitMs);
    values.put(NATIVE_BYTES, "" + nativeBytes);
    return new Assignment(values);
  }

  /** Reads a command line. */
  static Assignment parse(String[] arguments) {
    Map<String, String> values = new TreeMap<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      if (equals <= 0) {
        throw new IllegalArgumentException("not key=value: (%s)".formatted(argument));
      }
      values.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    return new Assignment(values);
  }

  /** The same with more settings. */
  public Assignment with(Map<String, String> more) {
    Map<String, String> all = new TreeMap<>(values);
    all.putAll(more);
    return new Assignment(all);
  }

  /** The command line that {@link #parse} reads. */
  public List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    values.forEach((key, value) -> arguments.add(key + "=" + value));
    return arguments;
  }

  /** Prefix of what the contender names: groups, transactions. */
  String name() {
    return value(NAME);
  }

  /** Where it may write. */
  Path directory() {
    return Path.of(value(DIRECTORY));
  }

  /** Threads that do the work; the input has as many partitions. */
  int workers() {
    return Integer.parseInt(value(WORKERS));
  }

  /** Milliseconds between two commits. */
  long commitMs() {
    return Long.parseLong(value(COMMIT_MS));
  }

  /** What RocksDB may take outside the heap. */
  public long nativeBytes() {
    return Long.parseLong(value(NATIVE_BYTES));
  }

  /** Whether the state is kept in RocksDB, for programs that know both. */
  boolean onDisk() {
    return values.getOrDefault(STORE, "rocksdb").equals("rocksdb");
  }

  /** The job's settings. */
  JobSettings job() {
    return JobSettings.of(jobSettings());
  }

  /** The job's settings by their keys. */
  Map<String, String> jobSettings() {
    Map<String, String> settings = new TreeMap<>();
    values.forEach(
        (key, value) -> {
          if (key.startsWith(JOB)) {
            settings.put(key, value);
          }
        });
    return settings;
  }

  /** Options of Flink by their keys. */
  Map<String, String> flinkOptions() {
    Map<String, String> options = new TreeMap<>();
    values.forEach(
        (key, value) -> {
          if (key.startsWith(FLINK)) {
            options.put(key.substring(FLINK.length()), value);
          }
        });
    return options;
  }

  private String value(String key) {
    String value = values.get(key);
    if (value == null) {
      throw new IllegalArgumentException("argument %s is missing".formatted(key));
    }
    return value;
  }
}
