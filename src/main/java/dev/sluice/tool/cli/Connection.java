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

  private final Chosen chosen = new Chosen();

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
  Map<String, String> flags(Map<String, String> environment) {
    Map<String, String> flags = new HashMap<>(job.flags);
    String servers = servers(environment);
    if (servers != null) {
      flags.put(SERVERS, servers);
    }
    return flags;
  }

  /** The brokers that go before those of a job; null if nothing names any. */
  private @Nullable String servers(Map<String, String> environment) {
    String setting = kafka.bootstrapServers == null ? job.flags.get(SERVERS) : null;
    if (setting == null && kafka.bootstrapServers == null && job.file != null) {
      setting = job.fromFile(environment).get(SERVERS);
    }
    return setting == null ? kafka.servers(environment) : setting;
  }

  /** What the files say: the settings', and what a flag's file of Kafka properties adds. */
  Map<String, String> files(Map<String, String> environment) {
    return withProperties(job.fromFile(environment), environment);
  }

  /** What a job that publishes its settings leaves out, and what is given one by one. */
  Map<String, String> additionalSettings(Map<String, String> environment) {
    Map<String, String> settings = job.additionalSettings(environment);
    Map<String, String> all = withProperties(settings, environment);
    all.putAll(flags(environment));
    return all;
  }

  /** The places that a receipt may name: those of the operator, and of the journal's stops. */
  KnownPlaces knownPlaces(Map<String, String> environment) {
    return new KnownPlaces(flags(environment), files(environment), cluster.journal(environment));
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
    Chosen.Given given = flag != null ? null : chosen.of(place, environment);
    return given == null ? flag : Path.of(given.value());
  }

  private Map<String, String> withProperties(
      Map<String, String> settings, Map<String, String> environment) {
    Map<String, String> all = new HashMap<>(settings);
    Properties more = kafka.fromFile(environment);
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
  List<String> words(Map<String, String> environment) {
    List<String> words = new ArrayList<>();
    Map<Place, String> said = new EnumMap<>(Place.class);
    if (chosen.context != null) {
      words.addAll(List.of("--context", chosen.context));
    } else if (!unnamed(environment).places().isEmpty()) {
      words.addAll(List.of("--context", unnamed(environment).name()));
      sayOperators(said, environment, false);
    } else {
      sayOperators(said, environment, true);
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

  private Context unnamed(Map<String, String> environment) {
    try {
      return chosen.unnamed(environment);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a command without these flags would not take from where it comes: a context, or not. */
  private void sayOperators(
      Map<Place, String> said, Map<String, String> environment, boolean ofContext) {
    for (Place place : List.of(Place.JOURNAL, Place.SIGN, Place.VERIFY_KEY)) {
      Chosen.Given given = isTaken(place) ? chosen.of(place, environment) : null;
      if (given != null && given.ofContext() == ofContext) {
        put(said, place, Path.of(given.value()));
      }
    }
  }

  private boolean isTaken(Place place) {
    return switch (place) {
      case SIGN -> signing != null;
      case VERIFY_KEY -> checking != null;
      default -> true;
    };
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
    return resume(from, jar, System.getenv());
  }

  /** The same in another environment than the process's. */
  String resume(String from, @Nullable Path jar, Map<String, String> environment) {
    List<String> words = new ArrayList<>(List.of("sluice", "resume", from));
    words.addAll(words(environment));
    add(words, "--jar", jar);
    return ShellWords.join(words);
  }

  /**
   * A client's properties for a verb to which no job publishes its brokers: given options override
   * the settings.
   */
  Properties client(Properties settings) throws IOException {
    return client(settings, System.getenv());
  }

  /**
   * The same where a job or its receipt may have supplied them.
   *
   * @param reported all of its settings, with the options of this command
   */
  Properties client(Properties settings, Set<String> reported) throws IOException {
    return reported.contains(SERVERS)
        ? kafka.client(settings, servers(System.getenv()), System.getenv())
        : client(settings);
  }

  /** The same in another environment than the process's. */
  Properties client(Properties settings, Map<String, String> environment) throws IOException {
    boolean named =
        job.fromFile(environment).containsKey(SERVERS)
            || kafka.fromFile(environment).containsKey("bootstrap.servers");
    String missing =
        named || servers(environment) != null
            ? null
            : chosen.missing("brokers", "--bootstrap-servers HOST:PORT", environment);
    if (missing != null) {
      throw new ParameterException(cluster.spec.commandLine(), missing);
    }
    return kafka.client(settings, servers(environment), environment);
  }
}
