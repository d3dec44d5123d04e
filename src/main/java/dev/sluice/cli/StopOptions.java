package dev.sluice.cli;

import dev.sluice.job.SettingsException;
import dev.sluice.job.SettingsSource;
import dev.sluice.ops.stop.OnTimeout;
import dev.sluice.ops.stop.StopPolicy;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * What every verb that stops a job is told. A verb with this mixin names {@link SettingFlags} as
 * its preprocessor.
 */
final class StopOptions {

  private static final Pattern WITH_SCHEME = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]+:.*");
  private static final int REST_PORT = 8081;

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "JOB", description = "The job's name in Flink, or its id.")
  String job = "";

  @Option(
      names = "--rest",
      split = ",",
      paramLabel = "URL",
      description = "Flink's REST interface, several with commas (default: http://127.0.0.1:8081).")
  List<String> rest = List.of();

  @Option(
      names = {"-p", "--savepointPath"},
      paramLabel = "DIR",
      description = "Where the savepoint goes (default: the cluster's own directory).")
  @Nullable String savepointPath;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      defaultValue = "canonical",
      description = "canonical, or native: faster, its models aren't checked (default: canonical).")
  Format type = Format.CANONICAL;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      defaultValue = "5m",
      converter = DurationConverter.class,
      description = "How long the savepoint may take (default: ${DEFAULT-VALUE}).")
  Duration grace = Duration.ofMinutes(5);

  @Option(
      names = "--on-timeout",
      paramLabel = "WHAT",
      defaultValue = "fail",
      converter = OnTimeoutConverter.class,
      description =
          "And then: fail (job runs on), checkpoint (cancel, keep the last one), cancel (default: fail).")
  OnTimeout onTimeout = OnTimeout.FAIL;

  @Option(
      names = "--proof-patience",
      paramLabel = "TIME",
      defaultValue = "30s",
      converter = DurationConverter.class,
      description = "How long brokers may take to end transactions (default: ${DEFAULT-VALUE}).")
  Duration proofPatience = Duration.ofSeconds(30);

  @Option(
      names = "--receipt",
      paramLabel = "FILE",
      description = "Where the receipt goes as well (default: the journal).")
  @Nullable Path receipt;

  @Option(
      names = "--journal",
      paramLabel = "DIR",
      description = "Where stops write down what they do (default: ~/.local/state/sluice/stops).")
  @Nullable Path journal;

  @Option(
      names = "--settings",
      paramLabel = "FILE",
      description = "What Flink doesn't tell, as Kafka's passwords; or --sluice.KEY VALUE.")
  @Nullable Path settings;

  /** The settings given one by one; they override the file's. */
  final Map<String, String> flags = new LinkedHashMap<>();

  /** A savepoint's formats. */
  enum Format {
    CANONICAL,
    NATIVE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What to stop and how.
   *
   * @param drain whether the job ends for good
   * @throws ParameterException if an option, or the file of settings, can't be used
   */
  StopPolicy policy(boolean drain) {
    return policy(drain, System.getenv());
  }

  /** The same in another environment than the process's. */
  StopPolicy policy(boolean drain, Map<String, String> environment) {
    if (job.isBlank()) {
      throw new ParameterException(spec.commandLine(), "JOB (%s) must be a name".formatted(job));
    }
    Map<String, String> all = new HashMap<>(fileSettings());
    all.putAll(flags);
    return new StopPolicy(
        job,
        addresses(environment),
        savepointPath == null ? null : absolute(savepointPath),
        type == Format.NATIVE,
        drain,
        grace,
        onTimeout,
        proofPatience,
        receipt == null ? null : receipt.toAbsolutePath(),
        journal(environment).toAbsolutePath(),
        all);
  }

  private Map<String, String> fileSettings() {
    if (settings == null) {
      return Map.of();
    }
    try {
      return SettingsSource.read(new String[] {"--settings", settings.toString()}, null);
    } catch (SettingsException e) {
      throw new ParameterException(spec.commandLine(), "" + e.getMessage(), e);
    }
  }

  private List<URI> addresses(Map<String, String> environment) {
    if (!rest.isEmpty()) {
      return rest.stream().map(this::address).toList();
    }
    String offset = environment.getOrDefault("SLUICE_PORT_OFFSET", "0");
    if (!offset.matches("\\d{1,5}")) {
      throw new ParameterException(
          spec.commandLine(),
          "SLUICE_PORT_OFFSET (%s) must be a number: it is added to Flink's port, as --rest is not given"
              .formatted(offset));
    }
    return List.of(URI.create("http://127.0.0.1:" + (REST_PORT + Integer.parseInt(offset))));
  }

  private URI address(String text) {
    try {
      URI uri = new URI(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (http && uri.getHost() != null && uri.getUserInfo() == null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      throw notAnAddress(text, e);
    }
    throw notAnAddress(text, null);
  }

  private ParameterException notAnAddress(String text, @Nullable Exception cause) {
    String message = "--rest (%s) must be addresses as http://127.0.0.1:8081".formatted(text);
    return new ParameterException(spec.commandLine(), message, cause);
  }

  /** The cluster does not know this process's directory. */
  private static String absolute(String directory) {
    return WITH_SCHEME.matcher(directory).matches()
        ? directory
        : Path.of(directory).toAbsolutePath().normalize().toUri().toString();
  }

  private Path journal(Map<String, String> environment) {
    if (journal != null) {
      return journal;
    }
    String local = environment.get("SLUICE_DIR");
    if (local != null && !local.isEmpty()) {
      return Path.of(local, "stops");
    }
    String state = environment.get("XDG_STATE_HOME");
    Path base =
        state != null && Path.of(state).isAbsolute()
            ? Path.of(state)
            : Path.of(System.getProperty("user.home"), ".local", "state");
    return base.resolve("sluice").resolve("stops");
  }

  /** Reads what to do when the grace period ends. */
  static final class OnTimeoutConverter implements ITypeConverter<OnTimeout> {
    @Override
    public OnTimeout convert(String text) {
      for (OnTimeout each : OnTimeout.values()) {
        if (each.code().equals(text)) {
          return each;
        }
      }
      throw new TypeConversionException(
          "it must be fail, checkpoint or cancel, but is (" + text + ")");
    }
  }
}
