package dev.sluice.cli;

import dev.sluice.job.JobSettings;
import dev.sluice.job.SettingsException;
import dev.sluice.job.SettingsSource;
import dev.sluice.ops.stop.KnownPlaces;
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

  /** The settings given one by one; they override the file's. */
  final Map<String, String> flags = new LinkedHashMap<>();

  /** What the file says; without one, the {@code sluice.yaml} in Flink's configuration. */
  Map<String, String> fromFile(Map<String, String> environment) {
    String confDir = environment.get(FLINK_CONF_DIR);
    String[] named = file == null ? new String[0] : new String[] {"--settings", file.toString()};
    try {
      Map<String, String> settings =
          SettingsSource.read(named, confDir == null ? null : Path.of(confDir));
      ConfigProviders.refuse(settings.keySet());
      return settings;
    } catch (SettingsException e) {
      throw new ParameterException(spec.commandLine(), "" + e.getMessage(), e);
    }
  }

  /** The file's settings, overridden by those given one by one. */
  JobSettings settings(Map<String, String> environment) {
    Map<String, String> settings = new HashMap<>(fromFile(environment));
    settings.putAll(flags);
    ConfigProviders.refuse(settings.keySet());
    return JobSettings.of(settings);
  }

  /** The places that a receipt may name: those of these settings, and of the journal's stops. */
  KnownPlaces knownPlaces(Map<String, String> environment, Path journal) {
    return new KnownPlaces(flags, fromFile(environment), journal);
  }

  /** What a job that tells its settings keeps to itself, and what is given one by one. */
  Map<String, String> besideThoseOfAJob(Map<String, String> environment) {
    Map<String, String> settings = new HashMap<>(fromFile(environment));
    if (file == null) {
      settings.keySet().removeIf(key -> !key.startsWith(SECRETS));
    }
    settings.putAll(flags);
    ConfigProviders.refuse(settings.keySet());
    return settings;
  }
}
