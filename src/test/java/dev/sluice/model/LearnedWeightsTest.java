package dev.sluice.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.model.ModelState.Challenger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LearnedWeightsTest {

  private static final double INITIAL = 0.5;

  private final Random random = new Random(3);

  @ParameterizedTest
  @CsvSource({"1, 1, 0", "1, 2, 1", "4, 2, 1", "3, 3, 2", "2, 1, 1", "5, 7, 0"})
  void whatIsThereStaysInItsColumnsWhenOthersCome(int challengers, int outputs, int slots) {
    double[] rates = random.doubles(challengers, 0.1, 9).toArray();
    LearnedWeights learned = LearnedWeights.nothing(rates, outputs, slots, rate -> INITIAL * rate);
    Challenger[] plain = new Challenger[challengers];
    for (int i = 0; i < challengers; i++) {
      plain[i] = new Challenger(rates[i], new double[outputs][1], new double[slots][outputs][1]);
      for (double[][] slot : plain[i].accumulators()) {
        for (double[] row : slot) {
          row[0] = INITIAL * rates[i];
        }
      }
      assertSame(learned.challenger(i), plain[i]);
    }
    TreeSet<Integer> columns = new TreeSet<>();
    for (int round = 0; round < 40; round++) {
      List<Integer> before = new ArrayList<>(columns);
      for (int more = random.nextInt(4); more >= 0; more--) {
        columns.add(random.nextInt(200));
      }
      List<Integer> after = new ArrayList<>(columns);
      int[] places = before.stream().mapToInt(after::indexOf).toArray();
      learned.grow(places, after.size(), rate -> INITIAL * rate);
      for (int i = 0; i < challengers; i++) {
        plain[i] = grown(plain[i], places, after.size());
        assertSame(learned.challenger(i), plain[i]);
        fill(plain[i]);
        learned.set(i, plain[i]);
      }
      for (int i = 0; i < challengers; i++) {
        assertSame(learned.challenger(i), plain[i]);
        assertSame(LearnedWeights.of(plain).challenger(i), plain[i]);
        assertSame(learned.copy().challenger(i), plain[i]);
      }
      assertScores(learned, plain, after.size());
    }
  }

  private void assertScores(LearnedWeights learned, Challenger[] plain, int columns) {
    int[] places = new int[1 + random.nextInt(9)];
    double[] values = random.doubles(places.length, -2, 2).toArray();
    Arrays.setAll(places, i -> random.nextInt(columns + 1) - 1);
    double[] scores = new double[learned.lanes()];
    learned.score(places, values, scores);
    int lane = 0;
    for (Challenger challenger : plain) {
      for (double[] row : challenger.weights()) {
        double sum = 0;
        for (int i = 0; i < places.length; i++) {
          sum += places[i] < 0 ? 0 : row[places[i]] * values[i];
        }
        assertThat(scores[lane++]).isEqualTo(sum + row[row.length - 1]);
      }
    }
  }

  private static Challenger grown(Challenger plain, int[] places, int size) {
    double initial = INITIAL * plain.rate();
    double[][][] slots = new double[plain.accumulators().length][][];
    for (int slot = 0; slot < slots.length; slot++) {
      slots[slot] = grown(plain.accumulators()[slot], places, size, initial);
    }
    return new Challenger(plain.rate(), grown(plain.weights(), places, size, 0), slots);
  }

  private static double[][] grown(double[][] rows, int[] places, int size, double initial) {
    double[][] grown = new double[rows.length][size + 1];
    for (int row = 0; row < rows.length; row++) {
      Arrays.fill(grown[row], initial);
      for (int i = 0; i < places.length; i++) {
        grown[row][places[i]] = rows[row][i];
      }
      grown[row][size] = rows[row][places.length];
    }
    return grown;
  }

  private void fill(Challenger challenger) {
    fill(challenger.weights());
    for (double[][] slot : challenger.accumulators()) {
      fill(slot);
    }
  }

  private void fill(double[][] rows) {
    for (double[] row : rows) {
      Arrays.setAll(row, i -> random.nextGaussian());
    }
  }

  private static void assertSame(Challenger one, Challenger other) {
    assertThat(one.rate()).isEqualTo(other.rate());
    assertThat(one.weights()).isDeepEqualTo(other.weights());
    assertThat(Arrays.deepEquals(one.accumulators(), other.accumulators())).isTrue();
  }
}
