package dev.sluice.tool.cli;

import dev.sluice.tool.receipt.PrivateFiles;
import dev.sluice.tool.stop.JournalHistory;
import dev.sluice.tool.stop.OnTimeout;
import dev.sluice.tool.stop.StopPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The options of every verb that stops a job. A verb with this mixin names {@link SettingFlags} as
 * its preprocessor.
 */
final class StopOptions {

  private static final Pattern WITH_SCHEME = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]+:.*");

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "JOB", description = "The job's name in Flink, or its id.")
  String job = "";

  @Mixin Connection connection = new Connection();

  @Option(
      names = "--savepointPath",
      paramLabel = "DIR",
      description = "Where the savepoint goes (default: the cluster's own directory).")
  @Nullable String savepointPath;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      defaultValue = "canonical",
      description =
          "canonical, or native: faster to write, for one Flink version (default: canonical).")
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
      description = "Then: fail (job runs on), checkpoint (cancel, keep it), cancel.")
  OnTimeout onTimeout = OnTimeout.FAIL;

  @Option(
      names = "--proof-patience",
      paramLabel = "TIME",
      defaultValue = "30s",
      converter = DurationConverter.class,
      description =
          "How long brokers and the savepoint's store may take (default: ${DEFAULT-VALUE}).")
  Duration proofPatience = Duration.ofSeconds(30);

  @Option(
      names = "--receipt",
      paramLabel = "FILE",
      description = "Where to write the receipt (default: into the journal).")
  @Nullable Path receipt;

  @Option(
      names = "--receipt-group",
      paramLabel = "GROUP",
      description = "May read the receipt, too (default: its owner alone).")
  @Nullable String receiptGroup;

  @Mixin final Connection.SigningKey signing = new Connection.SigningKey();

  StopOptions() {
    connection.signing = signing;
  }

  /** Refused: Flink's own stop and run mean different things by it. */
  @Option(names = "-p", hidden = true, paramLabel = "?", description = "Refused.")
  @Nullable String ambiguous;

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
    if (job.isBlank()) {
      throw new ParameterException(spec.commandLine(), "JOB (%s) must be a name".formatted(job));
    }
    if (ambiguous != null) {
      throw new ParameterException(
          spec.commandLine(),
          ("-p (%s) is a directory of 'flink stop' and a number of 'flink run': say --savepointPath DIR, or "
                  + "--parallelism N of a verb that resumes")
              .formatted(ambiguous));
    }
    return new StopPolicy(
        job,
        connection.cluster.addresses(),
        savepointPath == null ? null : absolute(savepointPath),
        type == Format.NATIVE,
        drain,
        grace,
        onTimeout,
        proofPatience,
        receipt == null ? null : receipt.toAbsolutePath(),
        connection.cluster.journal(),
        connection.additionalSettings(),
        receiptGroup(),
        connection.words(),
        connection.keys());
  }

  /**
   * Whether the stop would write its receipt in place of another stop's, or of another file: asked
   * before anything is touched. A guard may overwrite the receipt of the previous stop, because no
   * one is there to name another file.
   */
  StopPolicy keepingOthers(StopPolicy policy) throws IOException {
    Path file = policy.receipt();
    if (file != null
        && Files.exists(file)
        && Files.size(file) > 0 // an empty file holds no receipt, as mktemp makes it
        && !JournalHistory.isOfLastStop(file, policy.journal(), policy.job())) {
      throw new ParameterException(
          spec.commandLine(),
          "--receipt (%s) is the receipt of another stop, and would be written over: name a file that is not there yet"
              .formatted(file));
    }
    return policy;
  }

  /** Checked now: after the stop it would be too late to report that the receipt is unreadable. */
  private @Nullable String receiptGroup() {
    if (receiptGroup == null) {
      return null;
    }
    Path directory = receipt == null ? null : receipt.toAbsolutePath().getParent();
    try {
      PrivateFiles.requireShareable(
          directory == null ? connection.cluster.journal() : directory, receiptGroup);
      return receiptGroup;
    } catch (IOException e) {
      throw new ParameterException(
          spec.commandLine(),
          "--receipt-group (%s): %s".formatted(receiptGroup, e.getMessage()),
          e);
    }
  }

  /** The cluster does not know this process's directory. */
  static String absolute(String directory) {
    return WITH_SCHEME.matcher(directory).matches()
        ? directory
        : Path.of(directory).toAbsolutePath().normalize().toUri().toString();
  }
}
