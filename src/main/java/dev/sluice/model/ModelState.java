package dev.sluice.model;

import dev.sluice.event.ServedBy;
import dev.sluice.features.ScalerState;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Everything that one key's model remembers. Plain arrays and counters: no Tribuo object is ever
 * stored. Mutable; owned by the task's thread.
 *
 * <p>A challenger's score is that of the {@link #start}, which never changes, plus that of its own
 * weights, which are zero at first. Weights exist only for the columns that have been learned from:
 * all challengers of a key have the same.
 */
public final class ModelState {

  /** Bytes: this object, its scaler, drift detector, target's scale and mixture. */
  private static final int OBJECTS = 560;

  /** Bytes: an array's header and the reference to it. */
  private static final int ARRAY = 24;

  /** The {@link #lastEventMs} of a model that does not know it. */
  public static final long UNKNOWN = Long.MIN_VALUE;

  /** What the challengers started from. */
  public final Start start;

  /** What the challengers have learned; one challenger for each learning rate, ascending. */
  public LearnedWeights learned;

  /** The columns that have weights, ascending; the weights' columns in the same order. */
  public int[] columns;

  /** The scaler of all columns that carry numbers. */
  public final ScalerState scaler;

  /** The scale of the values to be predicted; unused in classification. */
  public final TargetScaler target;

  /** How the models are weighted. */
  public Mixture.State mixture;

  /** Observations predicted. */
  public long predictions;

  /** Outcomes learned, by one challenger at least. */
  public long updates;

  /** Outcomes not learned because no challenger's step would have been finite. */
  public long refusedUpdates;

  /** Outcomes evaluated. */
  public long evaluations;

  /** Fading sum of the champion's losses (Gama, Sebastião and Rodrigues 2013). */
  public double championLossSum;

  /** Fading sum of the losses of the challengers' mixture over the same outcomes. */
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

  /** How often the challengers of this key have begun again. */
  public long begun;

  /**
   * The latest Kafka timestamp of the key's observations and outcomes, epoch milliseconds; {@link
   * #UNKNOWN} as long as models do not expire.
   */
  public long lastEventMs = UNKNOWN;

  /** Whether all weights were found in the learner's bounds; null if it has not looked yet. */
  @Nullable Boolean bounded;

  /** Whether this object has learned before: what is read for one event is not looked through. */
  boolean kept;

  /** The drift detector's part. */
  public PageHinkley.State drift = new PageHinkley.State();

  /**
   * A linear model over the champion's columns with their raw values or, if the state was converted
   * from an earlier release, over hashed columns too. Never changed; shared between keys.
   *
   * @param columns those with weights, ascending
   * @param weights shape: [outputs][columns + 1], the bias in the last column; [0] for none
   */
  public record Start(int[] columns, double[][] weights) {

    /** Challengers that start from nothing. */
    public static final Start NONE = new Start(new int[0], new double[0][]);

    /** Whether there is none. */
    public boolean isNone() {
      return weights.length == 0;
    }

    /** The last column that has weights; -1 for none. */
    public int lastColumn() {
      return columns.length == 0 ? -1 : columns[columns.length - 1];
    }
  }

  /**
   * What one learning rate has learned.
   *
   * @param rate the learning rate; NaN for that of a state of an earlier release
   * @param weights shape: [outputs][columns + 1]: a column for each of {@link #columns}, and the
   *     bias in the last column. One output a label in the job's label order, or a single one in
   *     regression
   * @param accumulators what the optimiser remembers, in its own order; shape:
   *     [slots][outputs][columns + 1]. SGD has no slot, momentum and AdaGrad one, AdaDelta two
   */
  public record Challenger(double rate, double[][] weights, double[][][] accumulators) {}

  /** Takes ownership of the arrays; counters start at zero. */
  public ModelState(
      Start start,
      int[] columns,
      LearnedWeights learned,
      ScalerState scaler,
      TargetScaler target,
      Mixture.State mixture,
      ServedBy best) {
    this.start = start;
    this.columns = columns;
    this.learned = learned;
    this.scaler = scaler;
    this.target = target;
    this.mixture = mixture;
    this.best = best;
  }

  /**
   * Makes room for columns that have no weights yet.
   *
   * @param wanted ascending
   * @param initialAccumulator what the optimiser remembers of a new column, by rate
   */
  void grow(int[] wanted, DoubleUnaryOperator initialAccumulator) {
    int added = 0;
    for (int column : wanted) {
      added += Arrays.binarySearch(columns, column) < 0 ? 1 : 0;
    }
    if (added == 0) {
      return;
    }
    int[] all = Arrays.copyOf(columns, columns.length + added);
    int end = columns.length;
    for (int column : wanted) {
      if (Arrays.binarySearch(columns, column) < 0) {
        all[end++] = column;
      }
    }
    Arrays.sort(all);
    int[] places = new int[columns.length];
    for (int i = 0; i < places.length; i++) {
      places[i] = Arrays.binarySearch(all, columns[i]);
    }
    learned.grow(places, all.length, initialAccumulator);
    columns = all;
  }

  /** An independent copy of a matrix. */
  public static double[][] copyOf(double[][] rows) {
    double[][] copy = new double[rows.length][];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = rows[i].clone();
    }
    return copy;
  }

  /** How many bytes of heap this takes, give or take the padding of objects. */
  public long bytes() {
    return OBJECTS
        + start.weights.length * (ARRAY + (start.columns.length + 1L) * Double.BYTES)
        + (long) start.columns.length * Integer.BYTES
        + learned.bytes()
        + (long) columns.length * Integer.BYTES
        + scaler.bytes()
        + mixture.bytes();
  }

  /** Resets the losses, for another champion; which model is served now stays. */
  public void restartLosses() {
    championLossSum = 0;
    challengerLossSum = 0;
    lossWeight = 0;
    evaluationsBefore = evaluations;
  }
}
