package dev.sluice.model;

import dev.sluice.model.ModelState.Challenger;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * What all of a key's challengers have learned, weights and what their optimisers remember, in one
 * array: an event touches a few pieces of memory, each of them whole. Mutable; owned by the task's
 * thread.
 *
 * <p>The array has a block for the bias and behind it one for each column that has weights. A block
 * has as many parts as there are numbers for a weight: the weights themselves, then each slot of
 * the optimiser. A part has a lane for each challenger and output, the challenger's outputs side by
 * side. In short: [bias, columns][weight, slots][challengers][outputs].
 */
public final class LearnedWeights {

  /** Bytes: this object and the headers of its array. */
  private static final int OBJECTS = 64;

  /** What is added to make room, as a part of what is there. */
  private static final int SPARE_PART = 8;

  /** Never changed: many keys share it. */
  private final double[] rates;

  private final int outputs;
  private final int slots;
  private int columns;

  /** Longer than the blocks where columns may come. */
  private double[] numbers;

  private LearnedWeights(double[] rates, int outputs, int slots, int columns, double[] numbers) {
    this.rates = rates;
    this.outputs = outputs;
    this.slots = slots;
    this.columns = columns;
    this.numbers = numbers;
  }

  /**
   * No columns, and a bias of 0.
   *
   * @param rates of the challengers, ascending; never changed from now on
   * @param initialAccumulator what the optimiser remembers of the bias, by rate
   */
  static LearnedWeights nothing(
      double[] rates, int outputs, int slots, DoubleUnaryOperator initialAccumulator) {
    LearnedWeights fresh = zeros(rates, outputs, slots, 0);
    fresh.begin(0, initialAccumulator);
    return fresh;
  }

  /**
   * Zeros, to be filled by {@link #setRow}.
   *
   * @param rates of the challengers, ascending; never changed from now on
   */
  public static LearnedWeights zeros(double[] rates, int outputs, int slots, int columns) {
    double[] numbers = new double[(columns + 1) * (1 + slots) * rates.length * outputs];
    return new LearnedWeights(rates, outputs, slots, columns, numbers);
  }

  /** The same numbers for other rates, which are never changed from now on. */
  public LearnedWeights withRates(double[] others) {
    return new LearnedWeights(others, outputs, slots, columns, numbers);
  }

  /** A copy of what some challengers have learned, which have the same shapes. */
  public static LearnedWeights of(Challenger... challengers) {
    double[] rates = Arrays.stream(challengers).mapToDouble(Challenger::rate).toArray();
    double[][] first = challengers[0].weights();
    LearnedWeights copy =
        zeros(rates, first.length, challengers[0].accumulators().length, first[0].length - 1);
    for (int i = 0; i < challengers.length; i++) {
      copy.set(i, challengers[i]);
    }
    return copy;
  }

  /** How many challengers there are. */
  public int challengers() {
    return rates.length;
  }

  /** How many outputs each of them has. */
  public int outputs() {
    return outputs;
  }

  /** How many arrays the optimiser remembers. */
  public int slots() {
    return slots;
  }

  /** How many columns have weights. */
  public int columns() {
    return columns;
  }

  /** A challenger's learning rate; NaN for that of a state of an earlier release. */
  public double rate(int challenger) {
    return rates[challenger];
  }

  /** All rates; not to be changed. */
  public double[] rates() {
    return rates;
  }

  /** What a challenger has learned; a copy. */
  public Challenger challenger(int challenger) {
    return padded(challenger, columns);
  }

  /**
   * The same with room for more columns, which are 0.
   *
   * @param capacity of all columns; the bias is behind them
   */
  Challenger padded(int challenger, int capacity) {
    double[][][] parts = new double[1 + slots][outputs][capacity + 1];
    double[] row = new double[columns + 1];
    for (int part = 0; part < parts.length; part++) {
      for (int output = 0; output < outputs; output++) {
        row(challenger, part, output, row);
        System.arraycopy(row, 0, parts[part][output], 0, columns);
        parts[part][output][capacity] = row[columns];
      }
    }
    return new Challenger(rates[challenger], parts[0], Arrays.copyOfRange(parts, 1, parts.length));
  }

  /** Takes over what a challenger has learned, but for its rate; see {@link #padded}. */
  void set(int challenger, Challenger learned) {
    for (int part = 0; part <= slots; part++) {
      double[][] rows = part == 0 ? learned.weights() : learned.accumulators()[part - 1];
      for (int output = 0; output < outputs; output++) {
        double[] row = rows[output];
        setRow(challenger, part, output, row, row[row.length - 1]);
      }
    }
  }

  /**
   * Copies the numbers of all columns, and the bias behind them.
   *
   * @param part 0 for the weights, 1 for the optimiser's first slot
   * @param row of the columns and one more, or longer
   */
  public void row(int challenger, int part, int output, double[] row) {
    int block = block();
    int at = lane(challenger, part, output);
    row[columns] = numbers[at];
    for (int i = 0; i < columns; i++) {
      at += block;
      row[i] = numbers[at];
    }
  }

