package dev.sluice.model;

import dev.sluice.model.ModelState.Challenger;

/**
 * Tribuo's AdaGrad on the active columns of one challenger, in Tribuo's order of operations and
 * thus with its bits, but without its objects: it is what a key's challengers do most.
 */
final class AdaGradStep {

  private AdaGradStep() {}

  /**
   * Takes one step.
   *
   * @param gradient of the loss by output, as Tribuo's objectives give it: what is added lowers it
   * @param places of the active columns, ascending
   * @param values the columns' values
   */
  static void take(
      Challenger challenger, double[] gradient, int[] places, double[] values, double epsilon) {
    double rate = challenger.rate();
    for (int row = 0; row < gradient.length; row++) {
      double[] weights = challenger.weights()[row];
      double[] squares = challenger.accumulators()[0][row];
      for (int i = 0; i < places.length; i++) {
        step(weights, squares, places[i], values[i] * gradient[row], rate, epsilon);
      }
      step(weights, squares, weights.length - 1, gradient[row], rate, epsilon);
    }
  }

  private static void step(
      double[] weights, double[] squares, int at, double gradient, double rate, double epsilon) {
    double sum = squares[at] + gradient * gradient;
    squares[at] = sum;
    weights[at] += gradient * (rate / (epsilon + Math.sqrt(sum)));
  }
}
