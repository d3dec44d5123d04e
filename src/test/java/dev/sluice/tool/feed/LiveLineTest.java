package dev.sluice.tool.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.flink.SavedCheckpoint;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class LiveLineTest {

  @Test
  void theLineTellsEverything() {
    assertThat(
            LiveLine.text(
                new LiveLine.Facts(
                    "RUNNING",
                    OptionalLong.of(2004),
                    OptionalLong.of(17),
                    new EvaluationTail.Losses(1000, 221, .4312, .4172, .418),
                    978_859_592_000L,
                    false,
                    new SavedCheckpoint(12, Instant.ofEpochMilli(1_000_000), ""),
                    1_004_500),
                200))
        .isEqualTo(
            "2,004 events/s | lag 17 | 221 keys | log loss champion 0.4312 challenger 0.4172"
                + " served 0.4180 | 2001-01-07 09:26 | checkpoint 12, 4 s ago");
  }

  @Test
  void whatIsNotKnownYetIsADashAndNothingExceedsTheTerminal() {
    LiveLine.Facts nothing =
        new LiveLine.Facts(
            "RESTARTING",
            OptionalLong.empty(),
            OptionalLong.empty(),
            new EvaluationTail.Losses(0, 0, Double.NaN, Double.NaN, Double.NaN),
            0,
            true,
            null,
            0);
    assertThat(LiveLine.text(nothing, 500))
        .isEqualTo(
            "RESTARTING | - events/s | lag - | 0 keys | log loss champion - challenger -"
                + " served - | end of data | no checkpoint yet");
    assertThat(LiveLine.text(nothing, 20)).hasSize(20);
  }

  @Test
  void theRateIsTakenBetweenTheLastTwoRefreshes() {
    Throughput throughput = new Throughput();
    assertThat(throughput.at(0, 0)).isEmpty();
    assertThat(throughput.at(1_000, 1_000_000_000L)).isEmpty();
    assertThat(throughput.at(1_000, 2_000_000_000L)).isEmpty();
    assertThat(throughput.at(5_000, 3_000_000_000L)).hasValue(2_000);
    assertThat(throughput.at(5_000, 9_000_000_000L)).hasValue(2_000);
    assertThat(throughput.at(5_000, 19_000_000_000L)).hasValue(0);
  }
}
