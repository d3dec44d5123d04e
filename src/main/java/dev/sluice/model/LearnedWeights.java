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

  /** The longest array of a JVM. */
  public static final int LONGEST = Integer.MAX_VALUE - 8;

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
   * Zeros, to be filled by {@link #setRows}.
   *
   * @param rates of the challengers, ascending; never changed from now on
   */
  public static LearnedWeights zeros(double[] rates, int outputs, int slots, int columns) {
    int length = length(columns + 1L, (long) (1 + slots) * rates.length * outputs);
    return new LearnedWeights(rates, outputs, slots, columns, new double[length]);
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
    double[][][] slots = new double[this.slots][outputs][columns + 1];
    Challenger copy = new Challenger(rates[challenger], new double[outputs][columns + 1], slots);
    for (int part = 0; part <= this.slots; part++) {
      rows(challenger, part, 0, part(copy, part), outputs);
    }
    return copy;
  }

  /** Takes over what a challenger has learned, but for its rate. */
  void set(int challenger, Challenger learned) {
    for (int part = 0; part <= slots; part++) {
      setRows(challenger, part, 0, part(learned, part), outputs);
    }
  }

  private static double[][] part(Challenger challenger, int part) {
    return part == 0 ? challenger.weights() : challenger.accumulators()[part - 1];
  }

  /**
   * Copies the numbers of all columns, and the bias behind them.
   *
   * @param part 0 for the weights, 1 for the optimiser's first slot
   * @param output the first one
   * @param rows one an output; shape: [count or more][columns + 1 or more]
   */
  public void rows(int challenger, int part, int output, double[][] rows, int count) {
    int block = block();
    int at = lane(challenger, part, output);
    for (int i = 0; i < count; i++) {
      rows[i][columns] = numbers[at + i];
    }
    for (int column = 0; column < columns; column++) {
      at += block;
      for (int i = 0; i < count; i++) {
        rows[i][column] = numbers[at + i];
      }
    }
  }

  /** Sets what {@link #rows} copies. */
  public void setRows(int challenger, int part, int output, double[][] rows, int count) {
    int block = block();
    int at = lane(challenger, part, output);
    for (int i = 0; i < count; i++) {
      numbers[at + i] = rows[i][columns];
    }
    for (int column = 0; column < columns; column++) {
      at += block;
      for (int i = 0; i < count; i++) {
        numbers[at + i] = rows[i][column];
      }
    }
  }

  /**
   * Copies a challenger's numbers of some columns, and zeros and the bias behind them.
   *
   * @param places of the columns
   * @param matrices with room for the columns and the bias
   */
  void gather(int challenger, int[] places, Challenger matrices) {
    int block = block();
    for (int part = 0; part <= slots; part++) {
      double[][] rows = part(matrices, part);
      int bias = lane(challenger, part, 0);
      for (int output = 0; output < outputs; output++) {
        double[] row = rows[output];
        Arrays.fill(row, places.length, row.length - 1, 0);
        row[row.length - 1] = numbers[bias + output];
      }
      for (int i = 0; i < places.length; i++) {
        int at = bias + (places[i] + 1) * block;
        for (int output = 0; output < outputs; output++) {
          rows[output][i] = numbers[at + output];
        }
      }
    }
  }

  /** Sets what {@link #gather} copies. */
  void scatter(int challenger, int[] places, Challenger matrices) {
    int block = block();
    for (int part = 0; part <= slots; part++) {
      double[][] rows = part(matrices, part);
      int bias = lane(challenger, part, 0);
      for (int output = 0; output < outputs; output++) {
        numbers[bias + output] = rows[output][rows[output].length - 1];
      }
      for (int i = 0; i < places.length; i++) {
        int at = bias + (places[i] + 1) * block;
        for (int output = 0; output < outputs; output++) {
          numbers[at + output] = rows[output][i];
        }
      }
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
    if (length(size + 1L, block) > before.length) {
      numbers = new double[length(size + 1L + size / SPARE_PART, block)];
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

  private static int length(long blocks, long block) {
    if (block > Integer.MAX_VALUE || blocks * block > LONGEST) {
      throw new IllegalStateException(
          "a key's model would have %,d columns with %,d numbers each, more than an array can hold"
              .formatted(blocks - 1, block));
    }
    return (int) (blocks * block);
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
