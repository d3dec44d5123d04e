package dev.sluice.features;

import java.util.Arrays;

/**
 * Running mean and variance of each column that has carried numbers (Welford 1962), part of a key's
 * model. Mutable; owned by the task's thread.
 */
public final class ScalerState {

  private static final int ROOM = 8;

  /** Numbers that count in full. */
  private static final int WINDOW = 1000;

  /** How many columns there are; the arrays have room for more. */
  private int size;

  private int[] columns;
  private long[] count;
  private double[] mean;
  private double[] m2;

  /** A scaler that has seen nothing. */
  public ScalerState() {
    this(new int[0], new long[0], new double[0], new double[0]);
  }

  /**
   * Takes ownership of the arrays, which are of one length.
   *
   * @param columns ascending
   * @param count numbers seen in each column
   * @param mean their mean
   * @param m2 the sum of their squared deviations from the mean
   */
  public ScalerState(int[] columns, long[] count, double[] mean, double[] m2) {
    this.size = columns.length;
    this.columns = columns;
    this.count = count;
    this.mean = mean;
    this.m2 = m2;
  }

  /** The columns, ascending; a copy. */
  public int[] columns() {
    return Arrays.copyOf(columns, size);
  }

  /** How many numbers each of the {@link #columns()} has seen; a copy. */
  public long[] counts() {
    return Arrays.copyOf(count, size);
  }

  /** Their means; a copy. */
  public double[] means() {
    return Arrays.copyOf(mean, size);
  }

  /** The sums of their squared deviations from the mean; a copy. */
  public double[] squares() {
    return Arrays.copyOf(m2, size);
  }

  /** How many numbers a column has seen. */
  public long count(int column) {
    int at = place(column);
    return at < 0 ? 0 : count[at];
  }

  /** Their mean; 0 without numbers. */
  public double mean(int column) {
    int at = place(column);
    return at < 0 ? 0 : mean[at];
  }

  /** Their population standard deviation; 0 without numbers. */
  public double deviation(int column) {
    int at = place(column);
    return at < 0 ? 0 : deviationAt(at);
  }

  /** An independent copy. */
  public ScalerState copy() {
    return new ScalerState(columns(), counts(), means(), squares());
  }

  /** Bytes of its arrays. */
  public long bytes() {
    return columns.length * (Integer.BYTES + 3L * Long.BYTES);
  }

  /** Where a column is; negative where it is not. */
  int place(int column) {
    return Arrays.binarySearch(columns, 0, size, column);
  }

  /** Where a column is, with no numbers if it was not there. */
  int placeOrNew(int column) {
    int at = place(column);
    return at < 0 ? insert(-1 - at, column) : at;
  }

  long countAt(int place) {
    return count[place];
  }

  double meanAt(int place) {
    return mean[place];
  }

  /** The population standard deviation; NaN without numbers. */
  double deviationAt(int place) {
    return Math.sqrt(m2[place] / count[place]);
  }

  /** Adds a number to Welford's sums; more than {@link #WINDOW} numbers fade. */
  void add(int at, double number) {
    double variance = count[at] == 0 ? 0 : m2[at] / count[at];
    count[at]++;
    double delta = number - mean[at];
    if (count[at] <= WINDOW) {
      mean[at] += delta / count[at];
      m2[at] += delta * (number - mean[at]);
    } else {
      mean[at] += delta / WINDOW;
      m2[at] = count[at] * (variance + (delta * (number - mean[at]) - variance) / WINDOW);
    }
  }

  private int insert(int at, int column) {
    if (size == columns.length) {
      int room = size + Math.max(ROOM, size / 4);
      columns = Arrays.copyOf(columns, room);
      count = Arrays.copyOf(count, room);
      mean = Arrays.copyOf(mean, room);
      m2 = Arrays.copyOf(m2, room);
    }
    System.arraycopy(columns, at, columns, at + 1, size - at);
    System.arraycopy(count, at, count, at + 1, size - at);
    System.arraycopy(mean, at, mean, at + 1, size - at);
    System.arraycopy(m2, at, m2, at + 1, size - at);
    columns[at] = column;
    count[at] = 0;
    mean[at] = 0;
    m2[at] = 0;
    size++;
    return at;
  }
}
