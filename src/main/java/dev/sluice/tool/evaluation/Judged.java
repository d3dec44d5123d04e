package dev.sluice.tool.evaluation;

import dev.sluice.event.Target;
import java.util.List;

/**
 * A prediction that met its outcome.
 *
 * @param key the entity
 * @param observedMs when it was predicted, epoch milliseconds of the events
 * @param target what it turned out to be
 * @param servedByChampion whether the champion's prediction was served
 * @param columns what each model had predicted
 */
record Judged(
    String key, long observedMs, Target target, boolean servedByChampion, List<Column> columns) {

  /**
   * What one model had predicted.
   *
   * @param model its name in tables
   * @param outputs one score a label in the run's order, or the one value; owned by the record
   * @param probabilities whether the outputs are probabilities
   * @param loss log loss in nats, or the objective's own of values
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Column(String model, double[] outputs, boolean probabilities, double loss) {}
}
