package dev.sluice.model;

import dev.sluice.event.Features;
import dev.sluice.features.SparseFeatures;

/** How a champion computes its outputs: in one of two ways, neither of which throws. */
sealed interface Predictor permits LinearPredictor, AnyPredictor {

  /**
   * The outputs in the champion's output order, all finite.
   *
   * @param features the observation
   * @param encoded the same, encoded with the champion's domain first if it is linear
   */
  double[] predict(Features features, SparseFeatures encoded);
}
