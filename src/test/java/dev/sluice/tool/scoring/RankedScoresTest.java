package dev.sluice.tool.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RankedScoresTest {

  private static final int N = 200_000;

  /** Where scores lie. */
  private enum Shape {
    RARE,
    NEARLY_CERTAIN,
    EVEN,
    MARGINS,
    LARGE;

    double score(Random random) {
      return switch (this) {
        case RARE -> 1 / (1 + Math.exp(3 - random.nextGaussian()));
        case NEARLY_CERTAIN -> 1 / (1 + Math.exp(-8 - 2 * random.nextGaussian()));
        case EVEN -> random.nextDouble();
        case MARGINS -> 5 * random.nextGaussian();
        case LARGE -> 1e9 * random.nextGaussian();
      };
    }
  }

  private record Scored(double score, boolean positive) {}

  @ParameterizedTest
  @EnumSource(Shape.class)
  void theAreaIsWithinItsBoundOfTheExactOne(Shape shape) {
    List<Scored> all = scored(shape, N);
    RankedScores ranked = ranked(1, all);

    assertThat(ranked.auc().orElseThrow()).isCloseTo(exact(all), within(ranked.aucError() + 1e-12));
    assertThat(ranked.aucError()).isLessThan(2e-4);
  }

  @Test
  void aCoarserOneStillKeepsItsBound() {
    List<Scored> all = scored(Shape.RARE, N);
    RankedScores coarse = ranked(1_000, all);

    assertThat(coarse.auc().orElseThrow()).isCloseTo(exact(all), within(coarse.aucError() + 1e-12));
    assertThat(coarse.aucError()).isGreaterThan(ranked(1, all).aucError()).isLessThan(0.02);
  }

  @Test
  void equalScoresAreNoError() {
    List<Scored> all = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      all.add(new Scored(0.2, i % 5 == 0));
      all.add(new Scored(0.9, i % 2 == 0));
    }
    RankedScores ranked = ranked(1, all);

    assertThat(ranked.auc().orElseThrow()).isCloseTo(exact(all), within(1e-12));
    assertThat(ranked.aucError()).isZero();
  }

  @Test
  void aGreaterScoreIsNeverInALowerBin() {
    double[] scores = new Random(3).doubles(20_000, -3, 3).toArray();
    double[] ends = {
      Double.NEGATIVE_INFINITY,
      -1e300,
      -1,
      -1e-300,
      0,
      1e-300,
      Double.MIN_VALUE,
      0.5,
      0.75,
      1,
      Math.nextUp(0.5),
      Math.nextDown(1),
      Math.nextUp(1),
      1e300,
      Double.POSITIVE_INFINITY
    };
    double[] all = Arrays.copyOf(scores, scores.length + ends.length);
    System.arraycopy(ends, 0, all, scores.length, ends.length);
    Arrays.sort(all);
    RankedScores bins = new RankedScores(1);

    long before = Long.MIN_VALUE;
    for (double score : all) {
      long place = ((long) bins.page(score) << 32) + bins.bin(score);
      assertThat(place).as("%s", score).isGreaterThanOrEqualTo(before);
      before = place;
    }
  }

  @Test
  void memoryDoesNotGrowWithTheScores() {
    RankedScores ranked = ranked(1, scored(Shape.RARE, N));
    int bins = ranked.bins();
    scored(Shape.RARE, N).forEach(one -> ranked.add(one.score(), one.positive()));

    assertThat(ranked.bins()).isEqualTo(bins).isLessThan(200_000);
  }

  private static RankedScores ranked(int atOnce, List<Scored> all) {
    RankedScores ranked = new RankedScores(atOnce);
    all.forEach(one -> ranked.add(one.score(), one.positive()));
    return ranked;
  }

  /** The greater the score, the likelier a positive. */
  private static List<Scored> scored(Shape shape, int n) {
    Random random = new Random(7);
    double[] drawn = new double[n];
    Arrays.setAll(drawn, i -> shape.score(random));
    double[] sorted = drawn.clone();
    Arrays.sort(sorted);
    List<Scored> all = new ArrayList<>();
    for (double score : drawn) {
      double rank = Math.abs(Arrays.binarySearch(sorted, score)) / (double) n;
      all.add(new Scored(score, random.nextDouble() < 0.1 + 0.4 * rank));
    }
    return all;
  }

  /** Sorted, ties counting half. */
  private static double exact(List<Scored> all) {
    double[] with =
        all.stream().filter(Scored::positive).mapToDouble(Scored::score).sorted().toArray();
    double[] without =
        all.stream().filter(one -> !one.positive()).mapToDouble(Scored::score).sorted().toArray();
    double halves = 0;
    int below = 0;
    int notAbove = 0;
    for (double score : with) {
      while (below < without.length && without[below] < score) {
        below++;
      }
      while (notAbove < without.length && without[notAbove] <= score) {
        notAbove++;
      }
      halves += below + (double) notAbove;
    }
    return halves / 2 / with.length / without.length;
  }
}
