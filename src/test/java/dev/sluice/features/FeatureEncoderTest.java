package dev.sluice.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.event.Features;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FeatureEncoderTest {

  private static final int WIDTH = 32;
  private final ScalerState scaler = new ScalerState(WIDTH);

  @Test
  void domainTakesRawNumbersAndTextsByName() {
    FeatureEncoder encoder =
        FeatureEncoder.championFirst(List.of("carrier=AA", "distance", "hour=7"), WIDTH);
    SparseFeatures encoded =
        encoder.encode(features(Map.of("carrier", "AA", "distance", 812.5, "hour", "7")), scaler);
    assertThat(encoded)
        .isEqualTo(new SparseFeatures(new int[] {0, 1, 2}, new double[] {1, 812.5, 1}));
    assertThat(encoder.columns()).isEqualTo(3 + WIDTH);
    assertThat(Arrays.stream(scaler.count).sum()).isZero();
  }

  @Test
  void domainNameWithSeveralEqualsSignsIsFoundByEitherSplit() {
    FeatureEncoder encoder = FeatureEncoder.championFirst(List.of("a=b=c"), WIDTH);
    assertThat(encoder.encode(features(Map.of("a", "b=c")), scaler).indices()).containsExactly(0);
    assertThat(encoder.encode(features(Map.of("a=b", "c")), scaler).indices()).containsExactly(0);
    assertThat(encoder.encode(features(Map.of("a=b=c", 4.0)), scaler).values())
        .containsExactly(4.0);
  }

  @Test
  void numberDoesNotTakeATextsColumnNorTheReverse() {
    FeatureEncoder encoder = FeatureEncoder.championFirst(List.of("hour", "month=1"), WIDTH);
    SparseFeatures encoded = encoder.encode(features(Map.of("hour", "7", "month", "2")), scaler);
    assertThat(Arrays.stream(encoded.indices())).allMatch(column -> column >= 2);
  }

  @Test
  void unknownTextIsHashedWithItsSign() {
    FeatureEncoder encoder = FeatureEncoder.championFirst(List.of(), WIDTH);
    int hash = SignedHash.hash("origin=LAS", null);
    assertThat(encoder.encode(features(Map.of("origin", "LAS")), scaler))
        .isEqualTo(
            new SparseFeatures(
                new int[] {hash & (WIDTH - 1)}, new double[] {SignedHash.sign(hash)}));
  }

  @Test
  void numberIsStandardisedByWhatCameBeforeIt() {
    FeatureEncoder encoder = FeatureEncoder.championFirst(List.of(), WIDTH);
    int hash = SignedHash.hash("x", null);
    List<Double> before = new ArrayList<>();
    Random random = new Random(7);
    for (int i = 0; i < 200; i++) {
      double x = 1e6 + random.nextGaussian();
      SparseFeatures encoded = encoder.encode(features(Map.of("x", x)), scaler);
      double expected = i < 2 ? 0 : (x - mean(before)) / Math.sqrt(variance(before));
      double got = encoded.values().length == 0 ? 0 : encoded.values()[0] * SignedHash.sign(hash);
      assertThat(got).isCloseTo(Math.max(-10, Math.min(10, expected)), within(1e-6));
      before.add(x);
    }
  }

  @Test
  void welfordEqualsTheTwoPassFormulas() {
    FeatureEncoder encoder = FeatureEncoder.championFirst(List.of(), WIDTH);
    List<Double> numbers = new ArrayList<>();
    Random random = new Random(1);
    for (int i = 0; i < 5_000; i++) {
      numbers.add(50 + 3 * random.nextGaussian());
      encoder.encode(features(Map.of("x", numbers.get(i))), scaler);
    }
    int slot = SignedHash.hash("x", null) & (WIDTH - 1);
    assertThat(scaler.count[slot]).isEqualTo(5_000);
    assertThat(scaler.mean[slot]).isCloseTo(mean(numbers), within(1e-10));
    assertThat(scaler.m2[slot] / 5_000).isCloseTo(variance(numbers), within(1e-9));
  }

  @Test
  void numbersOfOneSlotAreStandardisedBeforeEitherIsLearned() {
    FeatureEncoder encoder = FeatureEncoder.championFirst(List.of(), 1);
    ScalerState shared = new ScalerState(new long[] {4}, new double[] {10}, new double[] {16});
    SparseFeatures encoded = encoder.encode(features(Map.of("a", 14.0, "b", 12.0)), shared);
    double expected =
        SignedHash.sign(SignedHash.hash("a", null)) * 2.0
            + SignedHash.sign(SignedHash.hash("b", null)) * 1.0;
    assertThat(encoded.values()).containsExactly(expected);
    assertThat(shared.count[0]).isEqualTo(6);
  }

  @Test
  void constantNumbersAreZeroAndOutliersAreClipped() {
    FeatureEncoder encoder = FeatureEncoder.championFirst(List.of(), WIDTH);
    for (int i = 0; i < 5; i++) {
      assertThat(encoder.encode(features(Map.of("x", 3.0)), scaler).indices()).isEmpty();
    }
    encoder.encode(features(Map.of("x", 4.0)), scaler);
    double[] outlier = encoder.encode(features(Map.of("x", 1e9)), scaler).values();
    assertThat(Math.abs(outlier[0])).isEqualTo(10);
  }

  @Test
  void hostileNumbersLeaveTheScalerFinite() {
    FeatureEncoder encoder = FeatureEncoder.championFirst(List.of(), WIDTH);
    double[] hostile = {
      1e100, -1e100, Double.MAX_VALUE, -Double.MAX_VALUE, Double.MIN_VALUE, 0, -0.0, 1e99, -1e-300
    };
    Random random = new Random(3);
    for (int i = 0; i < 5_000; i++) {
      double x = hostile[random.nextInt(hostile.length)];
      assertThat(Arrays.stream(encoder.encode(features(Map.of("x", x)), scaler).values()))
          .allMatch(z -> Math.abs(z) <= 10);
    }
    assertThat(Arrays.stream(scaler.mean)).allMatch(Double::isFinite);
    assertThat(Arrays.stream(scaler.m2)).allMatch(Double::isFinite);
  }

  @Test
  void indicesAreAscendingAndDistinctAndSharedColumnsAddUp() {
    FeatureEncoder encoder = FeatureEncoder.championFirst(List.of("n=1"), 2);
    SparseFeatures encoded =
        encoder.encode(
            features(Map.of("n=1", 5.0, "n", "1", "a", "1", "b", "2", "c", "3", "d", "4")),
            new ScalerState(2));
    assertThat(encoded.indices()).isSorted().doesNotHaveDuplicates();
    assertThat(encoded.indices()[0]).isZero();
    assertThat(encoded.values()[0]).isEqualTo(6);
  }

  @Test
  void orderOfFeaturesChangesNothingAndTheInputStaysAsItIs() {
    Map<String, Object> values = Map.of("a", "1", "b", 2.0, "c", "x", "d", -7.5, "e", true);
    Features sorted = features(values);
    Features reversed =
        new Features(
            reversed(sorted.names()), reversed(sorted.texts()), reversed(sorted.numbers()));
    Features copy =
        new Features(sorted.names().clone(), sorted.texts().clone(), sorted.numbers().clone());
    FeatureEncoder encoder = FeatureEncoder.championFirst(List.of("a=1", "d"), 1 << 12);
    ScalerState one = new ScalerState(1 << 12);
    ScalerState other = new ScalerState(1 << 12);
    for (int i = 0; i < 3; i++) {
      assertThat(encoder.encode(sorted, one)).isEqualTo(encoder.encode(reversed, other));
    }
    assertThat(one.mean).isEqualTo(other.mean);
    assertThat(sorted).isEqualTo(copy);
  }

  @Test
  void nameTwiceInTheDomainIsRefused() {
    assertThatThrownBy(() -> FeatureEncoder.championFirst(List.of("a", "a"), 4))
        .hasMessage("feature (a) is twice in the domain");
  }

  @Test
  void textColumnsAreNamedWithAnEqualsSign() {
    assertThat(FeatureEncoder.column("hour", "07")).isEqualTo("hour=07");
  }

  static Features features(Map<String, ?> values) {
    TreeMap<String, Object> sorted = new TreeMap<>(values);
    String[] names = sorted.keySet().toArray(String[]::new);
    @Nullable String[] texts = new @Nullable String[names.length];
    double[] numbers = new double[names.length];
    int i = 0;
    for (Object value : sorted.values()) {
      if (value instanceof Double number) {
        numbers[i++] = number;
      } else {
        texts[i++] = value.toString();
      }
    }
    return new Features(names, texts, numbers);
  }

  private static @Nullable String[] reversed(@Nullable String[] texts) {
    List<@Nullable String> list = new ArrayList<>(Arrays.asList(texts));
    java.util.Collections.reverse(list);
    return list.toArray(new @Nullable String[0]);
  }

  private static double[] reversed(double[] numbers) {
    double[] reversed = new double[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      reversed[i] = numbers[numbers.length - 1 - i];
    }
    return reversed;
  }

  private static double mean(List<Double> numbers) {
    return numbers.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  private static double variance(List<Double> numbers) {
    double mean = mean(numbers);
    return numbers.stream().mapToDouble(x -> (x - mean) * (x - mean)).average().orElseThrow();
  }
}
