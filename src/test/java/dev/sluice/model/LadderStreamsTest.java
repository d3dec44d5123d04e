package dev.sluice.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import dev.sluice.model.ModelSettings.Rates;
import dev.sluice.model.ModelSettings.Serving;
import dev.sluice.model.Streams.Kind;
import dev.sluice.model.Streams.Losses;
import dev.sluice.model.Streams.Row;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What defaults lose against the best single model in hindsight, on streams of every kind. */
class LadderStreamsTest {

  private static final int KEYS = 12;
  private static final int ROWS = 1_500;
  private static final int DELAY = 3 * KEYS;
  private static final List<Double> ANY_RATES =
      List.of(0.005, 0.05, 0.15, 0.3, 1.0, 2.0, 8.0, 20.0);
  private static final Set<Kind> DRIFTING =
      EnumSet.of(Kind.ABRUPT, Kind.RECURRING, Kind.GRADUAL, Kind.SCALE_CHANGES, Kind.STICKY);

  @ParameterizedTest
  @EnumSource(Kind.class)
  void blendIsAsGoodAsTheBestAndBetterUnderDrift(Kind kind) {
    Losses losses = Streams.run(labels(), null, Streams.of(kind, KEYS, ROWS, 0), DELAY);
    assertThat(losses.served() - losses.best())
        .as("%s", losses)
        .isLessThan(kind == Kind.STICKY ? -0.1 : DRIFTING.contains(kind) ? 0 : 0.002);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void anyRateThatWouldHaveBeenChosenIsNotMuchBetter(Kind kind) {
    List<Row> rows = Streams.of(kind, KEYS, ROWS, 0);
    Losses chosen = Streams.run(labels().withRates(ANY_RATES), null, rows, DELAY);
    Losses losses = Streams.run(labels(), null, rows, DELAY);
    assertThat(losses.served() - chosen.best()).as("%s, %s", losses, chosen).isLessThan(0.007);
  }

  @Test
  void labelsThatHaveChangedWhenTheyAreKnownCost() {
    List<Row> rows = Streams.of(Kind.STICKY, 6, 600, 0);
    Losses losses = Streams.run(labels(), null, rows, 18);
    assertThat(losses.served() - losses.best()).as("%s", losses).isBetween(0.0, 0.05);
  }

  @ParameterizedTest
  @CsvSource({"SGD, LOG", "SGD, SQUARED", "SGD_MOMENTUM, LOG", "SGD_MOMENTUM, HUBER"})
  void divergingChallengersCostLittle(Optimiser optimiser, Objective objective) {
    boolean labels = objective.isClassification();
    ModelSettings all = labels ? labels(objective) : values(objective);
    ModelSettings settings =
        new ModelSettings(
            objective, 5, optimiser, all.rates(), all.labels(), all.width(), all.serving());
    List<Row> rows = Streams.of(Kind.STATIONARY, 6, 800, labels ? 0 : 1);
    Losses losses = Streams.run(settings, null, rows, 18);
    assertThat(losses.challengers()[3]).isGreaterThan(3 * losses.best());
    assertThat(losses.served()).as("%s", losses).isLessThan(1.03 * losses.best());
  }

  @Test
  void manySmallKeysCostLittle() {
    Losses losses = Streams.run(labels(), null, Streams.of(Kind.SHARED, 200, 60, 0), 200);
    assertThat(losses.served() - losses.best()).as("%s", losses).isLessThan(0.002);
  }

  @ParameterizedTest
  @EnumSource(names = {"STATIONARY", "SHARED", "SCALES", "ABRUPT"})
  void championOnRawNumbersCostsNothing(Kind kind) {
    List<Row> rows = Streams.of(kind, KEYS, ROWS, 0);
    List<Row> rest = rows.subList(300 * KEYS, rows.size());
    Champion champion = Streams.champion(labels(), rows.subList(0, 300 * KEYS));
    Losses with = Streams.run(labels(), champion, rest, DELAY);
    Losses without = Streams.run(labels(), null, rest, DELAY);
    assertThat(with.served() - without.served()).as("%s, %s", with, without).isLessThan(0.002);
  }

  @Test
  void championThatIsBestEverywhereIsFollowed() {
    List<Row> rows = Streams.of(Kind.SHARED, KEYS, ROWS, 0);
    Champion champion = Streams.champion(labels(), rows.subList(0, 500 * KEYS));
    Losses losses = Streams.run(labels(), champion, rows.subList(500 * KEYS, rows.size()), DELAY);
    assertThat(losses.champion()).isEqualTo(losses.best());
    assertThat(losses.served() - losses.champion()).as("%s", losses).isLessThan(0.002);
  }

  @Test
  void worthlessChampionIsLeft() {
    List<Row> rows = Streams.of(Kind.STATIONARY, KEYS, ROWS, 0);
    Random random = new Random(1);
    List<Row> shuffled =
        rows.subList(0, 300 * KEYS).stream()
            .map(row -> new Row(row.key(), row.numbers(), random.nextInt(2)))
            .toList();
    Champion champion = Streams.champion(labels(), shuffled);
    Losses losses = Streams.run(labels(), champion, rows.subList(300 * KEYS, rows.size()), DELAY);
    assertThat(losses.served() - losses.best()).as("%s", losses).isLessThan(0.002);
  }

  @ParameterizedTest
  @CsvSource({
    "SQUARED, STATIONARY, 1e-3",
    "SQUARED, SCALES, 1e6",
    "SQUARED, ABRUPT, 1",
    "SQUARED, TAILS, 1",
    "ABSOLUTE, STATIONARY, 1e6",
    "ABSOLUTE, ABRUPT, 1e-3",
    "ABSOLUTE, STRONG, 1",
    "HUBER, STATIONARY, 1e-3",
    "HUBER, STATIONARY, 1e6",
    "HUBER, ABRUPT, 1",
    "HUBER, STRONG, 1"
  })
  void regressionIsWithinFivePercentOfTheBestRate(Objective objective, Kind kind, double unit) {
    List<Row> rows = Streams.of(kind, KEYS, ROWS, unit);
    Losses losses = Streams.run(values(objective), null, rows, DELAY);
    assertThat(losses.served()).as("%s", losses).isLessThan(1.05 * losses.best());
    double mean = rows.stream().mapToDouble(Row::target).average().orElseThrow();
    double constant =
        rows.stream().mapToDouble(row -> Math.abs(row.target() - mean)).average().orElseThrow();
    assertThat(losses.served()).isLessThan(0.7 * constant);
  }

  @ParameterizedTest
  @EnumSource(names = {"LOG", "HINGE", "SQUARED"})
  void scaleOfAFeatureChangesNothing(Objective objective) {
    ModelSettings settings = objective.isClassification() ? labels(objective) : values(objective);
    List<Row> rows = Streams.of(Kind.STATIONARY, 3, 400, objective.isClassification() ? 0 : 1);
    List<Row> scaled =
        rows.stream()
            .map(
                row -> {
                  double[] numbers = row.numbers().clone();
                  numbers[1] *= 1_000;
                  return new Row(row.key(), numbers, row.target());
                })
            .toList();
    Losses one = Streams.run(settings, null, rows, 9);
    Losses other = Streams.run(settings, null, scaled, 9);
    assertThat(other.served()).isCloseTo(one.served(), within(1e-9));
    for (int i = 0; i < one.challengers().length; i++) {
      assertThat(other.challengers()[i]).isCloseTo(one.challengers()[i], within(1e-9));
    }
  }

  private static ModelSettings labels() {
    return labels(Objective.LOG);
  }

  private static ModelSettings labels(Objective objective) {
    return new ModelSettings(
        objective, 5, Optimiser.ADAGRAD, Rates.defaults(), Streams.LABELS, 128, Serving.defaults());
  }

  private static ModelSettings values(Objective objective) {
    return new ModelSettings(
        objective, 5, Optimiser.ADAGRAD, Rates.defaults(), List.of(), 128, Serving.defaults());
  }
}
