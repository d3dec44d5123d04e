package dev.sluice.tool.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.codec.EventDecoder;
import dev.sluice.event.Target;
import dev.sluice.model.ModelSettings;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import dev.sluice.tool.events.FileEvent;
import dev.sluice.tool.scoring.Column;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OfflineRunTest {

  private static final List<String> LABELS = List.of("ontime", "late");

  private static final long FAR = 253_402_300_799_999L; // the year 9999

  private final List<Judged> judged = new ArrayList<>();
  private int oneIn = 1;
  private long mostBytes = 100_000_000;
  private long line;

  @Test
  void nothingIsLearnedBeforeItIsKnown() throws IOException {
    OfflineRun run = run(Duration.ofMillis(100));
    for (int i = 0; i < 4; i++) {
      observe(run, i, 50L * i);
      late(run, i, 50L * i);
    }
    run.finish();
    assertThat(judged.stream().map(one -> column(one, "pooled").outputs()[1]))
        .as("the share of late: half an outcome of each label, and those known 100 ms later")
        .containsExactly(.5, .5, .75, 2.5 / 3);
    assertThat(judged.get(1).columns().get(0).outputs())
        .as("the challenger has learned nothing either")
        .containsExactly(.5, .5);
    assertThat(column(judged.get(2), "challenger").outputs()[1]).isGreaterThan(.5);
  }

  @Test
  void anOutcomesOwnTimeCountsHoweverTheFileIsOrdered() throws IOException {
    OfflineRun behind = run(Duration.ZERO);
    for (int i = 0; i < 4; i++) {
      observe(behind, i, 50L * i);
      late(behind, i, 50L * i + 100);
    }
    behind.finish();
    List<Judged> written = List.copyOf(judged);
    judged.clear();
    OfflineRun inOrder = run(Duration.ZERO);
    observe(inOrder, 0, 0);
    observe(inOrder, 1, 50);
    late(inOrder, 0, 100);
    observe(inOrder, 2, 100);
    late(inOrder, 1, 150);
    observe(inOrder, 3, 150);
    late(inOrder, 2, 200);
    late(inOrder, 3, 250);
    inOrder.finish();
    assertThat(judged).hasSize(4).usingRecursiveComparison().isEqualTo(written);
  }

  @Test
  void theConstantIsOfTheKeyAndThePooledOneOfAll() throws IOException {
    OfflineRun run = run(Duration.ZERO);
    for (int i = 0; i < 4; i++) {
      event(run, "k" + i % 2, i, i * 10L, "\"features\":{\"x\":1}", "observation");
      String label = i % 2 == 0 ? "late" : "ontime";
      event(run, "k" + i % 2, i, i * 10L, "\"label\":\"%s\"".formatted(label), "outcome");
    }
    run.finish();
    assertThat(column(judged.get(2), "constant").outputs()).containsExactly(.25, .75);
    assertThat(column(judged.get(2), "pooled").outputs()).containsExactly(.5, .5);
    assertThat(column(judged.get(3), "constant").outputs()).containsExactly(.75, .25);
    assertThat(column(judged.get(2), "constant").loss()).isCloseTo(-Math.log(.75), within(1e-12));
  }

  @ParameterizedTest
  @EnumSource(
      value = Objective.class,
      names = {"SQUARED", "ABSOLUTE", "HUBER"})
  void valuesHaveRunningMeans(Objective objective) throws IOException {
    OfflineRun run = run(Duration.ZERO, objective, List.of());
    double[] values = {4, 8, 6};
    for (int i = 0; i < values.length; i++) {
      observe(run, i, i * 10L);
      event(run, "k", i, i * 10L, "\"value\":" + values[i], "outcome");
    }
    run.finish();
    assertThat(judged.stream().map(one -> column(one, "constant").outputs()[0]))
        .containsExactly(0.0, 4.0, 6.0);
    assertThat(judged.get(1).target()).isEqualTo(new Target.Value(8));
    assertThat(judged.get(1).columns())
        .extracting(Column::model)
        .startsWith("challenger", "rate 0.02");
  }

  @Test
  void halvesThatWaitTooLongAreGivenUp() throws IOException {
    OfflineRun run = run(Duration.ZERO);
    observe(run, 0, 0);
    late(run, 1, 10); // early: its observation comes
    late(run, 2, 20); // early: none comes
    observe(run, 1, 30);
    observe(run, 3, 2_000_000);
    late(run, 0, 2_000_001);
    observe(run, 4, 2_000_002);
    OfflineRun.Counts counts = run.finish();
    assertThat(judged).hasSize(1).first().extracting(Judged::observedMs).isEqualTo(30L);
    assertThat(counts.outcomesAlone()).isEqualTo(2);
    assertThat(counts.observationsAlone()).isEqualTo(3);
    assertThat(counts.observations()).isEqualTo(4);
  }

  @Test
  void whatComesAgainIsCountedOnce() throws IOException {
    OfflineRun run = run(Duration.ofMillis(5));
    observe(run, 0, 0);
    observe(run, 0, 0);
    late(run, 0, 1);
    late(run, 0, 2);
    observe(run, 1, -50);
    OfflineRun.Counts counts = run.finish();
    assertThat(judged).hasSize(1);
    assertThat(counts.repeated()).isEqualTo(2);
    assertThat(counts.backwards()).isEqualTo(1);
  }

  @Test
  void rowsThatGoBackLearnNothingOfTheirFuture() throws IOException {
    OfflineRun run = run(Duration.ZERO);
    for (int i = 0; i < 4; i++) {
      observe(run, i, 100 - 10L * i);
      late(run, i, 100 - 10L * i);
    }
    OfflineRun.Counts counts = run.finish();
    assertThat(judged.stream().map(one -> column(one, "pooled").outputs()[1]))
        .containsExactly(.5, .5, .5, .5);
    assertThat(counts.backwards()).isEqualTo(3);
    assertThat(counts.unscored()).isZero();
  }

  @Test
  void anObservationBeforeWhatWasLearnedIsNotScored() throws IOException {
    OfflineRun run = run(Duration.ZERO);
    long[] times = {0, 100, 200, 50, 100};
    for (int i = 0; i < times.length; i++) {
      observe(run, i, times[i]);
      late(run, i, times[i]);
    }
    OfflineRun.Counts counts = run.finish();
    assertThat(judged).extracting(Judged::observedMs).containsExactly(0L, 100L, 100L, 200L);
    assertThat(counts.unscored()).as("that of 50, as the outcome of 100 was learned").isOne();
    assertThat(counts.observations()).isEqualTo(5);
    assertThat(counts.outcomes()).isEqualTo(5);
  }

  @Test
  void aRowOfTheFarFutureEndsNoDelay() throws IOException {
    OfflineRun run = run(Duration.ofMillis(100));
    long[] times = {0, 50, FAR, 60, 160, 170};
    for (int i = 0; i < times.length; i++) {
      observe(run, i, times[i]);
      late(run, i, times[i]);
    }
    OfflineRun.Counts counts = run.finish();
    assertThat(judged).extracting(Judged::observedMs).containsExactly(0L, 50L, 160L, 170L, FAR);
    assertThat(column(judged.get(3), "pooled").outputs()[1])
        .as("at 170 the outcomes of 0, 50 and 60 are known, and that of 160 is not")
        .isEqualTo(3.5 / 4);
    assertThat(counts.unscored()).as("that of 60").isOne();
  }

  @Test
  void aRowOfTheFarFutureGivesUpNothing() throws IOException {
    OfflineRun run = run(Duration.ZERO);
    observe(run, 0, 0);
    late(run, 2, 6);
    observe(run, 1, FAR);
    late(run, 0, 5);
    observe(run, 2, 7);
    OfflineRun.Counts counts = run.finish();
    assertThat(judged).extracting(Judged::observedMs).containsExactly(0L, 7L);
    assertThat(counts.outcomesAlone()).isZero();
    assertThat(counts.observationsAlone()).isOne();
  }

  @Test
  void whatNothingMeetsIsNotHeldForEver() throws IOException {
    OfflineRun run = run(Duration.ZERO);
    observe(run, -1, FAR);
    observe(run, 0, 0);
    for (int i = 1; i <= 5000; i++) {
      observe(run, i, 2_000_000 + i);
    }
    late(run, 0, 1);
    OfflineRun.Counts counts = run.finish();
    assertThat(judged).isEmpty();
    assertThat(counts.outcomesAlone()).isOne();
    assertThat(counts.observationsAlone()).isEqualTo(5002);
  }

  @Test
  void eachRateHasItsColumn() throws IOException {
    OfflineRun run = run(Duration.ZERO);
    for (int i = 0; i < 30; i++) {
      observe(run, i, i * 10L);
      late(run, i, i * 10L);
    }
    run.finish();
    assertThat(judged.get(29).columns())
        .extracting(Column::model)
        .containsExactly(
            "challenger",
            "rate 0.02",
            "rate 0.1",
            "rate 0.5",
            "rate 5",
            "served",
            "constant",
            "pooled");
    double[] late = judged.get(29).columns().stream().mapToDouble(c -> c.outputs()[1]).toArray();
    assertThat(late[1]).as("a faster one is surer").isLessThan(late[2]);
    assertThat(late[2]).isLessThan(late[3]);
    assertThat(late[0]).as("their mixture").isBetween(late[1], late[4]);
    assertThat(column(judged.get(29), "rate 0.5").loss())
        .isCloseTo(-Math.log(late[3]), within(1e-12));
  }

  @Test
  void oneRateIsTheChallenger() throws IOException {
    OfflineRun run = run(new ModelSettings.Rates(List.of(.1), .9, .95, 1e-6, 1));
    observe(run, 0, 0);
    late(run, 0, 0);
    run.finish();
    assertThat(judged.get(0).columns())
        .extracting(Column::model)
        .containsExactly("challenger", "served", "constant", "pooled");
  }

  @Test
  void keysOutsideTheSampleTakeNoPart() throws IOException {
    oneIn = 4;
    OfflineRun run = run(Duration.ZERO);
    for (int i = 0; i < 4000; i++) {
      event(run, "key-" + i, i, i, "\"features\":{\"x\":1}", "observation");
      event(run, "key-" + i, i, i, "\"label\":\"late\"", "outcome");
    }
    OfflineRun.Counts counts = run.finish();
    assertThat(counts.keys()).isBetween(850, 1150).isEqualTo(judged.size());
    assertThat(counts.leftOut()).isEqualTo(8000 - 2 * judged.size());
  }

  @Test
  void moreThanMemoryHoldsIsRefused() {
    mostBytes = 1_000_000;
    OfflineRun run = run(Duration.ofMinutes(15));
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 5000; i++) {
                observe(run, i, i);
                late(run, i, i);
              }
            })
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the models of 1 keys and ")
        .hasMessageContaining("take more than 1 MB, half of this program's memory")
        .hasMessageContaining("--sample 2")
        .hasMessageContaining("-Xmx8g");
  }

  @Test
  void whatIsLearnedOrGivenUpIsHeldNoLonger() throws IOException {
    mostBytes = 4_000_000;
    OfflineRun run = run(Duration.ZERO);
    for (int i = 0; i < 20_000; i++) {
      observe(run, i, i * 1000L);
      late(run, i % 3 == 0 ? -i - 1 : i, i * 1000L); // each third meets nothing
    }
    OfflineRun.Counts counts = run.finish();
    assertThat(judged).hasSize(13_333);
    assertThat(counts.observationsAlone()).isEqualTo(6_667);
  }

  private OfflineRun run(ModelSettings.Rates rates) {
    return run(Duration.ZERO, Objective.LOG, LABELS, rates);
  }

  private OfflineRun run(Duration delay) {
    return run(delay, Objective.LOG, LABELS);
  }

  private OfflineRun run(Duration delay, Objective objective, List<String> labels) {
    return run(delay, objective, labels, ModelSettings.Rates.defaults());
  }

  private OfflineRun run(
      Duration delay, Objective objective, List<String> labels, ModelSettings.Rates rates) {
    ModelSettings settings =
        new ModelSettings(
            objective, 1, Optimiser.ADAGRAD, rates, labels, 16, ModelSettings.Serving.defaults());
    return new OfflineRun(
        settings,
        null,
        new OfflineRun.Rules(
            new EventDecoder(labels, 100), delay, Duration.ofSeconds(1000), oneIn, mostBytes),
        judged::add);
  }

  private void observe(OfflineRun run, int id, long timeMs) throws IOException {
    event(run, "k", id, timeMs, "\"features\":{\"x\":1}", "observation");
  }

  private void late(OfflineRun run, int id, long timeMs) throws IOException {
    event(run, "k", id, timeMs, "\"label\":\"late\"", "outcome");
  }

  private void event(OfflineRun run, String key, int id, long timeMs, String rest, String type)
      throws IOException {
    String json =
        "{\"type\":\"%s\",\"id\":\"%s\",\"key\":\"%s\",\"time\":%s,%s}"
            .formatted(type, id, key, timeMs, rest);
    run.take(new FileEvent(++line, "" + id, key, timeMs, json.getBytes(StandardCharsets.UTF_8)));
  }

  private static Column column(Judged judged, String model) {
    return judged.columns().stream()
        .filter(column -> column.model().equals(model))
        .findFirst()
        .orElseThrow();
  }
}
