package dev.sluice.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.model.ModelState.Challenger;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A step has the bits of AdaGrad carried out weight by weight, however many rows there are. */
class AdaGradStepTest {

  private static final double EPSILON = 1e-6;

  private final Random random = new Random(5);
  private final AdaGradStep adaGrad = new AdaGradStep(EPSILON);

  @ParameterizedTest
  @CsvSource({"1, 0", "2, 6", "3, 100", "400, 20", "2, 3000", "1, 1023", "5, 1024"})
  void aStepHasTheBitsOfPlainAdaGrad(int rows, int columns) {
    int[] places = new int[columns];
    double[] values = new double[columns];
    for (int i = 0; i < columns; i++) {
      places[i] = 2 * i;
      values[i] = random.nextGaussian();
    }
    Challenger[] plain = new Challenger[4];
    double[] @Nullable [] gradients = new double[4][];
    for (int i = 0; i < plain.length; i++) {
      plain[i] = challenger(0.1 + i, rows, 2 * columns + 3);
      gradients[i] = i == 1 ? null : random.doubles(rows, -1, 1).toArray();
    }
    LearnedWeights stepped = LearnedWeights.of(plain);
    for (int times = 0; times < 3; times++) {
      adaGrad.take(stepped, gradients, places, values);
      for (int i = 0; i < plain.length; i++) {
        plainStep(plain[i], gradients[i], places, values);
      }
    }
    for (int i = 0; i < plain.length; i++) {
      assertThat(stepped.challenger(i).weights()).isDeepEqualTo(plain[i].weights());
      assertThat(stepped.challenger(i).accumulators()[0]).isDeepEqualTo(plain[i].accumulators()[0]);
    }
  }

  private Challenger challenger(double rate, int rows, int size) {
    double[][] weights = new double[rows][];
    double[][] squares = new double[rows][];
    for (int row = 0; row < rows; row++) {
      weights[row] = random.doubles(size, -1, 1).toArray();
      squares[row] = random.doubles(size, 0, 1).toArray();
    }
    return new Challenger(rate, weights, new double[][][] {squares});
  }

  private static void plainStep(
      Challenger challenger, double @Nullable [] outputs, int[] places, double[] values) {
    for (int row = 0; outputs != null && row < outputs.length; row++) {
      double[] weights = challenger.weights()[row];
      double[] squares = challenger.accumulators()[0][row];
      for (int i = 0; i <= places.length; i++) {
        int at = i < places.length ? places[i] : weights.length - 1;
        double gradient = i < places.length ? values[i] * outputs[row] : outputs[row];
        squares[at] += gradient * gradient;
        weights[at] += gradient * (challenger.rate() / (EPSILON + Math.sqrt(squares[at])));
      }
    }
  }
}
