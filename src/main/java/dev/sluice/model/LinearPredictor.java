package dev.sluice.model;

import dev.sluice.event.Features;
import dev.sluice.features.SparseFeatures;
import java.util.List;
import org.tribuo.math.util.VectorNormalizer;

/**
 * A linear champion without Tribuo's examples: the same sums in the same order, so the same bits.
 *
 * @param domain its feature names by id
 * @param weights shape: [outputs][domain + 1], the bias in the last column; owned
 * @param normalizer turns scores into outputs
 */
record LinearPredictor(List<String> domain, double[][] weights, VectorNormalizer normalizer)
    implements Predictor {

  @Override
  public double[] predict(Features features, SparseFeatures encoded) {
    double[] outputs = LinearScores.of(weights, encoded, domain.size());
    normalizer.normalizeInPlace(outputs);
    return LinearScores.bounded(outputs);
  }
}
