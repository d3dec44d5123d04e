package dev.sluice.tool.cli;

import dev.sluice.settings.JobSettings;
import dev.sluice.settings.SettingsException;
import dev.sluice.settings.SettingsSource;
import dev.sluice.tool.cli.Context.Place;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * A job's settings on the tool's command line, as on the job's own. A verb with this mixin names
 * {@link SettingFlags} as its preprocessor.
 */
final class JobArguments {

  private static final String SERVERS = "sluice.kafka.bootstrap-servers";
  private static final String SECRETS = "sluice.kafka.properties.";
  private static final String FLINK_CONF_DIR = "FLINK_CONF_DIR";

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--settings",
      paramLabel = "FILE",
      description = "What Flink doesn't show, as Kafka's passwords; or --sluice.KEY VALUE.")
  @Nullable Path file;

  /** What is taken where a flag is not given. */
  Chosen chosen = new Chosen();

  /** How the same verb reaches Kafka. */
  KafkaOptions kafka = new KafkaOptions();

  private boolean passedOver;

  /** The settings given one by one; they override the file's. */
  final Map<String, String> flags = new LinkedHashMap<>();

  /** What the file says; without one, the {@code sluice.yaml} in Flink's configuration. */
  Map<String, String> fromFile() {
    String confDir = chosen.environment.get(FLINK_CONF_DIR);
    Path settingsFile = named();
    String context = chosen.ofContext();
    if (settingsFile == null && confDir != null && context != null) {
      return besideContext(context, Path.of(confDir));
    }
    String[] named =
        settingsFile == null ? new String[0] : new String[] {"--settings", settingsFile.toString()};
    try {
      Map<String, String> settings =
          SettingsSource.read(named, confDir == null ? null : Path.of(confDir));
      ConfigProviders.refuse(settings.keySet());
      return settings;
    } catch (SettingsException e) {
      throw new ParameterException(spec.commandLine(), "" + e.getMessage(), e);
    }
  }

  /**
   * What Flink's configuration says in addition to a context that names the cluster: it may be of
   * another one, whose login must not be shown to the context's brokers. So it counts if it names
   * the same brokers, and nothing else of that file does.
   */
  private Map<String, String> besideContext(String context, Path confDir) {
    if (kafka.file != null || chosen.of(Place.KAFKA_PROPERTIES) != null) {
      return Map.of();
    }
    Map<String, String> login;
    boolean same;
    try {
      login = SettingsSource.read(new String[0], confDir);
      String own = servers();
      String ofFile = login.get(SERVERS);
      same = own != null && ofFile != null && each(own).equals(each(ofFile));
      login.keySet().removeIf(key -> !key.startsWith(SECRETS));
      if (login.isEmpty()) {
        return login;
      }
    } catch (SettingsException e) { // with what it says of this cluster, if it says anything
      login = Map.of();
      same = false;
    }
    if (same) {
      ConfigProviders.refuse(login.keySet());
      return login;
    }
    if (!passedOver) {
      passedOver = true;
      chosen.note.accept(
          ("context %s names no settings, and %s, of FLINK_CONF_DIR, does not count here: only"
                  + " where that file and the context name the same brokers is its login"
                  + " (sluice.kafka.properties.*) theirs; 'sluice context set %s --settings FILE' adds"
                  + " the context's own")
              .formatted(context, confDir.resolve("sluice.yaml"), context));
    }
    return Map.of();
  }

  /** The brokers that flags or the context name; null if none do. */
  @Nullable String servers() {
    String setting = kafka.bootstrapServers == null ? flags.get(SERVERS) : null;
    return setting == null ? kafka.servers() : setting;
  }

  private static Set<String> each(String servers) {
    return Arrays.stream(servers.split(",")).map(String::trim).collect(Collectors.toSet());
  }

  /** The file that a flag, the environment or a context names; null if none does. */
  @Nullable Path named() {
    if (file != null) {
      return file;
    }
    Chosen.Given given = chosen.of(Place.SETTINGS);
    return given == null ? null : Path.of(given.value());
  }

  /** Where a setting of {@link #all} is from, for messages. */
  String origin(String key) {
    if (flags.containsKey(key)) {
      return "from the command line";
    }
    if (!fromFile().containsKey(key)) {
      return "the default";
    }
    Path settingsFile = named();
    return settingsFile != null
        ? "from " + settingsFile
        : "from sluice.yaml in %s, FLINK_CONF_DIR"
            .formatted(chosen.environment.get(FLINK_CONF_DIR));
  }

  /** The file's settings, overridden by those given one by one. */
  JobSettings settings() {
    return JobSettings.of(all());
  }

  /** The same as they are given, without defaults. */
  Map<String, String> all() {
    Map<String, String> settings = new HashMap<>(fromFile());
    settings.putAll(flags);
    ConfigProviders.refuse(settings.keySet());
    return settings;
  }

  /** What a job that publishes its settings leaves out, and what is given one by one. */
  Map<String, String> additionalSettings() {
    Map<String, String> settings = new HashMap<>(fromFile());
    if (named() == null) {
      settings.keySet().removeIf(key -> !key.startsWith(SECRETS));
    }
    settings.putAll(flags);
    ConfigProviders.refuse(settings.keySet());
    return settings;
  }
}
