package dev.sluice.tool.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.codec.AnswerEncoder;
import dev.sluice.event.Answer.Evaluation;
import dev.sluice.event.Origin;
import dev.sluice.event.ServedBy;
import dev.sluice.event.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvaluationReaderTest {

  private static final Origin ORIGIN = new Origin("events", 0, 7);

  @Test
  void whatTheJobWritesIsReadBack() throws IOException {
    EvaluationRow read =
        read(
            List.of("ontime", "late"),
            new Evaluation(
                ORIGIN,
                "f-1",
                "LAS",
                978_325_268_000L,
                new Target.Label("late"),
                ServedBy.CHAMPION,
                true,
                19_208_000,
                new Evaluation.Scored(new double[] {.7, .3}, 1.2),
                new Evaluation.Scored(new double[] {.7, .3}, 1.2),
                new Evaluation.Scored(new double[] {.6, .4}, .9),
                null));
    assertThat(read.key()).isEqualTo("LAS");
    assertThat(read.timeMs()).isEqualTo(978_325_268_000L);
    assertThat(read.delayMs()).isEqualTo(19_208_000);
    assertThat(read.truth().label()).isEqualTo("late");
    assertThat(read.servedByChampion()).isTrue();
    assertThat(read.served()).isSameAs(read.champion());
    assertThat(read.challenger().labels()).containsExactly("ontime", "late");
    assertThat(read.challenger().scores()).containsExactly(.6, .4);
    assertThat(read.challenger().loss()).isEqualTo(.9);
  }

  @Test
  void aRegressionWithoutChampionAndWithAnInfiniteLossIsReadBack() throws IOException {
    EvaluationRow read =
        read(
            List.of(),
            new Evaluation(
                ORIGIN,
                "f-1",
                "LAS",
                0,
                new Target.Value(33),
                ServedBy.CHALLENGER,
                false,
                0,
                new Evaluation.Scored(new double[] {12}, Double.POSITIVE_INFINITY),
                null,
                new Evaluation.Scored(new double[] {12}, Double.POSITIVE_INFINITY),
                null));
    assertThat(read.truth().value()).isEqualTo(33);
    assertThat(read.truth().label()).isNull();
    assertThat(read.champion()).isNull();
    assertThat(read.served().scores()).containsExactly(12);
    assertThat(read.served().loss()).isInfinite();
  }

  @Test
  void aShadowIsReadWithItsVersion() throws IOException {
    EvaluationRow read =
        read(
            List.of("ontime", "late"),
            new Evaluation(
                ORIGIN,
                "f-1",
                "LAS",
                0,
                new Target.Label("late"),
                ServedBy.BLEND,
                true,
                0,
                new Evaluation.Scored(new double[] {.7, .3}, 1.2),
                new Evaluation.Scored(new double[] {.7, .3}, 1.2),
                new Evaluation.Scored(new double[] {.6, .4}, .9),
                new Evaluation.Shadow(7, new Evaluation.Scored(new double[] {.2, .8}, .3))));
    EvaluationRow.Shadow shadow = Objects.requireNonNull(read.shadow());
    assertThat(shadow.version()).isEqualTo(7);
    assertThat(shadow.said().labels()).containsExactly("ontime", "late");
    assertThat(shadow.said().scores()).containsExactly(.2, .8);
    assertThat(shadow.said().loss()).isEqualTo(.3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{}",
        "{\"key\":\"a\",\"time\":\"soon\"}",
        "{\"key\":\"a\",\"time\":\"+999999999-01-01T00:00:00Z\",\"servedBy\":\"challenger\","
            + "\"value\":1,\"challenger\":{\"value\":1,\"loss\":1}}",
        "{\"key\":\"a\",\"time\":\"2001-01-01T00:00:00Z\",\"servedBy\":\"challenger\",\"value\":1,"
            + "\"challenger\":{\"value\":1,\"loss\":1},\"shadow\":{\"value\":1,\"loss\":1}}",
        "{\"key\":\"a\",\"time\":\"2001-01-01T00:00:00Z\",\"servedBy\":\"challenger\","
            + "\"challenger\":{\"logLoss\":1}}",
        "{\"key\""
      })
  void whatIsNoEvaluationIsRefused(String json) {
    assertThatThrownBy(() -> new EvaluationReader().read(json.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IOException.class);
  }

  private static EvaluationRow read(List<String> labels, Evaluation evaluation) throws IOException {
    byte[] json = Objects.requireNonNull(new AnswerEncoder(labels).encode(evaluation).value());
    return new EvaluationReader().read(json);
  }
}
