package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.stop.Step;
import dev.sluice.tool.stop.StepResult;
import dev.sluice.tool.stop.StopEvent;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** How often a stop that is refused says why. */
class StopPrinterTest {

  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
  private static final String WHY = "job (x) is FINISHED already [SLU-STOP-NOT-RUNNING]";

  private final StringWriter err = new StringWriter();
  private final StopPrinter printer = new StopPrinter(new PrintWriter(err), new Console());

  @Test
  void whyItIsRefusedIsSaidByTheOutcome() {
    printer.on(ended(Step.PREFLIGHT, WHY));
    printer.over("Refused, and nothing was touched: " + WHY);
    printer.over("");
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .startsWith("FAILED  preflight")
        .doesNotContain(WHY);
  }

  @Test
  void whatTheOutcomeDoesNotSayIsSaidHere() {
    printer.on(ended(Step.PREFLIGHT, WHY));
    printer.over("The job was stopped already");
    assertThat(err.toString()).contains(WHY);
  }

  /** A stop that continues without Flink prints its steps in their order. */
  @Test
  void whatComesAfterItComesAfterIt() {
    printer.on(ended(Step.PREFLIGHT, WHY));
    printer.on(ended(Step.COMMITTED, "another"));
    printer.over(WHY + ", and another");
    assertThat(err.toString().lines().toList())
        .hasSize(2)
        .satisfiesExactly(
            one -> assertThat(one).contains(WHY), other -> assertThat(other).contains("another"));
  }

  private static StopEvent ended(Step step, String text) {
    return new StopEvent.Ended(NOON, step, StepResult.FAILED, Duration.ofSeconds(1), text);
  }
}
