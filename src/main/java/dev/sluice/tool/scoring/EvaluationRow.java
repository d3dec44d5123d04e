package dev.sluice.tool.scoring;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One record of the evaluations topic, as far as scoring needs it.
 *
 * @param key the entity
 * @param timeMs the outcome's time, epoch milliseconds
 * @param delayMs the outcome's time minus the observation's, milliseconds
 * @param label what it turned out to be; null in regression
 * @param value what it turned out to be; NaN in classification
 * @param servedByChampion whether the champion's prediction was served
 * @param blend what was served if it was the mixture of both; null otherwise
 * @param champion what the champion predicted; null if the job had none
 * @param challenger what the challenger predicted
 */
public record EvaluationRow(
    String key,
    long timeMs,
    long delayMs,
    @Nullable String label,
    double value,
    boolean servedByChampion,
    @Nullable Said blend,
    @Nullable Said champion,
    Said challenger) {

  /**
   * What one model predicted, and its loss.
   *
   * @param labels the labels of {@code scores}; empty in regression
   * @param scores one score a label; in regression the predicted value alone
   * @param loss log loss in nats, or the objective's own in regression; infinite if it was not
   *     finite
   */
  public record Said(List<String> labels, double[] scores, double loss) {}

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
