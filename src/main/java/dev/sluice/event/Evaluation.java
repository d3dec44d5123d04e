package dev.sluice.event;

import org.jspecify.annotations.Nullable;

/**
 * The answer to an outcome that met its observation; all as predicted when the observation came,
 * before learning from it.
 *
 * @param origin the outcome's origin
 * @param id the observation's id
 * @param key the entity
 * @param timeMs the outcome's time, epoch milliseconds
 * @param target what it turned out to be
 * @param servedBy which model's prediction was served
 * @param learned whether the challenger learned from it
 * @param delayMs the outcome's time minus the observation's, milliseconds
 * @param champion what the champion predicted, null if the job had none
 * @param challenger what the challenger predicted
 * @param shadow what the shadow predicted, null if there was none
 */
public record Evaluation(
    Origin origin,
    String id,
    String key,
    long timeMs,
    Target target,
    ServedBy servedBy,
    boolean learned,
    long delayMs,
    @Nullable Scored champion,
    Scored challenger,
    @Nullable Shadow shadow)
    implements Answer {

  /**
   * The prediction of a champion to be, scored; it was not served.
   *
   * @param version the shadow's
   */
  public record Shadow(int version, Scored scored) {}

  /**
   * One model's prediction, scored.
   *
   * @param outputs as {@link Prediction#outputs()}
   * @param loss log loss in nats (classification) or the objective's own loss (regression)
   */
  public record Scored(double[] outputs, double loss) {}
}
