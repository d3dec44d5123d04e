package dev.sluice.model;

import dev.sluice.features.SparseFeatures;
import java.util.Arrays;
import org.tribuo.math.la.SparseVector;

/** An encoded observation as Tribuo's vector: its columns, then the bias with the value 1. */
final class EventVector extends SparseVector {

  private static final long serialVersionUID = 1L;

  EventVector(SparseFeatures features, int columns) {
    super(columns + 1, withBias(features.indices(), columns), 1.0);
    System.arraycopy(features.values(), 0, values, 0, features.values().length);
  }

  private static int[] withBias(int[] indices, int bias) {
    int[] all = Arrays.copyOf(indices, indices.length + 1);
    all[indices.length] = bias;
    return all;
  }
}
