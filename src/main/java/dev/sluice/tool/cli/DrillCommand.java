package dev.sluice.tool.cli;

import dev.sluice.tool.resume.Drill;
import dev.sluice.tool.resume.ResumeOutcome;
import dev.sluice.tool.resume.ResumePolicy;
import dev.sluice.tool.stop.StopPolicy;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Rehearses a stop and a resume. */
@Command(
    name = "drill",
    preprocessor = SettingFlags.class,
    header = "Stops a job and resumes it at once, for real, and says how long it was away.",
    description = "With another --parallelism it rescales the job.",
    exitCodeList = {
      "0:stopped, proved, resumed; --dry-run: it could be done",
      "1:nothing was touched",
      "3:stopped by escalation, not resumed",
      "4:timed out, job still running or not known",
      "5:stopped, but the proof failed, or it was not resumed, or does not make progress",
      "6:savepoint good, job failed while stopping",
      "10:Flink or the brokers do not answer, and nothing was touched: try again"
    },
    footer = "  sluice drill sluice --savepointPath s3://savepoints")
final class DrillCommand extends ResultVerb {

  @Mixin StopOptions stop = new StopOptions();

  @Option(
      names = "--jar",
      paramLabel = "FILE",
      description = "The job's jar (default: sluice-job.jar next to this tool's).")
  @Nullable Path jar;

  @Option(
      names = "--parallelism",
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

  @Option(names = "--dry-run", description = "Only check whether it could be done.")
  boolean dryRun;

  @Override
  public Integer call() throws IOException, InterruptedException {
    ResumePolicy resume = resume();
    if (dryRun) {
      String text = new Drill(stop.connection.services(), stop.policy(false), resume).rehearse();
      return print(Map.of("dryRun", true, "text", text), out -> out.println(text));
    }
    StopPolicy policy = policy();
    Interrupted hook =
        Interrupted.say(
            err(),
            ("Interrupted. While the job runs, the same command continues the stop, then resumes; once it has "
                    + "stopped, 'sluice status %s' shows the command that resumes it")
                .formatted(policy.job()));
    try (StopPrinter printer = new StopPrinter(err(), output.console)) {
      Drill.Result result =
          new Drill(stop.connection.services(), policy, resume).run(printer, progress());
      printer.over(result.stop().text());
      return print(result.exitCode(), json(result), out -> print(result, out));
    } finally {
      hook.over();
    }
  }

  /** The receipt's command to resume names the jar, too. */
  private StopPolicy policy() throws IOException {
    List<String> words = stop.connection.words();
    Connection.add(words, "--jar", jar);
    return stop.keepingOthers(stop.policy(false)).printing(words);
  }

  private void print(Drill.Result result, PrintWriter out) {
    out.println(result.stop().text() + ".");
    if (result.resume() != null) {
      out.println(result.resume().text() + ".");
    }
    if (result.downtime() != null) {
      out.printf(
          Locale.ROOT,
          "Downtime  %s s, from the request until it continued; after %s s it had ended, after %s s that was proved%n",
          seconds(result.downtime()),
          seconds(result.toEnd()),
          seconds(result.toProof()));
    }
    Path receipt = result.stop().receiptFile();
    if (receipt != null) {
      out.println("Receipt   " + receipt);
      if (result.downtime() == null
          && !(result.resume() instanceof ResumeOutcome.Failed failed && failed.jobId() != null)) {
        out.println(
            "The job was stopped. Resume it: " + stop.connection.resume(receipt.toString(), jar));
      }
    }
  }

  /** Before the stop, so that errors in it are reported before anything is changed. */
  private ResumePolicy resume() {
    ResumeOptions options = new ResumeOptions();
    options.spec = spec;
    options.connection = stop.connection;
    options.jar = jar;
    options.parallelism = parallelism;
    options.timeout = timeout;
    return options.policy("", false, null);
  }

  private static Map<String, Object> json(Drill.Result result) {
    ResumeOutcome resume = result.resume();
    Path receipt = result.stop().receiptFile();
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("exitCode", result.exitCode());
    all.put("stop", result.stop().text());
    OutputForm.putCodes(all, result.stop().text() + (resume == null ? "" : resume.text()));
    OutputForm.put(all, "receiptFile", receipt == null ? null : receipt.toString());
    OutputForm.put(all, "resume", resume == null ? null : resume.text());
    if (resume instanceof ResumeOutcome.Resumed resumed) {
      all.put("jobId", resumed.jobId());
    }
    OutputForm.put(all, "toEndMs", ms(result.toEnd()));
    OutputForm.put(all, "toProofMs", ms(result.toProof()));
    OutputForm.put(all, "downtimeMs", ms(result.downtime()));
    return all;
  }

  private static @Nullable Long ms(@Nullable Duration time) {
    return time == null ? null : time.toMillis();
  }

  private static String seconds(@Nullable Duration time) {
    return time == null ? "?" : "%.1f".formatted(time.toMillis() / 1e3);
  }
}
