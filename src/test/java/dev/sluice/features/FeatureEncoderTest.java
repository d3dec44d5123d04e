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
  private final ScalerState scaler = new ScalerState();

  @Test
  void domainTakesTextsByNameAndNumbersRawForTheChampion() {
    FeatureEncoder encoder =
        FeatureEncoder.championFirst(List.of("carrier=AA", "distance", "hour=7"), WIDTH);
    Features features = features(Map.of("carrier", "AA", "distance", 812.5, "hour", "7"));
    SparseFeatures raw = new SparseFeatures(new int[] {0, 1, 2}, new double[] {1, 812.5, 1});
    assertThat(encoder.encodeKnown(features)).isEqualTo(raw);
    for (double other : new double[] {800, 810}) {
      FeatureEncoder.Encoded encoded = encoder.encode(features, scaler, false);
      assertThat(encoded.raw()).isEqualTo(raw);
      assertThat(encoded.scaled().indices()).contains(0, 2);
      encoder.encode(features(Map.of("distance", other)), scaler, false);
    }
    assertThat(scaler.columns()).containsExactly(1);
    assertThat(scaler.counts()).containsExactly(4);
    double standardised =
        (812.5 - mean(List.of(812.5, 800.0, 812.5, 810.0)))
            / Math.sqrt(variance(List.of(812.5, 800.0, 812.5, 810.0)));
    assertThat(encoder.encode(features, scaler, false).scaled().values()[1])
        .isCloseTo(standardised, within(1e-12));
    assertThat(encoder.columns()).isEqualTo(3 + WIDTH + FeatureEncoder.NUMBER_COLUMNS);
  }

  @Test
  void modelOfAnEarlierReleaseFindsItsNumbersHashed() {
    FeatureEncoder encoder = FeatureEncoder.championFirst(List.of("known"), WIDTH);
    Features features = features(Map.of("known", 4.0, "x", 3.0, "y", "text"));
    encoder.encode(features(Map.of("x", 1.0)), scaler, true);
    encoder.encode(features(Map.of("x", 2.0)), scaler, true);
    FeatureEncoder.Encoded encoded = encoder.encode(features, scaler, true);
    int slot = 1 + (SignedHash.hash("x", null) & (WIDTH - 1));
    assertThat(encoded.raw().indices())
        .containsExactlyInAnyOrder(0, slot, encoder.textColumn("y", "text"));
    double[] values = encoded.raw().values();
    int at = Arrays.binarySearch(encoded.raw().indices(), slot);
    assertThat(values[at]).isEqualTo(SignedHash.sign(SignedHash.hash("x", null)) * 3);
    assertThat(encoded.scaled().indices())
        .containsExactly(encoder.textColumn("y", "text"), encoder.numberColumn("x"));
    assertThat(scaler.count(slot)).isEqualTo(3);
    assertThat(scaler.count(encoder.numberColumn("x"))).isEqualTo(3);
  }

  @Test
  void rareOutlierDoesNotMakeAllOtherNumbersLookAlike() {
    FeatureEncoder encoder = FeatureEncoder.championFirst(List.of(), WIDTH);
    Random random = new Random(2);
    for (int i = 0; i < 5_000; i++) {
      double x = i % 500 == 499 ? 1e6 : random.nextGaussian();
      encoder.encode(features(Map.of("x", x)), scaler, false);
    }
    assertThat(scaler.deviation(encoder.numberColumn("x"))).isBetween(0.9, 1.5);
  }

  @Test
  void scaleThatGrowsIsFoundWithinASeventhOfTheNumbers() {
    FeatureEncoder encoder = FeatureEncoder.championFirst(List.of(), WIDTH);
    Random random = new Random(2);
    for (int i = 0; i < 1_143; i++) {
      encoder.encode(
          features(Map.of("x", random.nextGaussian() * (i < 1_000 ? 1 : 1_000))), scaler, false);
    }
    assertThat(scaler.deviation(encoder.numberColumn("x"))).isGreaterThan(100);
  }

  @Test
  void domainNameWithSeveralEqualsSignsIsFoundByEitherSplit() {
    FeatureEncoder encoder = FeatureEncoder.championFirst(List.of("a=b=c"), WIDTH);
    assertThat(encoder.encode(features(Map.of("a", "b=c")), scaler, false).scaled().indices())
        .containsExactly(0);
    assertThat(encoder.encode(features(Map.of("a=b", "c")), scaler, false).scaled().indices())
        .containsExactly(0);
    assertThat(encoder.encode(features(Map.of("a=b=c", 4.0)), scaler, false).raw().values())
        .containsExactly(4.0);
  }

  @Test
  void numberDoesNotTakeATextsColumnNorTheReverse() {
    FeatureEncoder encoder = FeatureEncoder.championFirst(List.of("hour", "month=1"), WIDTH);
    SparseFeatures encoded =
        encoder.encode(features(Map.of("hour", "7", "month", "2")), scaler, false).scaled();
    assertThat(Arrays.stream(encoded.indices())).allMatch(column -> column >= 2);
  }

  @Test
  void unknownTextIsHashedWithItsSign() {
    FeatureEncoder encoder = FeatureEncoder.championFirst(List.of(), WIDTH);
    int hash = SignedHash.hash("origin=LAS", null);
    assertThat(encoder.encode(features(Map.of("origin", "LAS")), scaler, false).scaled())
        .isEqualTo(
            new SparseFeatures(
                new int[] {hash & (WIDTH - 1)}, new double[] {SignedHash.sign(hash)}));
  }

  @Test
  void numberIsStandardisedByWhatCameBeforeIt() {
    FeatureEncoder encoder = FeatureEncoder.championFirst(List.of(), WIDTH);
    List<Double> before = new ArrayList<>();
    Random random = new Random(7);
    for (int i = 0; i < 200; i++) {
      double x = 1e6 + random.nextGaussian();
      SparseFeatures encoded = encoder.encode(features(Map.of("x", x)), scaler, false).scaled();
      double expected = i < 2 ? 0 : (x - mean(before)) / Math.sqrt(variance(before));
      double got = encoded.values().length == 0 ? 0 : encoded.values()[0];
      assertThat(got).isCloseTo(Math.max(-10, Math.min(10, expected)), within(1e-6));
      before.add(x);
    }
  }

  @Test
  void welfordEqualsTheTwoPassFormulas() {
    FeatureEncoder encoder = FeatureEncoder.championFirst(List.of(), WIDTH);
    List<Double> numbers = new ArrayList<>();
    Random random = new Random(1);
    for (int i = 0; i < 1_000; i++) {
      numbers.add(50 + 3 * random.nextGaussian());
      encoder.encode(features(Map.of("x", numbers.get(i))), scaler, false);
    }
    int column = encoder.numberColumn("x");
    assertThat(scaler.count(column)).isEqualTo(1_000);
    assertThat(scaler.mean(column)).isCloseTo(mean(numbers), within(1e-10));
    assertThat(scaler.squares()[0] / 1_000).isCloseTo(variance(numbers), within(1e-9));
  }

  @Test
  void oneOutlierAtTheBeginningFades() {
    FeatureEncoder encoder = FeatureEncoder.championFirst(List.of(), WIDTH);
    Random random = new Random(1);
    encoder.encode(features(Map.of("x", 1e4)), scaler, false);
    for (int i = 0; i < 15_000; i++) {
      encoder.encode(features(Map.of("x", random.nextGaussian())), scaler, false);
    }
    assertThat(scaler.deviation(encoder.numberColumn("x"))).isBetween(0.9, 1.5);
  }

  @Test
  void numbersOfOneColumnAreStandardisedBeforeEitherIsLearned() {
    FeatureEncoder encoder = FeatureEncoder.championFirst(List.of(), 1);
    String[] met = namesOfOneColumn(encoder);
    int column = encoder.numberColumn(met[0]);
    ScalerState shared =
        new ScalerState(new int[] {column}, new long[] {4}, new double[] {10}, new double[] {16});
    SparseFeatures encoded =
        encoder.encode(features(Map.of(met[0], 14.0, met[1], 12.0)), shared, false).scaled();
    assertThat(encoded.values()).containsExactly(3.0);
    assertThat(shared.count(column)).isEqualTo(6);
  }

  private static String[] namesOfOneColumn(FeatureEncoder encoder) {
    Map<Integer, String> byColumn = new TreeMap<>();
    for (int i = 0; ; i++) {
      String before = byColumn.put(encoder.numberColumn("f" + i), "f" + i);
      if (before != null) {
        return new String[] {before, "f" + i};
      }
    }
  }

  @Test
  void constantNumbersAreZeroAndOutliersAreClipped() {
    FeatureEncoder encoder = FeatureEncoder.championFirst(List.of(), WIDTH);
    for (int i = 0; i < 5; i++) {
      assertThat(encoder.encode(features(Map.of("x", 3.0)), scaler, false).scaled().indices())
          .isEmpty();
    }
    encoder.encode(features(Map.of("x", 4.0)), scaler, false).scaled();
    double[] outlier = encoder.encode(features(Map.of("x", 1e9)), scaler, false).scaled().values();
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
      assertThat(
              Arrays.stream(
                  encoder.encode(features(Map.of("x", x)), scaler, false).scaled().values()))
          .allMatch(z -> Math.abs(z) <= 10);
    }
    assertThat(Arrays.stream(scaler.means())).allMatch(Double::isFinite);
    assertThat(Arrays.stream(scaler.squares())).allMatch(Double::isFinite);
  }

  @Test
  void indicesAreAscendingAndDistinctAndSharedColumnsAddUp() {
    FeatureEncoder encoder = FeatureEncoder.championFirst(List.of("n=1"), 2);
    SparseFeatures encoded =
        encoder
            .encode(
                features(Map.of("n=1", 5.0, "n", "1", "a", "1", "b", "2", "c", "3", "d", "4")),
                new ScalerState(),
                false)
            .raw();
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
    ScalerState one = new ScalerState();
    ScalerState other = new ScalerState();
    for (int i = 0; i < 3; i++) {
      assertThat(encoder.encode(sorted, one, false).scaled())
          .isEqualTo(encoder.encode(reversed, other, false).scaled());
    }
    assertThat(one.means()).isEqualTo(other.means());
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
