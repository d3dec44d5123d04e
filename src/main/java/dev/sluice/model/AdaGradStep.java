package dev.sluice.model;

import org.jspecify.annotations.Nullable;

/**
 * Tribuo's AdaGrad on the active columns of all of a key's challengers, in Tribuo's order of
 * operations and thus with its bits, but without its objects: it is what a job does most.
 *
 * <p>What the challengers remember of these columns is laid out in one array, so that the JVM
 * calculates several square roots and quotients at once. Used by one thread; remembers nothing from
 * step to step.
 */
final class AdaGradStep {

  /** Numbers calculated at once. */
  private static final int ROOM = 1024;

  private final double epsilon;

  /** By lane, see {@link LearnedWeights}, from the first of those that are calculated at once. */
  private double[] ofLane = new double[0];

  private double[] rateOfLane = ofLane;
  private double[] gradients = ofLane;
  private double[] sums = ofLane;
  private double[] rates = ofLane;

  /**
   * @param epsilon what is added to each square root
   */
  AdaGradStep(double epsilon) {
    this.epsilon = epsilon;
  }

  /**
   * Takes one step.
   *
   * @param outputs gradient of the loss by challenger and output, as Tribuo's objectives give it:
   *     what is added lowers it; null for a challenger that takes no step
   * @param places of the active columns, ascending
   * @param values the columns' values
   */
  void take(LearnedWeights learned, double[] @Nullable [] outputs, int[] places, double[] values) {
    int lanes = learned.lanes();
    for (int lane = 0; lane < lanes; lane += ROOM) {
      int width = Math.min(ROOM, lanes - lane);
      boolean all = spread(learned, outputs, lane, width);
      int atOnce = ROOM / width;
      // The bias is behind the columns, as in Tribuo.
      for (int from = 0; from <= places.length; from += atOnce) {
        int to = Math.min(places.length + 1, from + atOnce);
        gather(learned, lane, width, places, values, from, to);
        move(gradients, sums, rates, (to - from) * width, epsilon);
        if (all) {
          scatter(learned, lane, width, places, from, to);
        } else {
          scatterSome(learned, outputs, lane, width, places, from, to);
        }
      }
    }
  }

  /** Whether all challengers take a step. */
  private boolean spread(
      LearnedWeights learned, double[] @Nullable [] outputs, int lane, int width) {
    if (rates.length < ROOM) {
      ofLane = new double[ROOM];
      rateOfLane = new double[ROOM];
      gradients = new double[ROOM];
      sums = new double[ROOM];
      rates = new double[ROOM];
    }
    boolean all = true;
    int challenger = lane / learned.outputs();
    int output = lane % learned.outputs();
    for (int i = 0; i < width; i++) {
      double[] gradient = outputs[challenger];
      all &= gradient != null;
      ofLane[i] = gradient == null ? 0 : gradient[output];
      rateOfLane[i] = learned.rate(challenger);
      if (++output == learned.outputs()) {
        output = 0;
        challenger++;
      }
    }
    return all;
  }

  private void gather(
      LearnedWeights learned,
      int lane,
      int width,
      int[] places,
      double[] values,
      int from,
      int to) {
    double[] numbers = learned.numbers();
    int block = learned.block();
    int slot = lane + learned.lanes();
    int end = 0;
    for (int i = from; i < to; i++) {
      boolean bias = i == places.length;
      double value = bias ? 1 : values[i];
      multiply(ofLane, value, gradients, end, width);
      System.arraycopy(numbers, bias ? slot : slot + (places[i] + 1) * block, sums, end, width);
      System.arraycopy(rateOfLane, 0, rates, end, width);
      end += width;
    }
  }

  private static void multiply(double[] from, double by, double[] to, int at, int length) {
    for (int i = 0; i < length; i++) {
      to[at + i] = by * from[i];
    }
  }

  /** Of each gradient the sum of squares and the step, in their place. */
  private static void move(
      double[] gradients, double[] sums, double[] rates, int end, double epsilon) {
    for (int i = 0; i < end; i++) {
      double gradient = gradients[i];
      double sum = sums[i] + gradient * gradient;
      sums[i] = sum;
      gradients[i] = gradient * (rates[i] / (epsilon + Math.sqrt(sum)));
    }
  }

  private void scatter(
      LearnedWeights learned, int lane, int width, int[] places, int from, int to) {
    double[] numbers = learned.numbers();
    int block = learned.block();
    int lanes = learned.lanes();
    int end = 0;
    for (int i = from; i < to; i++) {
      int at = lane + (i == places.length ? 0 : (places[i] + 1) * block);
      System.arraycopy(sums, end, numbers, at + lanes, width);
      add(gradients, end, numbers, at, width);
      end += width;
    }
  }

  private static void add(double[] from, int start, double[] to, int at, int length) {
    for (int i = 0; i < length; i++) {
      to[at + i] += from[start + i];
    }
  }

  private void scatterSome(
      LearnedWeights learned,
      double[] @Nullable [] outputs,
      int lane,
      int width,
      int[] places,
      int from,
      int to) {
    double[] numbers = learned.numbers();
    int end = 0;
    for (int i = from; i < to; i++) {
      int at = lane + (i == places.length ? 0 : (places[i] + 1) * learned.block());
      int slot = at + learned.lanes();
      for (int k = 0; k < width; k++) {
        if (outputs[(lane + k) / learned.outputs()] != null) {
          numbers[slot + k] = sums[end + k];
          numbers[at + k] += gradients[end + k];
        }
      }
      end += width;
    }
  }
}
