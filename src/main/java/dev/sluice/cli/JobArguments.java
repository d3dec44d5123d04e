package dev.sluice.cli;

import dev.sluice.cli.Context.Place;
import dev.sluice.job.JobSettings;
import dev.sluice.job.SettingsException;
import dev.sluice.job.SettingsSource;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
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

  private static final String SECRETS = "sluice.kafka.properties.";
  private static final String FLINK_CONF_DIR = "FLINK_CONF_DIR";

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--settings",
      paramLabel = "FILE",
      description = "What Flink doesn't tell, as Kafka's passwords; or --sluice.KEY VALUE.")
  @Nullable Path file;

  /** What is taken where a flag is not given. */
  Chosen chosen = new Chosen();

  /** The settings given one by one; they override the file's. */
  final Map<String, String> flags = new LinkedHashMap<>();

  /** What the file says; without one, the {@code sluice.yaml} in Flink's configuration. */
  Map<String, String> fromFile(Map<String, String> environment) {
    // Of a cluster that a context names, that of another one says nothing.
    String confDir = chosen.isOfContext(environment) ? null : environment.get(FLINK_CONF_DIR);
    String settingsFile = named(environment);
    String[] named =
        settingsFile == null ? new String[0] : new String[] {"--settings", settingsFile};
    try {
      Map<String, String> settings =
          SettingsSource.read(named, confDir == null ? null : Path.of(confDir));
      ConfigProviders.refuse(settings.keySet());
      return settings;
    } catch (SettingsException e) {
      throw new ParameterException(spec.commandLine(), "" + e.getMessage(), e);
    }
  }

  /** The file that a flag, the environment or a context names; null if none does. */
  private @Nullable String named(Map<String, String> environment) {
    if (file != null) {
      return file.toString();
    }
    Chosen.Given given = chosen.of(Place.SETTINGS, environment);
    return given == null ? null : given.value();
  }

  /** The file's settings, overridden by those given one by one. */
  JobSettings settings(Map<String, String> environment) {
    return JobSettings.of(all(environment));
  }

  /** The same as they are given, without defaults. */
  Map<String, String> all(Map<String, String> environment) {
    Map<String, String> settings = new HashMap<>(fromFile(environment));
    settings.putAll(flags);
    ConfigProviders.refuse(settings.keySet());
    return settings;
  }

  /** What a job that tells its settings keeps to itself, and what is given one by one. */
  Map<String, String> besideThoseOfAJob(Map<String, String> environment) {
    Map<String, String> settings = new HashMap<>(fromFile(environment));
    if (named(environment) == null) {
      settings.keySet().removeIf(key -> !key.startsWith(SECRETS));
    }
    settings.putAll(flags);
    ConfigProviders.refuse(settings.keySet());
    return settings;
  }
}
