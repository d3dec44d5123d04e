package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.event.Answer.Evaluation;
import dev.sluice.event.Answer.Evaluation.Scored;
import dev.sluice.event.Origin;
import dev.sluice.event.Reason;
import dev.sluice.event.ServedBy;
import dev.sluice.event.Target;
import dev.sluice.features.SparseFeatures;
import dev.sluice.model.PageHinkley;
import dev.sluice.model.Pending;
import dev.sluice.support.ModelStates;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JobMetricsTest {

  private static final Set<String> OF_OTHERS =
      Set.of(
          "unreadPartitions",
          "deadLettersCut",
          "deferredTooLarge",
          "answersSuppressed",
          "answersMissing",
          "failedCommits",
          "lostCommits",
          "answersForeign",
          "controlRepliesChanged",
          "fenceDurationMs",
          "fenceRecordsRead",
          "fenceBytesRead");

  private final RecordedMetrics recorded = new RecordedMetrics();
  private int version = 3;
  private final JobMetrics metrics = new JobMetrics(recorded, 900_000, () -> version);

  @Test
  void whatIsRegisteredIsTheTableOfPublishedFiguresButForOthers() {
    Set<String> registered =
        recorded.figures().keySet().stream()
            .map(name -> name.substring(name.lastIndexOf('.') + 1))
            .collect(Collectors.toSet());
    assertThat(registered)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(JobMetric.values())
                .map(JobMetric::code)
                .filter(code -> !OF_OTHERS.contains(code))
                .toList());
  }

  @Test
  void eachReasonOfADeadLetterIsCountedByItself() {
    metrics.deadLetter(Reason.BAD_FEATURE);
    metrics.deadLetter(Reason.BAD_FEATURE);
    assertThat(recorded.value("sluice.reason.bad-feature.deadLetters")).isEqualTo(2);
    assertThat(recorded.value("sluice.reason.too-large.deadLetters")).isZero();
  }

  @Test
  void servedIsTheLossOfWhoeverServed() {
    metrics.evaluated(evaluation(ServedBy.CHAMPION, scored(0.2), 0.6, true), true, null);
    metrics.evaluated(evaluation(ServedBy.CHALLENGER, scored(0.4), 0.2, true), true, null);
    assertThat(recorded.value("sluice.championMeanLoss")).isCloseTo(0.3, within(0.001));
    assertThat(recorded.value("sluice.challengerMeanLoss")).isCloseTo(0.4, within(0.001));
    assertThat(recorded.value("sluice.servedMeanLoss")).isCloseTo(0.2, within(0.001));
    assertThat(recorded.value("sluice.meanOutcomeDelayMs")).isCloseTo(5_000, within(0.001));
  }

  @Test
  void aLossIsComparedWithItsKeysEarlierOnes() {
    PageHinkley detector = new PageHinkley(new PageHinkley.Settings(0.25, 16, 50, false));
    PageHinkley.State earlier = new PageHinkley.State();
    Evaluation evaluation = evaluation(ServedBy.CHALLENGER, null, 0.5, true);
    for (int i = 0; i < 20; i++) {
      metrics.evaluated(evaluation, true, earlier);
      detector.observe(earlier, i % 2 == 0 ? 0.2 : 0.4);
    }
    assertThat(recorded.value("sluice.comparedLosses"))
        .as("the first ten are too few")
        .isEqualTo(10);
    metrics.evaluated(evaluation, true, null);
    assertThat(recorded.value("sluice.comparedLosses")).isEqualTo(10);
    assertThat(recorded.value("sluice.comparedLossSum"))
        .as("each two deviations above the mean, and three")
        .isCloseTo(10 * 5, within(0.6));
  }

  @Test
  void withoutAChampionTheChallengerServesAndItsLossIsAlone() {
    metrics.evaluated(evaluation(ServedBy.CHALLENGER, null, 0.5, true), true, null);
    assertThat(recorded.value("sluice.championMeanLoss")).isNaN();
    assertThat(recorded.value("sluice.servedMeanLoss")).isEqualTo(0.5);
    version = 0;
    assertThat(recorded.value("sluice.championVersion")).isZero();
  }

  @Test
  void theMeanForgetsWithinSomeThousands() {
    for (int i = 0; i < 10_000; i++) {
      metrics.evaluated(
          evaluation(ServedBy.CHALLENGER, null, i < 5_000 ? 9.0 : 0.5, true), true, null);
    }
    assertThat(recorded.value("sluice.servedMeanLoss")).isCloseTo(0.5, within(0.1));
  }

  @Test
  void anOutcomeIsLearnedOrRefusedOrPaused() {
    metrics.evaluated(evaluation(ServedBy.CHALLENGER, null, 1, true), true, null);
    metrics.evaluated(evaluation(ServedBy.CHALLENGER, null, 1, false), true, null);
    metrics.evaluated(evaluation(ServedBy.CHALLENGER, null, 1, false), false, null);
    assertThat(recorded.value("sluice.evaluations")).isEqualTo(3);
    assertThat(recorded.value("sluice.updates")).isEqualTo(1);
    assertThat(recorded.value("sluice.refusedUpdates")).isEqualTo(1);
    assertThat(recorded.value("sluice.pausedUpdates")).isEqualTo(1);
  }

  @Test
  void anOutputThatIsNotFiniteIsCountedForItsModel() {
    metrics.predicted(prediction(new double[] {0.5, 0.5}, new double[] {0.5, 0.5}));
    metrics.predicted(prediction(null, new double[] {0.5, 0.5}));
    metrics.predicted(prediction(new double[] {0.5, Double.NaN}, new double[] {0.5, 0.5}));
    metrics.predicted(prediction(null, new double[] {Double.POSITIVE_INFINITY}));
    metrics.predicted(prediction(null, new double[] {Double.NaN}));
    assertThat(recorded.value("sluice.predictions")).isEqualTo(5);
    assertThat(recorded.value("sluice.model.champion.nonFiniteOutputs")).isEqualTo(1);
    assertThat(recorded.value("sluice.model.challenger.nonFiniteOutputs")).isEqualTo(2);
  }

  private static Scored scored(double loss) {
    return new Scored(new double[] {0.5, 0.5}, loss);
  }

  private static Evaluation evaluation(
      ServedBy servedBy, @Nullable Scored champion, double challengerLoss, boolean learned) {
    return new Evaluation(
        new Origin("sluice.events", 0, 1),
        "f-1",
        "LAS",
        6_000,
        new Target.Label("late"),
        servedBy,
        learned,
        5_000,
        servedBy == ServedBy.CHAMPION && champion != null ? champion : scored(challengerLoss),
        champion,
        scored(challengerLoss),
        null);
  }

  private static Pending.Predicted prediction(double @Nullable [] champion, double[] challenger) {
    return ModelStates.earlier(
        1,
        1,
        new SparseFeatures(new int[0], new double[0]),
        champion,
        challenger,
        ServedBy.CHALLENGER,
        0,
        null);
  }
}
