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
    description = {"", "With another --parallelism it rescales the job."},
    exitCodeList = {
      "0:stopped, proved, resumed; --dry-run: it could be done",
      "1:nothing was touched",
      "2:wrong usage",
      "3:stopped by escalation, not resumed",
      "4:timed out, job still running or not known",
      "5:stopped, but the proof failed, or it was not resumed, or does not make progress",
      "6:savepoint good, job failed while stopping",
      "10:Flink or the brokers do not answer, and nothing was touched: try again"
    },
    footer = {"", "Example:", "  sluice drill sluice --savepointPath s3://savepoints"})
final class DrillCommand extends Verb {

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
    PrintWriter err = spec.commandLine().getErr();
    ResumePolicy resume = resume();
    if (dryRun) {
      return rehearse(resume);
    }
    StopPolicy policy = policy();
    Drill.Result result;
    StopPrinter printer = new StopPrinter(err, output.console);
    Interrupted hook =
        Interrupted.say(
            err,
            "Interrupted. While the job runs, the same command continues the stop, then resumes; once it has stopped, 'sluice status %s' shows the command that resumes it"
                .formatted(policy.job()));
    try {
      result =
          new Drill(stop.connection.services(), policy, resume)
              .run(printer, output.console.progress(err));
      printer.over(result.stop().text());
    } finally {
      printer.over("");
      hook.over();
    }
    PrintWriter out = spec.commandLine().getOut();
    if (output.isJson()) {
      output.print(out, json(result));
      return result.exitCode();
    }
    print(result, out);
    return result.exitCode();
  }

  /** The receipt's command to resume names the jar, too. */
  private StopPolicy policy() throws IOException {
    List<String> words = stop.connection.words(System.getenv());
    Connection.add(words, "--jar", jar);
    return stop.keepingOthers(stop.policy(false)).printing(words);
  }

  private int rehearse(ResumePolicy resume) throws IOException, InterruptedException {
    String text = new Drill(stop.connection.services(), stop.policy(false), resume).rehearse();
    PrintWriter out = spec.commandLine().getOut();
    if (output.isJson()) {
      output.print(out, Map.of("dryRun", true, "text", text));
    } else {
      out.println(text);
      out.flush();
    }
    return 0;
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
    out.flush();
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
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("exitCode", result.exitCode());
    all.put("stop", result.stop().text());
    OutputForm.putCodes(
        all, result.stop().text() + (result.resume() == null ? "" : result.resume().text()));
    Path receipt = result.stop().receiptFile();
    if (receipt != null) {
      all.put("receiptFile", receipt.toString());
    }
    if (result.resume() != null) {
      all.put("resume", result.resume().text());
    }
    if (result.resume() instanceof ResumeOutcome.Resumed resumed) {
      all.put("jobId", resumed.jobId());
    }
    put(all, "toEndMs", result.toEnd());
    put(all, "toProofMs", result.toProof());
    put(all, "downtimeMs", result.downtime());
    return all;
  }

  private static void put(Map<String, Object> all, String name, @Nullable Duration time) {
    if (time != null) {
      all.put(name, time.toMillis());
    }
  }

  private static String seconds(@Nullable Duration time) {
    return time == null ? "?" : "%.1f".formatted(time.toMillis() / 1e3);
  }
}
