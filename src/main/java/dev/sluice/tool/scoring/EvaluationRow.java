package dev.sluice.tool.scoring;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One record of the evaluations topic, as far as scoring needs it.
 *
 * @param key the entity
 * @param truth what it turned out to be, with the outcome's time
 * @param delayMs the outcome's time minus the observation's, milliseconds
 * @param servedByChampion whether the champion's prediction was served
 * @param blend what was served if it was the mixture of both; null otherwise
 * @param champion what the champion predicted; null if the job had none
 * @param challenger what the challenger predicted
 * @param shadow what a champion to be predicted; null if there was none
 */
public record EvaluationRow(
    String key,
    Truth truth,
    long delayMs,
    boolean servedByChampion,
    @Nullable Said blend,
    @Nullable Said champion,
    Said challenger,
    @Nullable Shadow shadow) {

  private static final double ROUNDING = 1e-6;

  /**
   * What one model predicted, and its loss.
   *
   * @param labels the labels of {@code scores}; empty in regression
   * @param scores one score a label; in regression the predicted value alone
   * @param loss log loss in nats, or the objective's own in regression; infinite if it was not
   *     finite
   */
  public record Said(List<String> labels, double[] scores, double loss) {

    /** Whether the scores can be probabilities: none is outside [0, 1], and they add up to 1. */
    boolean isOfProbabilities() {
      double sum = 0;
      for (double score : scores) {
        if (!(score >= 0 && score <= 1)) {
          return false;
        }
        sum += score;
      }
      return !labels.isEmpty() && Math.abs(sum - 1) < ROUNDING;
    }
  }

  /**
   * What a shadow predicted.
   *
   * @param version its version
   */
  public record Shadow(int version, Said said) {}

  /** The outcome's time, epoch milliseconds. */
  public long timeMs() {
    return truth.timeMs();
  }

  /** What was served. */
  public Said served() {
    Said mixture = blend;
    if (mixture != null) {
      return mixture;
    }
    Said said = champion;
    return servedByChampion && said != null ? said : challenger;
  }
}
