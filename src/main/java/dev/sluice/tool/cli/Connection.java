package dev.sluice.tool.cli;

import dev.sluice.tool.cli.Context.Place;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.stop.KnownPlaces;
import dev.sluice.tool.stop.ShellWords;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * How a verb reaches Flink, Kafka and the journal: the same flags on every verb that reaches any of
 * them. A flag goes before the context that is named, which goes before the environment, the
 * context in use, what the job publishes and the default: see {@link Chosen}. Settings in a file
 * count where the file is named. A verb with this mixin names {@link SettingFlags} as its
 * preprocessor.
 */
final class Connection {

  private static final String SERVERS = "sluice.kafka.bootstrap-servers";
  private static final String PROPERTIES = "sluice.kafka.properties.";

  @Mixin final ClusterOptions cluster = new ClusterOptions();
  @Mixin final KafkaOptions kafka = new KafkaOptions();
  @Mixin final JobArguments job = new JobArguments();

  final Chosen chosen = new Chosen();

  /** The private key of signed receipts, on every verb that writes one. */
  static final class SigningKey {
    @Option(
        names = "--sign",
        paramLabel = "KEYFILE",
        description = "Sign receipts with this Ed25519 key; refuse one it has not signed.")
    @Nullable Path file;
  }

  /** The public key of signed receipts, on verbs that read one that another party has written. */
  static final class CheckingKey {
    @Option(
        names = "--verify-key",
        paramLabel = "FILE",
        description = "Refuse a receipt that this public key's owner has not signed.")
    @Nullable Path file;
  }

  /** For a verb that signs receipts; null of any other. */
  @Nullable SigningKey signing;

  /** For a verb that may have to verify a receipt without being able to sign; null of any other. */
  @Nullable CheckingKey checking;

  Connection() {
    cluster.chosen = chosen;
    kafka.chosen = chosen;
    job.chosen = chosen;
    job.kafka = kafka;
    chosen.rest = () -> cluster.rest;
    chosen.note =
        text -> {
          job.spec.commandLine().getErr().println("  " + text);
          job.spec.commandLine().getErr().flush();
        };
    chosen.brokerFlags = this::brokerFlags;
  }

  /** What the tool was started with. */
  ToolServices services() {
    return ((Sluice) job.spec.commandLine().getCommandSpec().root().userObject()).services;
  }

  private List<String> brokerFlags() {
    List<String> flags = new ArrayList<>();
    if (job.file != null) {
      flags.add("--settings");
    }
    if (kafka.bootstrapServers != null) {
      flags.add("--bootstrap-servers");
    }
    if (kafka.file != null) {
      flags.add("--kafka-properties");
    }
    if (job.flags.containsKey(SERVERS)) {
      flags.add("--" + SERVERS);
    }
    return flags;
  }

  @Option(
      names = "--context",
      paramLabel = "NAME",
      description = "Take the cluster's places from there: see sluice context.")
  void context(String name) {
    chosen.context = name;
  }

  /** What is set one by one: settings, and the brokers if anything but a file names them. */
  Map<String, String> flags() {
    Map<String, String> flags = new HashMap<>(job.flags);
    String servers = servers();
    if (servers != null) {
      flags.put(SERVERS, servers);
    }
    return flags;
  }

  /** The brokers that go before those of a job; null if nothing names any. */
  private @Nullable String servers() {
    boolean ofFile =
        kafka.bootstrapServers == null && job.file != null && !job.flags.containsKey(SERVERS);
    String servers = ofFile ? job.fromFile().get(SERVERS) : null;
    return servers == null ? job.servers() : servers;
  }

  /** What the files say: the settings', and what a flag's file of Kafka properties adds. */
  Map<String, String> files() {
    return withProperties(job.fromFile());
  }

  /** What a job that publishes its settings leaves out, and what is given one by one. */
  Map<String, String> additionalSettings() {
    Map<String, String> settings = job.additionalSettings();
    Map<String, String> all = withProperties(settings);
    all.putAll(flags());
    return all;
  }

  /** The places that a receipt may name: those of the operator, and of the journal's stops. */
  KnownPlaces knownPlaces() {
    return new KnownPlaces(flags(), files(), cluster.journal());
  }

