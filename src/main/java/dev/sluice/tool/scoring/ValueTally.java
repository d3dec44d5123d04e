package dev.sluice.tool.scoring;

import java.time.Instant;
import java.util.OptionalDouble;

/** Counts how well one regressor did. */
final class ValueTally implements Tally {

  private long n;
  private double absoluteSum;
  private double squaredSum;
  private double lossSum;

  /** Welford's running mean and sum of squared deviations of the true values. */
  private double mean;

  private double m2;

  @Override
  public void add(Truth truth, Column column) {
    double value = truth.value();
    if (Double.isNaN(value) || column.outputs().length != 1) {
      throw new IllegalArgumentException(
          "from values to the label (%s) at %s: score one kind at a time by --since and --until"
              .formatted(truth.label(), Instant.ofEpochMilli(truth.timeMs())));
    }
    double error = column.outputs()[0] - value;
    n++;
    absoluteSum += Math.abs(error);
    squaredSum += error * error;
    lossSum += column.loss();
    double before = value - mean;
    mean += before / n;
    m2 += before * (value - mean);
  }

  @Override
  public Score score() {
    return new Score.OfValues(
        n,
        absoluteSum / n,
        Math.sqrt(squaredSum / n),
        m2 > 0 ? OptionalDouble.of(1 - squaredSum / m2) : OptionalDouble.empty(),
        lossSum / n);
  }
}
