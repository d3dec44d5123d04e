package dev.sluice.cli;

import dev.sluice.cli.Context.Place;
import dev.sluice.ops.receipt.ReceiptKeys;
import dev.sluice.ops.stop.KnownPlaces;
import dev.sluice.ops.stop.ShellWords;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How a verb reaches Flink, Kafka and the journal: the same flags on every verb that reaches any of
 * them. A flag goes before the environment, which goes before the context in use, which goes before
 * the default; a context that is named on the command line goes before the environment, too. A verb
 * with this mixin names {@link SettingFlags} as its preprocessor.
 */
final class Connection {

  private static final String SERVERS = "sluice.kafka.bootstrap-servers";
  private static final String PROPERTIES = "sluice.kafka.properties.";

  @Mixin final ClusterOptions cluster = new ClusterOptions();
  @Mixin final KafkaOptions kafka = new KafkaOptions();
  @Mixin final JobArguments job = new JobArguments();

  private final Chosen chosen = new Chosen();

  /** Of a verb that signs receipts; null of any other. */
  @Nullable SigningKey signing;

  /** Of a verb that may have to check a receipt without being able to sign; null of any other. */
  @Nullable CheckingKey checking;

  Connection() {
    cluster.chosen = chosen;
    kafka.chosen = chosen;
    job.chosen = chosen;
  }

  @Option(
      names = "--context",
      paramLabel = "NAME",
      description = "Take these from there: see sluice context.")
  void context(String name) {
    chosen.context = name;
  }

  /** What is set one by one: settings, and the brokers if a flag names them. */
  Map<String, String> flags() {
    Map<String, String> flags = new HashMap<>(job.flags);
    if (kafka.bootstrapServers != null) {
      flags.putIfAbsent(SERVERS, kafka.bootstrapServers);
    }
    return flags;
  }

  /** What the files say: the settings', and what a flag's file of Kafka properties adds. */
  Map<String, String> files(Map<String, String> environment) {
    return withProperties(job.fromFile(environment), environment);
  }

  /** What a job that tells its settings keeps to itself, and what is given one by one. */
  Map<String, String> besideThoseOfAJob(Map<String, String> environment) {
    Map<String, String> settings = job.besideThoseOfAJob(environment);
    Map<String, String> all = withProperties(settings, environment);
    all.putAll(flags());
    return all;
  }

  /** The places that a receipt may name: those of the operator, and of the journal's stops. */
  KnownPlaces knownPlaces(Map<String, String> environment) {
    return new KnownPlaces(flags(), files(environment), cluster.journal(environment));
  }

  /**
   * The keys of signed receipts, as far as the verb takes them.
   *
   * @throws UncheckedIOException if one can't be used
   */
  ReceiptKeys keys(Map<String, String> environment) {
    try {
      return ReceiptKeys.of(
          signing == null ? null : file(signing.file, Place.SIGN, environment),
          checking == null ? null : file(checking.file, Place.VERIFY_KEY, environment));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private @Nullable Path file(@Nullable Path flag, Place place, Map<String, String> environment) {
    Chosen.Given given = flag != null ? null : chosen.of(place, environment, false);
    return given == null ? flag : Path.of(given.value());
  }

  private Map<String, String> withProperties(
      Map<String, String> settings, Map<String, String> environment) {
    Map<String, String> all = new HashMap<>(settings);
    Properties more = kafka.fromFile(environment);
    more.stringPropertyNames()
        .forEach(
            key -> {
              if (!key.equals("bootstrap.servers")) { // which the job tells, or a flag
                all.put(PROPERTIES + key, more.getProperty(key));
              }
            });
    return all;
  }

  /**
   * The flags that make another command reach the same: those that were given, with absolute paths.
   * What comes from the environment, or from a context that is in use, stays unsaid.
   */
  List<String> words() {
    List<String> words = new ArrayList<>();
    if (chosen.context != null) {
      words.addAll(List.of("--context", chosen.context));
    }
    if (!cluster.rest.isEmpty()) {
      words.addAll(List.of("--rest", String.join(",", cluster.rest)));
    }
    add(words, "--journal", cluster.journal);
    add(words, "--settings", job.file);
    if (kafka.bootstrapServers != null) {
      words.addAll(List.of("--bootstrap-servers", kafka.bootstrapServers));
    }
    add(words, "--kafka-properties", kafka.file);
    add(words, "--sign", signing == null ? null : signing.file);
    add(words, "--verify-key", checking == null ? null : checking.file);
    return words;
  }

  static void add(List<String> words, String flag, @Nullable Path file) {
    if (file != null) {
      words.addAll(List.of(flag, file.toAbsolutePath().normalize().toString()));
    }
  }

  /** The command that resumes from a receipt or a snapshot, to be pasted into a shell. */
  String resume(String from, @Nullable Path jar) {
    List<String> words = new ArrayList<>(List.of("sluice", "resume", from));
    words.addAll(words());
    add(words, "--jar", jar);
    return ShellWords.join(words);
  }

  /** The client's properties for a verb that is told of no job. */
  Properties client(Properties settings) throws IOException {
    return kafka.client(settings);
  }
}
