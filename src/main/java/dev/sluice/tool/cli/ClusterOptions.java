package dev.sluice.tool.cli;

import dev.sluice.tool.cli.Context.Place;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The JobManager's addresses, and the directory in which stops record what they do. */
final class ClusterOptions {

  private static final int REST_PORT = 8081;
  private static final String ADDRESS = "must be addresses as http://127.0.0.1:8081";

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--rest",
      split = ",",
      paramLabel = "URL",
      description = "Flink's REST interface (default: http://127.0.0.1:8081).")
  List<String> rest = List.of();

  @Option(
      names = "--journal",
      paramLabel = "DIR",
      description = "Where stops are noted (default: ~/.local/state/sluice/stops).")
  @Nullable Path journal;

  /** What is taken where a flag is not given. */
  Chosen chosen = new Chosen();

  /** The addresses, without slashes at their ends. */
  List<URI> addresses() {
    if (!rest.isEmpty()) {
      return rest.stream().map(each -> usable("--rest", each)).toList();
    }
    Chosen.Given given = chosen.of(Place.REST);
    if (given != null) {
      return Arrays.stream(given.value().split(","))
          .map(each -> usable(given.source(), each.strip()))
          .toList();
    }
    String missing = missing();
    if (missing != null) {
      throw new ParameterException(spec.commandLine(), missing);
    }
    String offset = chosen.environment.getOrDefault("SLUICE_PORT_OFFSET", "");
    if (offset.isEmpty()) {
      offset = "0";
    }
    if (!offset.matches("\\d{1,5}")) {
      throw new ParameterException(
          spec.commandLine(),
          "SLUICE_PORT_OFFSET (%s) must be a number: it is added to Flink's port, as --rest is not given"
              .formatted(offset));
    }
    return List.of(URI.create("http://127.0.0.1:" + (REST_PORT + Integer.parseInt(offset))));
  }

  /** The same for a verb that can do without Flink; empty where the contexts leave none to ask. */
  Optional<List<URI>> addressesIfNamed() {
    boolean none = rest.isEmpty() && chosen.of(Place.REST) == null && missing() != null;
    return none ? Optional.empty() : Optional.of(addresses());
  }

  private @Nullable String missing() {
    return chosen.missing("JobManager", "--rest URL");
  }

  private URI usable(String source, String text) {
    try {
      return address(text);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), source + ": " + e.getMessage(), e);
    }
  }

  /**
   * An address, without a slash at its end. An error in one is reported without it: it may hold a
   * password.
   */
  static URI address(String text) {
    try {
      URI uri = new URI(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (http && uri.getHost() != null && uri.getUserInfo() == null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("it " + ADDRESS, e);
    }
    throw new IllegalArgumentException(
        text.contains("@")
            ? "it " + ADDRESS + ", without a user"
            : "(%s) %s".formatted(text, ADDRESS));
  }

  /** The journal's directory, absolute. */
  Path journal() {
    if (journal != null) {
      return journal.toAbsolutePath();
    }
    Chosen.Given given = chosen.of(Place.JOURNAL);
    if (given != null) {
      return Path.of(given.value()).toAbsolutePath();
    }
    String state = chosen.environment.get("XDG_STATE_HOME");
    Path base =
        state != null && Path.of(state).isAbsolute()
            ? Path.of(state)
            : Path.of(System.getProperty("user.home"), ".local", "state");
    return base.resolve("sluice").resolve("stops");
  }
}
