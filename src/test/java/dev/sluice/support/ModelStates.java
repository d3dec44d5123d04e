package dev.sluice.support;

import dev.sluice.event.ServedBy;
import dev.sluice.features.ScalerState;
import dev.sluice.features.SparseFeatures;
import dev.sluice.model.Mixture;
import dev.sluice.model.ModelState;
import dev.sluice.model.ModelState.Challenger;
import dev.sluice.model.ModelState.Start;
import dev.sluice.model.Pending;
import dev.sluice.model.TargetScaler;
import org.jspecify.annotations.Nullable;

/** States and predictions made by hand. */
public final class ModelStates {

  private ModelStates() {}

  /**
   * A state without a start and without a champion, whose weights are all there is room for.
   *
   * @param weights shape: [outputs][columns + 1], the columns 0, 1, 2 and so on
   * @param accumulators shape: [slots][outputs][columns + 1]
   */
  public static ModelState dense(
      double[][] weights, double[][][] accumulators, ScalerState scaler, ServedBy best) {
    int used = weights[0].length - 1;
    int[] columns = new int[used];
    for (int i = 0; i < used; i++) {
      columns[i] = i;
    }
    double[][][] slots = new double[accumulators.length][][];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = roomy(accumulators[i]);
    }
    return new ModelState(
        Start.NONE,
        columns,
        new Challenger[] {new Challenger(0.05, roomy(weights), slots)},
        scaler,
        new TargetScaler(),
        new Mixture.State(new double[] {1}, new double[][] {{0, 1}}),
        best);
  }

  /** The same numbers in rows that have the room that a state gives them. */
  private static double[][] roomy(double[][] rows) {
    double[][] roomy = new double[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      int used = rows[i].length - 1;
      int capacity = ModelState.roomFor(used);
      roomy[i] = new double[capacity + 1];
      System.arraycopy(rows[i], 0, roomy[i], 0, used);
      roomy[i][capacity] = rows[i][used];
    }
    return roomy;
  }

  /** A prediction of an earlier release: without a start and single challengers. */
  public static Pending.Predicted earlier(
      long arrivalMs,
      long timeMs,
      SparseFeatures features,
      double @Nullable [] champion,
      double[] challenger,
      ServedBy servedBy,
      long generation,
      Pending.@Nullable Shadow shadow) {
    return new Pending.Predicted(
        arrivalMs,
        timeMs,
        features,
        null,
        champion,
        new double[0][],
        challenger,
        servedBy == ServedBy.CHAMPION && champion != null ? champion : challenger,
        servedBy,
        generation,
        0,
        shadow);
  }
}