  /**
   * Sets the numbers of all columns, and the bias.
   *
   * @param part 0 for the weights, 1 for the optimiser's first slot
   * @param row of the columns at least
   */
  public void setRow(int challenger, int part, int output, double[] row, double bias) {
    int block = block();
    int at = lane(challenger, part, output);
    numbers[at] = bias;
    for (int i = 0; i < columns; i++) {
      at += block;
      numbers[at] = row[i];
    }
  }

  /**
   * One weight.
   *
   * @param place of the column
   */
  public double weight(int challenger, int output, int place) {
    return numbers[lane(challenger, 0, output) + (place + 1) * block()];
  }

  /** Whether no number is infinite or NaN. */
  public boolean isFinite() {
    double sum = 0;
    int end = end();
    for (int i = 0; i < end; i++) {
      sum += 0 * numbers[i];
    }
    return sum == 0;
  }

  /** The least number that the optimiser remembers; infinity for none. */
  public double least() {
    double least = Double.POSITIVE_INFINITY;
    for (int block = 0; block < end(); block += block()) {
      for (int i = lanes(); i < block(); i++) {
        least = Math.min(least, numbers[block + i]);
      }
    }
    return least;
  }

  private int lane(int challenger, int part, int output) {
    return part * lanes() + challenger * outputs + output;
  }

  /** Of challengers and outputs. */
  int lanes() {
    return rates.length * outputs;
  }

  /** Numbers a block. */
  int block() {
    return (1 + slots) * lanes();
  }

  /** All blocks; see above. */
  double[] numbers() {
    return numbers;
  }

  /** The last number that counts, exclusive. */
  int end() {
    return (columns + 1) * block();
  }

  /**
   * What all weights score: in each lane the columns in ascending order, then the bias, as Tribuo's
   * LinearParameters has it. May be infinite or NaN.
   *
   * @param places where each value's column is; -1 for one without weights
   * @param scores takes a score a lane
   */
  void score(int[] places, double[] values, double[] scores) {
    int lanes = lanes();
    int block = block();
    double[] all = numbers;
    int lane = 0;
    for (; lane + 4 <= lanes; lane += 4) { // four sums that do not wait for each other
      double a = 0;
      double b = 0;
      double c = 0;
      double d = 0;
      for (int i = 0; i < places.length; i++) {
        if (places[i] >= 0) {
          int at = (places[i] + 1) * block + lane;
          double value = values[i];
          a += all[at] * value;
          b += all[at + 1] * value;
          c += all[at + 2] * value;
          d += all[at + 3] * value;
        }
      }
      scores[lane] = a + all[lane];
      scores[lane + 1] = b + all[lane + 1];
      scores[lane + 2] = c + all[lane + 2];
      scores[lane + 3] = d + all[lane + 3];
    }
    for (; lane < lanes; lane++) {
      double sum = 0;
      for (int i = 0; i < places.length; i++) {
        if (places[i] >= 0) {
          sum += all[(places[i] + 1) * block + lane] * values[i];
        }
      }
      scores[lane] = sum + all[lane];
    }
  }

  /**
   * Makes room for columns.
   *
   * @param places where those that there are go, ascending
   * @param size how many there are then
   * @param initialAccumulator what the optimiser remembers of a new column, by rate
   */
  void grow(int[] places, int size, DoubleUnaryOperator initialAccumulator) {
    int block = block();
    double[] before = numbers;
    int needed = (size + 1) * block;
    if (needed > before.length) {
      numbers = new double[(size + 1 + size / SPARE_PART) * block];
      System.arraycopy(before, 0, numbers, 0, block);
    }
    int next = size;
    for (int i = places.length - 1; i >= -1; i--) { // from behind: it may be the same array
      int to = i < 0 ? -1 : places[i];
      while (--next > to) {
        begin(next + 1, initialAccumulator);
      }
      if (i >= 0) {
        System.arraycopy(before, (i + 1) * block, numbers, (to + 1) * block, block);
      }
    }
    columns = size;
  }

  private void begin(int at, DoubleUnaryOperator initialAccumulator) {
    int lane = at * block();
    Arrays.fill(numbers, lane, lane + lanes(), 0);
    lane += lanes();
    for (int slot = 0; slot < slots; slot++) {
      for (double rate : rates) {
        double initial = initialAccumulator.applyAsDouble(rate);
        Arrays.fill(numbers, lane, lane + outputs, initial);
        lane += outputs;
      }
    }
  }

  /** Whether these are its rates, in this order. */
  boolean hasRates(double[] others) {
    if (rates == others) {
      return true;
    }
    if (rates.length != others.length) {
      return false;
    }
    for (int i = 0; i < rates.length; i++) {
      if (rates[i] != others[i]) {
        return false;
      }
    }
    return true;
  }

  /** An independent copy. */
  public LearnedWeights copy() {
    return new LearnedWeights(rates, outputs, slots, columns, Arrays.copyOf(numbers, end()));
  }

  long bytes() {
    return OBJECTS + (long) numbers.length * Double.BYTES;
  }
}
