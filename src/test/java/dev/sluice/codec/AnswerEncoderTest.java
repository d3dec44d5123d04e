package dev.sluice.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.event.Answer.ControlReply;
import dev.sluice.event.Answer.DeadLetter;
import dev.sluice.event.Answer.Deferred;
import dev.sluice.event.Answer.Evaluation;
import dev.sluice.event.Answer.Evaluation.Scored;
import dev.sluice.event.Answer.Prediction;
import dev.sluice.event.ControlEcho;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.OutputTopic;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Reason;
import dev.sluice.event.ServedBy;
import dev.sluice.event.Target;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerEncoderTest {

  private static final long TIME_MS = Instant.parse("2001-01-01T00:01:00Z").toEpochMilli();

  private final AnswerEncoder encoder = new AnswerEncoder(List.of("ontime", "late"));
  private final AnswerEncoder regression = new AnswerEncoder(List.of());

  @Test
  void writesAPrediction() {
    OutputRecord record =
        encoder.encode(prediction(new double[] {0.25, 0.75}, ServedBy.CHAMPION, 2));

    assertThat(record.topic()).isEqualTo(OutputTopic.PREDICTIONS);
    assertThat(record.origin()).isEqualTo(Records.ORIGIN);
    assertThat(record.key()).isEqualTo("LAS".getBytes(UTF_8));
    assertThat(record.reason()).isNull();
    assertThat(record.detail()).isNull();
    assertThat(json(record))
        .isEqualTo(
            "{\"id\":\"f-17\",\"key\":\"LAS\",\"time\":\"2001-01-01T00:01:00Z\","
                + "\"prediction\":\"late\",\"scores\":{\"ontime\":0.25,\"late\":0.75},"
                + "\"servedBy\":\"champion\",\"championVersion\":2,\"updates\":7}");
  }

  @Test
  void theFirstLabelWinsATieAndNoChampionHasNoVersion() {
    OutputRecord record =
        encoder.encode(prediction(new double[] {0.5, 0.5}, ServedBy.CHALLENGER, null));

    assertThat(json(record))
        .contains("\"prediction\":\"ontime\"")
        .endsWith("\"servedBy\":\"challenger\",\"championVersion\":null,\"updates\":7}");
  }

  @Test
  void writesAPredictionOfAValue() {
    OutputRecord record =
        regression.encode(prediction(new double[] {33.5}, ServedBy.CHALLENGER, null));

    assertThat(json(record))
        .isEqualTo(
            "{\"id\":\"f-17\",\"key\":\"LAS\",\"time\":\"2001-01-01T00:01:00Z\",\"value\":33.5,"
                + "\"servedBy\":\"challenger\",\"championVersion\":null,\"updates\":7}");
  }

  @Test
  void writesAnEvaluation() {
    Scored champion = new Scored(new double[] {0.75, 0.25}, 1.5);
    Scored challenger = new Scored(new double[] {0.125, 0.875}, 1e-7);
    OutputRecord record =
        encoder.encode(
            evaluation(new Target.Label("late"), ServedBy.CHAMPION, champion, challenger));

    assertThat(record.topic()).isEqualTo(OutputTopic.EVALUATIONS);
    assertThat(record.key()).isEqualTo("LAS".getBytes(UTF_8));
    assertThat(json(record))
        .isEqualTo(
            "{\"id\":\"f-17\",\"key\":\"LAS\",\"time\":\"2001-01-01T00:01:00Z\",\"label\":\"late\","
                + "\"prediction\":\"ontime\",\"servedBy\":\"champion\",\"learned\":true,"
                + "\"delayMs\":19260000,\"served\":{\"scores\":{\"ontime\":0.75,\"late\":0.25},"
                + "\"logLoss\":1.5},\"champion\":{\"scores\":{\"ontime\":0.75,\"late\":0.25},"
                + "\"logLoss\":1.5},\"challenger\":{\"scores\":{\"ontime\":0.125,\"late\":0.875},"
                + "\"logLoss\":1.0E-7}}");
  }

  @Test
  void writesAnEvaluationWithoutAChampion() {
    Scored challenger = new Scored(new double[] {0.125, 0.875}, 0.5);

    assertThat(
            json(
                encoder.encode(
                    evaluation(new Target.Label("late"), ServedBy.CHALLENGER, null, challenger))))
        .contains("\"prediction\":\"late\",\"servedBy\":\"challenger\"")
        .contains(",\"champion\":null,\"challenger\":{\"scores\"");
  }

  @Test
  void writesAnEvaluationOfAValue() {
    Scored champion = new Scored(new double[] {30}, 4.5);
    Scored challenger = new Scored(new double[] {32.5}, 0.125);
    OutputRecord record =
        regression.encode(
            evaluation(new Target.Value(33), ServedBy.CHALLENGER, champion, challenger));

    assertThat(json(record))
        .isEqualTo(
            "{\"id\":\"f-17\",\"key\":\"LAS\",\"time\":\"2001-01-01T00:01:00Z\",\"value\":33.0,"
                + "\"prediction\":32.5,\"servedBy\":\"challenger\",\"learned\":true,"
                + "\"delayMs\":19260000,\"served\":{\"value\":32.5,\"loss\":0.125,\"logLoss\":0.125},"
                + "\"champion\":{\"value\":30.0,\"loss\":4.5,\"logLoss\":4.5},"
                + "\"challenger\":{\"value\":32.5,\"loss\":0.125,\"logLoss\":0.125}}");
  }

  @Test
  void aDeadLetterKeepsItsBytes() {
    byte[] key = {1, 2};
    byte[] value = {(byte) 0xFF, 0};
    RawRecord raw = new RawRecord(Records.ORIGIN, 5, key, value);

    OutputRecord record = encoder.encode(new DeadLetter(raw, Reason.MALFORMED_JSON, "not JSON"));

    assertThat(record.topic()).isEqualTo(OutputTopic.DEAD_LETTERS);
    assertThat(record.origin()).isEqualTo(Records.ORIGIN);
    assertThat(record.key()).isSameAs(key);
    assertThat(record.value()).isSameAs(value);
    assertThat(record.reason()).isEqualTo(Reason.MALFORMED_JSON);
    assertThat(record.detail()).isEqualTo("not JSON");
  }

  @Test
  void aDeferredObservationKeepsItsBytes() {
    RawRecord raw = new RawRecord(Records.ORIGIN, 5, new byte[] {1, 2}, new byte[] {'{', 0});

    OutputRecord record = encoder.encode(new Deferred(raw));

    assertThat(record)
        .isEqualTo(
            new OutputRecord(
                OutputTopic.DEFERRED, Records.ORIGIN, raw.key(), raw.value(), null, null));
  }

  @Test
  void aShadowStandsBehindTheChallenger() {
    Scored scored = new Scored(new double[] {0.25, 0.75}, 0.5);
    Evaluation plain = evaluation(new Target.Label("late"), ServedBy.CHALLENGER, scored, scored);
    Evaluation shadowed =
        new Evaluation(
            plain.origin(),
            plain.id(),
            plain.key(),
            plain.timeMs(),
            plain.target(),
            plain.servedBy(),
            plain.learned(),
            plain.delayMs(),
            plain.served(),
            plain.champion(),
            plain.challenger(),
            new Evaluation.Shadow(7, new Scored(new double[] {0.125, 0.875}, 0.25)));

    String without = json(encoder.encode(plain));
    assertThat(json(encoder.encode(shadowed)))
        .isEqualTo(
            without.substring(0, without.length() - 1)
                + ",\"shadow\":{\"version\":7,\"scores\":{\"ontime\":0.125,\"late\":0.875},"
                + "\"logLoss\":0.25}}");
  }

  @Test
  void aCommandsAnswerRepeatsWhatTheCommandHad() {
    ControlReply accepted =
        new ControlReply(
            Records.ORIGIN,
            new ControlEcho("c-1", "pause", "scoring", "ä\"", null, null),
            null,
            false);
    assertThat(json(encoder.encode(accepted)))
        .isEqualTo(
            "{\"id\":\"c-1\",\"command\":\"pause\",\"part\":\"scoring\",\"key\":\"ä\\\"\","
                + "\"accepted\":true,\"reason\":null}");
    ControlReply rejected =
        new ControlReply(
            Records.ORIGIN,
            new ControlEcho("c-2", "promote", null, null, 2L, "best"),
            "no file",
            false);
    assertThat(json(encoder.encode(rejected.again(Records.ORIGIN))))
        .isEqualTo(
            "{\"id\":\"c-2\",\"command\":\"promote\",\"version\":2,\"policy\":\"best\","
                + "\"accepted\":false,\"reason\":\"no file\",\"repeated\":true}");
    OutputRecord nameless =
        encoder.encode(new ControlReply(Records.ORIGIN, ControlEcho.NOTHING, "not JSON", false));
    assertThat(nameless.topic()).isEqualTo(OutputTopic.CONTROL_LOG);
    assertThat(nameless.key()).isNull();
    assertThat(json(nameless)).isEqualTo("{\"accepted\":false,\"reason\":\"not JSON\"}");
  }

  @Test
  void aReasonIsCutBeforeItCouldNotBeSent() {
    ControlReply endless =
        new ControlReply(Records.ORIGIN, ControlEcho.NOTHING, "x".repeat(5_000_000), false);

    assertThat(json(encoder.encode(endless)))
        .isEqualTo("{\"accepted\":false,\"reason\":\"%s…\"}".formatted("x".repeat(2048)));
  }

  @Test
  void aDeadTombstoneStaysATombstone() {
    RawRecord raw = new RawRecord(Records.ORIGIN, 5, null, null);

    OutputRecord record = encoder.encode(new DeadLetter(raw, Reason.MISSING_FIELD, "no value"));

    assertThat(record.key()).isNull();
    assertThat(record.value()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "'a\"b', 'a\\\"b'",
    "'a\\b', 'a\\\\b'",
    "'ä😀', 'ä😀'",
    "'/', '/'",
  })
  void escapesWhatJsonWantsEscaped(String id, String expected) {
    assertThat(idAsJson(id)).isEqualTo(expected);
  }

  @Test
  void escapesControlCharactersBeforeAndBehindNonAscii() {
    assertThat(idAsJson("\n\u0001\u007F")).isEqualTo("\\u000a\\u0001\u007F");
    assertThat(idAsJson("ä\n\"\u001F")).isEqualTo("ä\\u000a\\\"\\u001f");
  }

  @Test
  void doublesReadBackBitForBit() {
    Random random = new Random(17);
    for (int i = 0; i < 20_000; i++) {
      double value = Double.longBitsToDouble(random.nextLong());
      if (Double.isFinite(value)) {
        String json =
            json(regression.encode(prediction(new double[] {value}, ServedBy.CHALLENGER, null)));
        String written = json.substring(json.indexOf("\"value\":") + 8, json.indexOf(",\"served"));
        assertThat(Double.doubleToRawLongBits(Double.parseDouble(written)))
            .as(written)
            .isEqualTo(Double.doubleToRawLongBits(value));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2.0E-3,0.002",
    "0.1,0.1",
    "100,100.0",
    "1E7,1.0E7",
    "-0.0,-0.0",
    "4.9E-324,4.9E-324"
  })
  void doublesAreAsShortAsCanBe(double value, String expected) {
    String json =
        json(regression.encode(prediction(new double[] {value}, ServedBy.CHALLENGER, null)));

    assertThat(json).contains("\"value\":" + expected + ",");
  }

  @Test
  void whatIsNotFiniteIsNull() {
    assertThat(
            json(
                regression.encode(
                    prediction(new double[] {Double.NaN}, ServedBy.CHALLENGER, null))))
        .contains("\"value\":null,");
  }

  @Test
  void outputsMustFitTheLabels() {
    assertThatThrownBy(
            () -> encoder.encode(prediction(new double[] {1}, ServedBy.CHALLENGER, null)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("(1) outputs do not fit the labels [ontime, late]");
  }

  private String idAsJson(String id) {
    Prediction prediction =
        new Prediction(
            Records.ORIGIN, id, "LAS", 0, new double[] {1, 0}, ServedBy.CHALLENGER, null, 0);
    String json = json(encoder.encode(prediction));
    return json.substring("{\"id\":\"".length(), json.indexOf("\",\"key\""));
  }

  private static Prediction prediction(
      double[] outputs, ServedBy servedBy, @Nullable Integer version) {
    return new Prediction(Records.ORIGIN, "f-17", "LAS", TIME_MS, outputs, servedBy, version, 7);
  }

  private static Evaluation evaluation(
      Target target, ServedBy servedBy, @Nullable Scored champion, Scored challenger) {
    return new Evaluation(
        Records.ORIGIN,
        "f-17",
        "LAS",
        TIME_MS,
        target,
        servedBy,
        true,
        19_260_000,
        servedBy == ServedBy.CHAMPION && champion != null ? champion : challenger,
        champion,
        challenger,
        null);
  }

  private static String json(OutputRecord record) {
    byte[] value = record.value();
    assertThat(value).isNotNull();
    return value == null ? "" : new String(value, UTF_8);
  }

  @Test
  void writesTimesAsInstantsAreWritten() {
    Random random = new Random(3);
    long first = Instant.parse("0001-01-01T00:00:00Z").toEpochMilli();
    long last = Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();
    JsonBytes json = new JsonBytes();
    for (int i = 0; i < 20_000; i++) {
      long ms = i == 0 ? first : i == 1 ? last : random.nextLong(first, last);
      long rounded = i % 3 == 0 ? ms : ms / 1000 * 1000 + (i % 2) * 7L;
      json.clear();
      assertThat(new String(json.time(rounded).toByteArray(), UTF_8))
          .isEqualTo(Instant.ofEpochMilli(rounded).toString());
    }
  }
}
