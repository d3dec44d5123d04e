package dev.sluice.cli;

import dev.sluice.ops.resume.Drill;
import dev.sluice.ops.resume.ResumePolicy;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Rehearses a stop and a resume. */
@Command(
    name = "drill",
    preprocessor = SettingFlags.class,
    header = "Stops a job and resumes it at once, for real, and says how long it was away.",
    description = {"", "With another --parallelism it rescales the job."},
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:stopped, proved, resumed", "1 and more:as of stop, then of resume"},
    footer = {"", "Example:", "  sluice drill sluice --savepointPath s3://savepoints"})
final class DrillCommand implements Callable<Integer> {

  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin OutputForm output = new OutputForm();
  @Mixin StopOptions stop = new StopOptions();

  @Option(
      names = "--jar",
      paramLabel = "FILE",
      description = "The job's jar (default: sluice-job.jar beside this tool's).")
  @Nullable Path jar;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      description = "Of the resumed job (default: as it was).")
  @Nullable Integer parallelism;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    Drill.Result result =
        Drill.run(
            stop.policy(false),
            new StopPrinter(err),
            this::resume,
            text -> {
              err.println("  " + text);
              err.flush();
            });
    PrintWriter out = spec.commandLine().getOut();
    if (output.isJson()) {
      OutputForm.printJson(out, json(result));
      return result.exitCode();
    }
    out.println(result.stop().text() + ".");
    if (result.resume() != null) {
      out.println(result.resume().text() + ".");
      out.printf(
          Locale.ROOT,
          "From the request: %s s to the job's end, %s s to the proof, %s s until it went on.%n",
          seconds(result.toSavepoint()),
          seconds(result.toProof()),
          seconds(result.downtime()));
    }
    out.flush();
    return result.exitCode();
  }

  private ResumePolicy resume(Path receipt) {
    ResumeOptions options = new ResumeOptions();
    options.spec = spec;
    options.cluster = stop.cluster;
    options.job = stop.arguments;
    options.jar = jar;
    options.parallelism = parallelism;
    return options.policy(receipt.toString(), false, null);
  }

  private static Map<String, Object> json(Drill.Result result) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("exitCode", result.exitCode());
    all.put("stop", result.stop().text());
    if (result.resume() != null && result.downtime() != null && result.toProof() != null) {
      all.put("resume", result.resume().text());
      all.put("toProofMs", result.toProof().toMillis());
      all.put("downtimeMs", result.downtime().toMillis());
    }
    return all;
  }

  private static String seconds(@Nullable Duration time) {
    return time == null ? "?" : "%.1f".formatted(time.toMillis() / 1e3);
  }
}
