package dev.sluice.model;

import dev.sluice.model.ModelState.Challenger;
import java.util.Arrays;
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
    int end = 0;
    for (int i = 0; i < challengers.length; i++) {
      double[] gradient = outputs[i];
      if (gradient != null) {
        end = gather(challengers[i], gradient, places, values, end);
      }
    }
    move(gradients, sums, rates, end, epsilon);
    int at = 0;
    for (int i = 0; i < challengers.length; i++) {
      if (outputs[i] != null) {
        at = scatter(challengers[i], places, at);
      }
    }
  }

  private int gather(
      Challenger challenger, double[] outputs, int[] places, double[] values, int from) {
    int columns = places.length;
    int end = from + outputs.length * (columns + 1);
    if (end > gradients.length) {
      gradients = Arrays.copyOf(gradients, 2 * end);
      sums = Arrays.copyOf(sums, 2 * end);
      rates = Arrays.copyOf(rates, 2 * end);
    }
    double rate = challenger.rate();
    int at = from;
    for (int row = 0; row < outputs.length; row++) {
      double[] squares = challenger.accumulators()[0][row];
      double output = outputs[row];
      for (int i = 0; i < columns; i++) {
        gradients[at + i] = values[i] * output;
        sums[at + i] = squares[places[i]];
        rates[at + i] = rate;
      }
      at += columns;
      gradients[at] = output;
      sums[at] = squares[squares.length - 1];
      rates[at++] = rate;
    }
    return at;
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

  private int scatter(Challenger challenger, int[] places, int from) {
    int at = from;
    for (int row = 0; row < challenger.weights().length; row++) {
      double[] weights = challenger.weights()[row];
      double[] squares = challenger.accumulators()[0][row];
      for (int place : places) {
        squares[place] = sums[at];
        weights[place] += gradients[at++];
      }
      squares[squares.length - 1] = sums[at];
      weights[weights.length - 1] += gradients[at++];
    }
    return at;
  }
}
