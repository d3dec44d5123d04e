package dev.sluice.tool.cli;

import dev.sluice.tool.resume.ResumePolicy;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How a job is run again; shared by every verb that does. */
final class ResumeOptions {

  private static final String JAR = "sluice-job.jar";

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec = CommandSpec.create();

  @Mixin Connection connection = new Connection();

  @Option(
      names = "--jar",
      paramLabel = "FILE",
      description = "The job's jar (default: sluice-job.jar next to this tool's).")
  @Nullable Path jar;

  @Option(
      names = {"-p", "--parallelism"},
      paramLabel = "N",
      description = "Of the resumed job (default: as it was).")
  @Nullable Integer parallelism;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      defaultValue = "5m",
      description = "How long to wait for the job's progress (default: ${DEFAULT-VALUE}).")
  Duration timeout = Duration.ofMinutes(5);

  @Option(
      names = "--share-outputs",
      description = {
        "Run it although a job that reads other inputs writes to its output topics, too.",
        "'sluice audit' and the proof of a stop then fail for both."
      })
  boolean shareOutputs;

  @Mixin final Connection.SigningKey signing = new Connection.SigningKey();
  @Mixin final Connection.CheckingKey checking = new Connection.CheckingKey();

  ResumeOptions() {
    connection.signing = signing;
    connection.checking = checking;
  }

  ResumePolicy policy(String from, boolean heal, @Nullable String fork) {
    if (parallelism != null && parallelism < 1) {
      throw new ParameterException(
          spec.commandLine(), "--parallelism (%s) must be at least 1".formatted(parallelism));
    }
    return new ResumePolicy(
        from,
        connection.cluster.addresses(),
        jar == null ? besideTheTool() : jar.toAbsolutePath(),
        parallelism,
        heal,
        fork,
        shareOutputs,
        connection.flags(),
        connection.files(),
        connection.cluster.journal(),
        timeout,
        words(),
        connection.keys());
  }

  private List<String> words() {
    List<String> words = connection.words();
    Connection.add(words, "--jar", jar);
    return words;
  }

  private static Path besideTheTool() {
    try {
      Path tool =
          Path.of(ResumeOptions.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      Path sibling = tool.resolveSibling(JAR);
      return Files.exists(sibling) ? sibling : Path.of(JAR).toAbsolutePath();
    } catch (URISyntaxException e) {
      return Path.of(JAR).toAbsolutePath();
    }
  }
}
