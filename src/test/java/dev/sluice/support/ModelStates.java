package dev.sluice.support;

import dev.sluice.event.ServedBy;
import dev.sluice.features.ScalerState;
import dev.sluice.features.SparseFeatures;
import dev.sluice.model.LearnedWeights;
import dev.sluice.model.Mixture;
import dev.sluice.model.ModelState;
import dev.sluice.model.ModelState.Challenger;
import dev.sluice.model.ModelState.Start;
import dev.sluice.model.Pending;
import dev.sluice.model.TargetScaler;
import java.util.Arrays;
import java.util.function.Consumer;
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
    return new ModelState(
        Start.NONE,
        columns,
        LearnedWeights.of(new Challenger(0.05, weights, accumulators)),
        scaler,
        new TargetScaler(),
        new Mixture.State(new double[] {1}, new double[][] {{0, 1}}),
        best);
  }

  /** What each challenger has learned; copies. */
  public static Challenger[] challengers(ModelState state) {
    Challenger[] all = new Challenger[state.learned.challengers()];
    Arrays.setAll(all, state.learned::challenger);
    return all;
  }

  /** Changes numbers of a challenger. */
  public static void change(ModelState state, int challenger, Consumer<Challenger> change) {
    Challenger[] all = challengers(state);
    change.accept(all[challenger]);
    state.learned = LearnedWeights.of(all);
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
