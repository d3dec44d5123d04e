package dev.sluice.tool.cli;

import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.stop.GracefulStop;
import dev.sluice.tool.stop.Step;
import dev.sluice.tool.stop.StepResult;
import dev.sluice.tool.stop.StopEvent;
import dev.sluice.tool.stop.StopPolicy;
import dev.sluice.tool.stop.Trail;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Stops a job with a savepoint and proves the stop. */
@Command(
    name = "stop",
    preprocessor = SettingFlags.class,
    header = "Stops a job with a savepoint, proves the stop, and writes a receipt.",
    description = {
      "Run again with the same flags after a timeout, a lost connection or kill -9, it continues."
    },
    exitCodeList = {
      "0:stopped and proved; --detached: Flink has taken the stop; --dry-run: it can begin",
      "1:error, nothing changed",
      "3:stopped by escalation, resumable from a checkpoint",
      "4:timed out, job still running or not known",
      "5:stopped, proof failed",
      "6:savepoint good, job failed while stopping",
      "10:Flink or the brokers do not answer, nothing changed: try again"
    },
    footer = "  sluice stop sluice --savepointPath s3://savepoints --grace 2m")
final class StopCommand extends ResultVerb {

  @Mixin StopOptions options = new StopOptions();

  @Option(names = "--dry-run", description = "Only check whether the stop can begin, and say how.")
  boolean dryRun;

  @Option(
      names = "--detached",
      description = "Return once Flink has taken the stop; run again for the proof.")
  boolean detached;

  @Option(
      names = "--drain",
      description = "End the job for good: event time to its end, no resume. Needs --final.")
  boolean drain;

  @Option(names = "--final", description = "Yes, for good.")
  boolean forGood;

  @Option(
      names = "--trail",
      paramLabel = "FILE",
      description = "Append every event of the stop as a line of JSON.")
  @Nullable Path trail;

  @Override
  public Integer call() throws IOException, InterruptedException {
    require(
        drain == forGood,
        drain
            ? "--drain ends the job for good and can't be resumed: say --final too"
            : "--final goes with --drain only");
    StopPolicy policy = options.keepingOthers(options.policy(drain));
    if (dryRun) {
      String text = GracefulStop.rehearse(options.connection.services(), policy);
      return print(Map.of("dryRun", true, "text", text), out -> out.println(text));
    }
    Interrupted hook =
        Interrupted.say(
            err(),
            ("Interrupted. If Flink has taken the stop, it continues there; the same command follows it and proves "
                    + "it, 'sluice status %s' shows its progress")
                .formatted(policy.job()));
    try (Trail lines = trail == null ? null : Trail.open(trail, err())) {
      StopPrinter printer = new StopPrinter(err(), output.console);
      CompletableFuture<Boolean> taken = new CompletableFuture<>();
      CompletableFuture<StopResult> outcome =
          GracefulStop.start(
              options.connection.services(),
              policy,
              event -> {
                printer.on(event);
                if (lines != null) {
                  lines.on(event);
                }
                if (isTaken(event)) {
                  taken.complete(true);
                }
              });
      return detached ? leave(outcome, taken, printer) : print(await(outcome, printer));
    } finally {
      hook.over();
    }
  }

  private StopResult await(CompletableFuture<StopResult> outcome, StopPrinter printer)
      throws InterruptedException {
    StopResult ended = Outcomes.await(outcome, err());
    printer.over(ended.text());
    return ended;
  }

  /** The recorded requests let anyone continue: nothing is lost with this process. */
  private int leave(
      CompletableFuture<StopResult> outcome, CompletableFuture<Boolean> taken, StopPrinter printer)
      throws IOException, InterruptedException {
    try {
      CompletableFuture.anyOf(outcome, taken).get();
    } catch (ExecutionException bug) {
      return print(await(outcome, printer));
    }
    if (!taken.isDone()) {
      return print(await(outcome, printer));
    }
    String text =
        "Flink has taken the stop. 'sluice status' shows its progress, 'sluice stop' again proves it";
    return print(Map.of("detached", true, "text", text), out -> out.println(text));
  }

  private static boolean isTaken(StopEvent event) {
    return event instanceof StopEvent.Ended ended
        && ended.step() == Step.REQUEST
        && ended.result() == StepResult.OK;
  }

  private int print(StopResult outcome) throws IOException {
    Outcomes.print(outcome, output, out(), options.connection);
    return outcome.exitCode();
  }
}