  /**
   * The keys of signed receipts, as far as the verb takes them.
   *
   * @throws UncheckedIOException if one can't be used
   */
  ReceiptKeys keys() {
    try {
      return ReceiptKeys.of(
          signing == null ? null : file(signing.file, Place.SIGN),
          checking == null ? null : file(checking.file, Place.VERIFY_KEY));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private @Nullable Path file(@Nullable Path flag, Place place) {
    Chosen.Given given = flag != null ? null : chosen.of(place);
    return given == null ? flag : Path.of(given.value());
  }

  private Map<String, String> withProperties(Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    Properties more = kafka.fromFile();
    more.stringPropertyNames()
        .forEach(
            key -> {
              if (!key.equals("bootstrap.servers")) { // which the job publishes, or a flag
                all.put(PROPERTIES + key, more.getProperty(key));
              }
            });
    return all;
  }

  /**
   * The flags that make another command reach the same: those that were given, with absolute paths,
   * and the context in effect, because another shell may have another one in use. What comes from
   * the environment is omitted, except where it overrides that context.
   */
  List<String> words() {
    List<String> words = new ArrayList<>();
    Map<Place, String> said = new EnumMap<>(Place.class);
    Context unnamed = chosen.unnamed();
    if (chosen.context != null) {
      words.addAll(List.of("--context", chosen.context));
    } else {
      if (!unnamed.places().isEmpty()) {
        words.addAll(List.of("--context", unnamed.name()));
      }
      sayOperators(said, unnamed.places().isEmpty());
    }
    if (!cluster.rest.isEmpty()) {
      said.put(Place.REST, String.join(",", cluster.rest));
    }
    put(said, Place.JOURNAL, cluster.journal);
    put(said, Place.SETTINGS, job.file);
    if (kafka.bootstrapServers != null) {
      said.put(Place.BOOTSTRAP_SERVERS, kafka.bootstrapServers);
    }
    put(said, Place.KAFKA_PROPERTIES, kafka.file);
    put(said, Place.SIGN, signing == null ? null : signing.file);
    put(said, Place.VERIFY_KEY, checking == null ? null : checking.file);
    said.forEach((place, value) -> words.addAll(List.of("--" + place.flag(), value)));
    return words;
  }

  /** What a command without these flags would not take from where it comes: a context, or not. */
  private void sayOperators(Map<Place, String> said, boolean ofContext) {
    List<Place> taken = new ArrayList<>(List.of(Place.JOURNAL));
    if (signing != null) {
      taken.add(Place.SIGN);
    }
    if (checking != null) {
      taken.add(Place.VERIFY_KEY);
    }
    for (Place place : taken) {
      Chosen.Given given = chosen.of(place);
      if (given != null && given.ofContext() == ofContext) {
        put(said, place, Path.of(given.value()));
      }
    }
  }

  private static void put(Map<Place, String> said, Place place, @Nullable Path file) {
    if (file != null) {
      said.put(place, absolute(file));
    }
  }

  private static String absolute(Path file) {
    return file.toAbsolutePath().normalize().toString();
  }

  static void add(List<String> words, String flag, @Nullable Path file) {
    if (file != null) {
      words.addAll(List.of(flag, absolute(file)));
    }
  }

  /** The command that resumes from a receipt or a snapshot, to be pasted into a shell. */
  String resume(String from, @Nullable Path jar) {
    List<String> words = new ArrayList<>(List.of("sluice", "resume", from));
    words.addAll(words());
    add(words, "--jar", jar);
    return ShellWords.join(words);
  }

  /**
   * A client's properties where a job or its receipt may have supplied them.
   *
   * @param reported all of its settings, with the options of this command
   */
  Properties client(Properties settings, Set<String> reported) throws IOException {
    return reported.contains(SERVERS) ? kafka.client(settings, servers()) : client(settings);
  }

  /** The same for a verb to which no job publishes its brokers: options override the settings. */
  Properties client(Properties settings) throws IOException {
    boolean named =
        job.fromFile().containsKey(SERVERS) || kafka.fromFile().containsKey("bootstrap.servers");
    String missing =
        named || servers() != null
            ? null
            : chosen.missing("brokers", "--bootstrap-servers HOST:PORT");
    if (missing != null) {
      throw new ParameterException(cluster.spec.commandLine(), missing);
    }
    return kafka.client(settings, servers());
  }
}
