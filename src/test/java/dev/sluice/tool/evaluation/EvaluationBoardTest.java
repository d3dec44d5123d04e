package dev.sluice.tool.evaluation;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.event.Target;
import dev.sluice.tool.scoring.Column;
import dev.sluice.tool.scoring.KeyBoard;
import dev.sluice.tool.scoring.ModelBoard;
import dev.sluice.tool.scoring.ModelScore;
import dev.sluice.tool.scoring.Score;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EvaluationBoardTest {

  private static final List<String> LABELS = List.of("no", "yes");

  @Test
  void anHonestProbabilityIsCalibratedAndABoastfulOneIsNot() {
    EvaluationBoard board = new EvaluationBoard(LABELS, null, 2);
    Random random = new Random(1);
    for (int i = 0; i < 50_000; i++) {
      double p = random.nextDouble();
      boolean yes = random.nextDouble() < p;
      double boast = p > .5 ? .95 : .05;
      board.add(
          judged(
              "k", i, yes, probabilities("served", p, yes), probabilities("constant", boast, yes)));
    }
    ModelScore honest = board.models().get(0);
    assertThat(honest.calibration()).isLessThan(.01);
    assertThat(honest.reliability())
        .hasSize(10)
        .allSatisfy(bin -> assertThat(bin.observed()).isCloseTo(bin.predicted(), within(.03)));
    assertThat(board.models().get(1).calibration())
        .as("it says .95 and .05 where .75 and .25 happen")
        .isCloseTo(.2, within(.01));
    assertThat(((Score.OfLabels) honest.score()).auc().orElseThrow()).isCloseTo(.833, within(.01));
  }

  @Test
  void errorQuantilesAreRightToOnePercent() {
    EvaluationBoard board = new EvaluationBoard(List.of(), null, 2);
    double[] errors = new Random(2).doubles(20_000).map(u -> Math.pow(10, 12 * u - 6)).toArray();
    for (int i = 0; i < errors.length; i++) {
      double value = errors[i];
      board.add(
          new Judged(
              "k",
              i,
              new Target.Value(value),
              false,
              List.of(new Column("served", new double[] {0}, true, 1))));
    }
    Arrays.sort(errors);
    ModelScore served = board.models().get(0);
    assertThat(served.errors().get("p50")).isCloseTo(errors[9_999], within(errors[9_999] * .0101));
    assertThat(served.errors().get("p90"))
        .isCloseTo(errors[17_999], within(errors[17_999] * .0101));
    assertThat(served.calibration()).isNaN();
  }

  @Test
  void observationsAreCountedInTheirSpanOfTime() {
    EvaluationBoard board = new EvaluationBoard(LABELS, Duration.ofDays(1), 2);
    for (int day : new int[] {-1, 0, 0, 5}) {
      board.add(judged("k", day * 86_400_000L + 7, true, probabilities("served", .8, true)));
    }
    assertThat(board.spans())
        .extracting(span -> span.from() + " " + requireNonNull(span.scores().get("served")).n())
        .containsExactly(
            "1969-12-31T00:00:00Z 1", "1970-01-01T00:00:00Z 2", "1970-01-06T00:00:00Z 1");
    assertThat(board.times())
        .containsExactly(Instant.ofEpochMilli(-86_399_993), Instant.ofEpochMilli(432_000_007));
  }

  @Test
  void tooManySpansOfTimeAreRefused() {
    EvaluationBoard board = new EvaluationBoard(LABELS, Duration.ofSeconds(1), 2);
    assertThatThrownBy(
            () -> {
              for (int i = 0; i <= ModelBoard.MOST_SPANS; i++) {
                board.add(judged("k", i * 1000L, true, probabilities("served", .8, true)));
              }
            })
        .hasMessageContaining("more than 400 times --every (PT1S)");
  }

  @Test
  void theKeysThatAreServedWorstComeFirst() {
    EvaluationBoard board = new EvaluationBoard(LABELS, null, 2);
    for (int i = 0; i < 30; i++) {
      String key = "k" + i % 3;
      double served = i % 3 == 0 ? .9 : i % 3 == 1 ? .2 : .5;
      board.add(
          judged(
              key,
              i,
              true,
              probabilities("served", served, true),
              probabilities("constant", .5, true)));
    }
    assertThat(board.worstKeys(2)).extracting(KeyBoard.OfKey::key).containsExactly("k1", "k2");
    assertThat(board.worstKeys(2).get(0).n()).isEqualTo(10);
    assertThat(board.keysBetterThanConstant()).isEqualTo(1);
  }

  private static Judged judged(String key, long observedMs, boolean yes, Column... columns) {
    return new Judged(
        key, observedMs, new Target.Label(LABELS.get(yes ? 1 : 0)), false, List.of(columns));
  }

  private static Column probabilities(String model, double yes, boolean happened) {
    return new Column(
        model, new double[] {1 - yes, yes}, true, -Math.log(happened ? yes : 1 - yes));
  }
}
