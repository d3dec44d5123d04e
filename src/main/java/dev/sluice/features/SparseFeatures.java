package dev.sluice.features;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An encoded observation: the non-zero columns of its feature vector, without the bias. The arrays
 * are parallel and owned by the record: never modified.
 *
 * @param indices distinct columns, ascending
 * @param values finite values
 */
public record SparseFeatures(int[] indices, double[] values) {

  public SparseFeatures {
    if (indices.length != values.length) {
      throw new IllegalArgumentException(
          "a sparse vector has as many indices as values, but these are (%s) and (%s)"
              .formatted(indices.length, values.length));
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SparseFeatures that
        && Arrays.equals(indices, that.indices)
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(indices) * 31 + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "SparseFeatures" + Arrays.toString(indices) + Arrays.toString(values);
  }
}
