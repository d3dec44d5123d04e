package dev.sluice.model;

/**
 * Finite scores as probabilities, with the bits of Tribuo's ExpNormalizer: the largest score's
 * exponential is known.
 */
final class Softmax {

  private Softmax() {}

  /** Of a copy. */
  static double[] of(double[] scores) {
    double[] copy = scores.clone();
    inPlace(copy);
    return copy;
  }

  static void inPlace(double[] scores) {
    if (scores.length == 2) {
      ofTwo(scores);
      return;
    }
    double max = -Double.MAX_VALUE;
    for (double score : scores) {
      if (max < score) {
        max = score;
      }
    }
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      scores[i] = scores[i] == max ? 1 : Math.exp(scores[i] - max);
      sum += scores[i];
    }
    for (int i = 0; i < scores.length; i++) {
      scores[i] /= sum;
    }
  }

  /** The same without a branch on which score is larger, which no processor can predict. */
  private static void ofTwo(double[] scores) {
    double difference = scores[0] - scores[1];
    double smaller = Math.exp(-Math.abs(difference));
    double sum = 1 + smaller;
    int largest = (int) (Double.doubleToRawLongBits(difference) >>> 63);
    scores[largest] = 1 / sum;
    scores[1 - largest] = smaller / sum;
  }
}
