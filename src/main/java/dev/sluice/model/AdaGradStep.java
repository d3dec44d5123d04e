package dev.sluice.model;

import dev.sluice.model.ModelState.Challenger;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Tribuo's AdaGrad on the active columns of all of a key's challengers, in Tribuo's order of
 * operations and thus with its bits, but without its objects: it is what a job does most.
 *
 * <p>What the challengers remember of these columns is laid out in one array, a few rows after the
 * other, so that the JVM calculates several square roots and quotients at once. Used by one thread;
 * remembers nothing from step to step.
 */
final class AdaGradStep {

  /** Numbers calculated at once; a row of more active columns alone. */
  private static final int ROOM = 1024;

  private final double epsilon;
  private double[] gradients = new double[0];
  private double[] sums = gradients;
  private double[] rates = gradients;

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
  void take(
      Challenger[] challengers, double[] @Nullable [] outputs, int[] places, double[] values) {
    int rows = challengers[0].weights().length;
    int atOnce = Math.max(1, ROOM / (places.length + 1));
    int all = challengers.length * rows;
    for (int from = 0; from < all; from += atOnce) {
      int to = Math.min(all, from + atOnce);
      int end = 0;
      for (int row = from; row < to; row++) {
        double[] gradient = outputs[row / rows];
        if (gradient != null) {
          double output = gradient[row % rows];
          end = gather(challengers[row / rows], row % rows, output, places, values, end);
        }
      }
      move(gradients, sums, rates, end, epsilon);
      int at = 0;
      for (int row = from; row < to; row++) {
        if (outputs[row / rows] != null) {
          at = scatter(challengers[row / rows], row % rows, places, at);
        }
      }
    }
  }

  private int gather(
      Challenger challenger, int row, double output, int[] places, double[] values, int from) {
    int columns = places.length;
    int end = from + columns + 1;
    if (end > gradients.length) {
      int room = Math.max(ROOM, end);
      gradients = Arrays.copyOf(gradients, room);
      sums = Arrays.copyOf(sums, room);
      rates = Arrays.copyOf(rates, room);
    }
    double rate = challenger.rate();
    double[] squares = challenger.accumulators()[0][row];
    for (int i = 0; i < columns; i++) {
      gradients[from + i] = values[i] * output;
      sums[from + i] = squares[places[i]];
      rates[from + i] = rate;
    }
    gradients[end - 1] = output;
    sums[end - 1] = squares[squares.length - 1];
    rates[end - 1] = rate;
    return end;
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

  private int scatter(Challenger challenger, int row, int[] places, int from) {
    int at = from;
    double[] weights = challenger.weights()[row];
    double[] squares = challenger.accumulators()[0][row];
    for (int place : places) {
      squares[place] = sums[at];
      weights[place] += gradients[at++];
    }
    squares[squares.length - 1] = sums[at];
    weights[weights.length - 1] += gradients[at++];
    return at;
  }
}
