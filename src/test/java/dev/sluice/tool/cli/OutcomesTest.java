package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.receipt.StopResult;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class OutcomesTest {

  /** Exit code 1 would say that nothing was changed. */
  @Test
  void ofAStopThatBreaksOffNothingIsKnown() throws Exception {
    StringWriter err = new StringWriter();
    StopResult outcome =
        Outcomes.await(
            CompletableFuture.failedFuture(new IllegalStateException("oops")),
            new PrintWriter(err));
    assertThat(outcome.exitCode()).isEqualTo(4);
    assertThat(outcome.text()).contains("oops", "is not known", "the same command continues");
    assertThat(err.toString()).contains("IllegalStateException: oops", "at dev.sluice.tool.cli");
  }
}
