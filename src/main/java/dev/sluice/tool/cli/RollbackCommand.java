package dev.sluice.tool.cli;

import dev.sluice.tool.resume.ResumeOutcome;
import dev.sluice.tool.resume.ResumePolicy;
import dev.sluice.tool.resume.Rollback;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes a job back to an older receipt. */
@Command(
    name = "rollback",
    preprocessor = SettingFlags.class,
    header = "Takes a job back to an older receipt: all of it, or its models alone.",
    description = {
      "Stops the job if it runs, with a savepoint and a receipt of its own, and resumes the older",
      "one: inputs since then are read and learned again, and not answered twice; it says how",
      "many, and does it with --accept-replay. --model-only resumes the newest one with the older",
      "models: nothing is read again."
    },
    exitCodeList = {
      "0:it runs from the older receipt",
      "1:or an error; nothing changed",
      "3:stopped by escalation, not resumed",
      "4:timed out, job still running or not known",
      "5:stopped, but the proof failed, or it was not resumed, or does not make progress",
      "6:savepoint good, job failed while stopping",
      "10:Flink or the brokers do not answer: try again"
    },
    footer = {
      "  sluice rollback --accept-replay receipt-sluice-1f2e3d4c.json",
      "  sluice rollback --model-only receipt-sluice-1f2e3d4c.json"
    })
final class RollbackCommand extends ResultVerb {

  @Mixin ResumeOptions options = new ResumeOptions();

  @Parameters(paramLabel = "RECEIPT", description = "The older receipt's file.")
  String receipt = "";

  @Option(names = "--accept-replay", description = "Read the inputs since then again.")
  boolean acceptReplay;

  @Option(
      names = "--model-only",
      description = "Put the older models, champion and policy under the newest offsets.")
  boolean modelOnly;

  @Option(
      names = "--onto",
      paramLabel = "RECEIPT",
      description = "With --model-only: the newest receipt, if the job does not run.")
  @Nullable Path onto;

  @Option(
      names = "--savepointPath",
      paramLabel = "DIR",
      description = "Where the savepoint of the running job goes (default: the cluster's own).")
  @Nullable String savepointPath;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      defaultValue = "5m",
      converter = DurationConverter.class,
      description = "How long that savepoint may take (default: ${DEFAULT-VALUE}).")
  Duration grace = Duration.ofMinutes(5);

  @Override
  public Integer call() throws IOException, InterruptedException {
    Rollback.Result result = run();
    Path undo = result.undo();
    Map<String, Object> all = OutputForm.result(result.exitCode(), result.text());
    OutputForm.put(all, "undo", undo == null ? null : undo.toString());
    if (result.resume() instanceof ResumeOutcome.Resumed resumed) {
      all.put("jobId", resumed.jobId());
      all.put("snapshot", resumed.finding().snapshot());
    }
    return print(
        result.exitCode(),
        all,
        out -> {
          out.println(result.text() + ".");
          if (undo != null) {
            out.println("To undo   " + options.connection.resume(undo.toString(), options.jar));
          }
        });
  }

  private Rollback.Result run() throws IOException, InterruptedException {
    require(
        onto == null || modelOnly,
        "--onto goes with --model-only: without it everything goes back");
    ResumePolicy back = options.policy(receipt, false, null);
    require(
        !back.keys().areGiven() || back.keys().canSign(),
        "--verify-key needs --sign here: a rollback writes receipts and then resumes from one of them");
    Rollback rollback =
        new Rollback(
            options.connection.services(),
            back,
            savepointPath == null ? null : StopOptions.absolute(savepointPath),
            grace);
    try (StopPrinter printer = new StopPrinter(err(), output.console)) {
      Rollback.Result result =
          modelOnly
              ? rollback.runModels(onto, printer, progress())
              : rollback.run(printer, progress(), acceptReplay);
      printer.over(result.text());
      return result;
    }
  }
}
