package dev.sluice.tool.receipt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.receipt.Receipt.Resumption;
import dev.sluice.tool.receipt.Receipt.Resumption.State;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a receipt keeps of tools that ask for one job again and again. */
class ResumptionsTest {

  private static final String JOB = "0123456789abcdef0123456789abcdef";
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

  /** Each is killed before Flink answers, and its receipt is not to grow for ever. */
  @Test
  void ofToolsThatWereKilledTheFirstAndTheNewestQuestionStay() {
    List<Resumption> all = List.of(other());
    for (int i = 0; i < 5; i++) {
      all = Resumptions.with(all, asked(i * 300));
    }
    assertThat(all).containsExactly(other(), asked(0), asked(1_200));
    assertThat(Resumptions.without(all, asked(1_200)))
        .as("what became of the first is not known")
        .containsExactly(other(), asked(0));
  }

  /** Negative control: two that ask at once each take out their own. */
  @Test
  void theQuestionOfAToolThatMayStillAskIsKept() {
    List<Resumption> all = List.of();
    for (int i = 0; i < 3; i++) {
      all = Resumptions.with(all, asked(i));
    }
    assertThat(all).containsExactly(asked(0), asked(1), asked(2));
  }

  @Test
  void whatFlinkHasTakenIsInThePlaceOfAllOfThem() {
    List<Resumption> all = Resumptions.with(List.of(asked(0)), asked(300));
    Resumption taken = new Resumption(NOON.plusSeconds(301), JOB, 2, 0L, 0, State.SUBMITTED);
    assertThat(Resumptions.with(all, taken)).containsExactly(taken);
  }

  private static Resumption asked(int seconds) {
    return new Resumption(NOON.plusSeconds(seconds), JOB, 2, 0L, 0, State.ASKED);
  }

  private static Resumption other() {
    return new Resumption(NOON, "f".repeat(32), 2, 0L, 0, State.ASKED);
  }
}
