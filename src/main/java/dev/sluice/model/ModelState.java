package dev.sluice.model;

import dev.sluice.event.ServedBy;
import dev.sluice.features.ScalerState;

/**
 * Everything that one key's model remembers. Plain arrays and counters: no Tribuo object is ever
 * stored. Mutable; owned by the task's thread.
 */
public final class ModelState {

  /** Bytes: this object, its scaler and drift detector, the arrays of rows. */
  private static final int OBJECTS = 320;

  /** Bytes: an array's header and the reference to it. */
  private static final int ARRAY = 24;

  /** The {@link #lastEventMs} of a model that does not know it. */
  public static final long UNKNOWN = Long.MIN_VALUE;

  /**
   * The challenger's parameters; shape: [outputs][columns + 1], the bias in the last column. One
   * output a label in the job's label order, or a single one in regression.
   */
  public final double[][] weights;

  /**
   * What the optimiser remembers, in its own order; shape: [slots][outputs][columns + 1]. SGD has
   * no slot, momentum and AdaGrad one, AdaDelta two.
   */
  public final double[][][] accumulators;

  /** The hashed columns' scaler. */
  public final ScalerState scaler;

  /** Observations predicted. */
  public long predictions;

  /** Outcomes learned. */
  public long updates;

  /** Outcomes not learned because the step would not have been finite. */
  public long refusedUpdates;

  /** Outcomes evaluated. */
  public long evaluations;

  /** Fading sum of the champion's losses (Gama, Sebastião and Rodrigues 2013). */
  public double championLossSum;

  /** Fading sum of the challenger's losses over the same outcomes. */
  public double challengerLossSum;

  /** The fading count that both sums are divided by. */
  public double lossWeight;

  /** The model that the policy {@code best} serves now. */
  public ServedBy best;

  /** Outcomes that had been evaluated when the losses were last reset. */
  public long evaluationsBefore;

  /**
   * The number of the last control command that changed this model: a prediction of an earlier
   * number was made by another challenger or champion.
   */
  public long generation;

  /**
   * The latest Kafka timestamp of the key's observations and outcomes, epoch milliseconds; {@link
   * #UNKNOWN} as long as models do not expire.
   */
  public long lastEventMs = UNKNOWN;

  /** The drift detector's part. */
  public PageHinkley.State drift = new PageHinkley.State();

  /** Takes ownership of the arrays; counters start at zero. */
  public ModelState(
      double[][] weights, double[][][] accumulators, ScalerState scaler, ServedBy best) {
    this.weights = weights;
    this.accumulators = accumulators;
    this.scaler = scaler;
    this.best = best;
  }

  /**
   * How many bytes of heap this takes, give or take the padding of objects. All rows of a model are
   * of one length and no array is ever replaced, so nothing is walked through and the size is the
   * same for this object's life.
   */
  public long bytes() {
    long outputs = weights.length;
    long columns = weights.length == 0 ? 0 : weights[0].length;
    long rows = outputs * (1L + accumulators.length);
    return OBJECTS
        + rows * (ARRAY + columns * Double.BYTES)
        + 3 * (ARRAY + (long) scaler.count.length * Double.BYTES);
  }

  /** Resets the losses, for another champion; which model is served now stays. */
  public void restartLosses() {
    championLossSum = 0;
    challengerLossSum = 0;
    lossWeight = 0;
    evaluationsBefore = evaluations;
  }
}
