package dev.sluice.codec;

import static dev.sluice.codec.Records.observation;
import static dev.sluice.codec.Records.record;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Event;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Features;
import dev.sluice.event.Target;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventDecoderTest {

  private static final int MAX_FEATURES = 50;

  private final EventDecoder decoder = new EventDecoder(List.of("ontime", "late"), MAX_FEATURES);
  private final EventDecoder regression = new EventDecoder(List.of(), MAX_FEATURES);

  @Test
  void readsTheObservationOfTheContract() {
    var raw =
        record(
            "{\"type\":\"observation\",\"id\":\"f-17\",\"key\":\"LAS\","
                + "\"time\":\"2001-01-01T00:01:00Z\",\"features\":{\"distance\":2176,"
                + "\"hour\":\"00\",\"dow\":\"1\",\"destination\":\"PHL\"}}");

    Event event = decoder.decode(raw);

    Features features =
        new Features(
            new String[] {"destination", "distance", "dow", "hour"},
            new String[] {"PHL", null, "1", "00"},
            new double[] {0, 2176, 0, 0});
    long timeMs = Instant.parse("2001-01-01T00:01:00Z").toEpochMilli();
    assertThat(event).isEqualTo(new Observation(raw, "f-17", "LAS", timeMs, features));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"label\":\"late\"", "\"label\":\"of another job\"", "\"value\":3"})
  void anOutcomeOfAnyJobIsKnownWhateverTheLabels(String tells) {
    String value = "{\"type\":\"outcome\",\"id\":\"f\",\"key\":\"LAS\",\"time\":1,%s}";
    assertThat(decoder.isOutcomeOfAnyJob(record(value.formatted(tells)))).isTrue();
    assertThat(regression.isOutcomeOfAnyJob(record(value.formatted(tells)))).isTrue();
    assertThat(decoder.isOutcomeOfAnyJob(record(value.formatted("\"label\":3")))).isFalse();
    assertThat(decoder.isOutcomeOfAnyJob(record(value.replace("LAS", "JFK").formatted(tells))))
        .as("of another record key")
        .isFalse();
    assertThat(decoder.isOutcomeOfAnyJob(record(value.replace("outcome", "o").formatted(tells))))
        .isFalse();
  }

  @Test
  void readsTheOutcomeOfTheContract() {
    var raw =
        record(
            "{\"type\":\"outcome\",\"id\":\"f-17\",\"key\":\"LAS\","
                + "\"time\":\"2001-01-01T05:22:00Z\",\"label\":\"late\"}");

    long timeMs = Instant.parse("2001-01-01T05:22:00Z").toEpochMilli();
    assertThat(decoder.decode(raw))
        .isEqualTo(new Outcome(raw, "f-17", "LAS", timeMs, new Target.Label("late")));
  }

  @Test
  void readsAValueWhereTheJobHasNoLabels() {
    var raw =
        record("{\"type\":\"outcome\",\"id\":\"f\",\"key\":\"LAS\",\"time\":5,\"value\":33.0}");

    assertThat(regression.decode(raw))
        .isEqualTo(new Outcome(raw, "f", "LAS", 5, new Target.Value(33.0)));
  }

  @Test
  void theOrderOfFieldsChangesNothing() {
    var raw =
        record(
            "{\"label\":7,\"features\":{\"b\":1,\"a\":true},\"time\":-5,\"key\":\"LAS\","
                + "\"id\":\"f\",\"type\":\"observation\"}");

    Features features =
        new Features(new String[] {"a", "b"}, new String[] {"true", null}, new double[] {0, 1});
    assertThat(decoder.decode(raw)).isEqualTo(new Observation(raw, "f", "LAS", -5, features));
  }

  @Test
  void fieldsThatTheTypeDoesNotNeedAreIgnoredWhateverTheyHold() {
    var raw =
        record(
            "{\"features\":{\"a\":[1]},\"value\":\"x\",\"value\":2,\"x\":{\"y\":[{},null]},"
                + "\"type\":\"outcome\",\"id\":\"f\",\"key\":\"LAS\",\"time\":1,\"label\":\"late\"}");

    assertThat(decoder.decode(raw)).isInstanceOf(Outcome.class);
  }

  @ParameterizedTest
  @CsvSource({
    "'{}', ''",
    "'{\"a\":null}', ''",
    "'{\"z\":1,\"a\":false,\"m\":\"NAN\"}', 'a=false m=NAN z=1.0'",
    "'{\"a\":-1e100,\"b\":1E+100,\"c\":0.1}', 'a=-1.0E100 b=1.0E100 c=0.1'",
    "'{\"a\":9007199254740993,\"b\":123456789012345678901234567890}',"
        + " 'a=9.007199254740992E15 b=1.2345678901234568E29'",
    "'{\"ä\":\"ö\",\"\\u0061\":\"\\ud83d\\ude00\"}', 'a=😀 ä=ö'",
    "'{\"a\":\"\"}', 'a='",
  })
  void readsFeatures(String json, String expected) {
    Observation event = (Observation) decoder.decode(observation(json));

    String found = event.features().toString();
    assertThat(found.substring(1, found.length() - 1).replace(", ", " ")).isEqualTo(expected);
  }

  @Test
  void manyFeaturesInAnyOrderComeSorted() {
    EventDecoder wide = new EventDecoder(List.of("late"), 1000);
    StringBuilder json = new StringBuilder("{\"x\":1");
    for (int i = 999; i > 0; i--) {
      json.append(",\"f").append(i * 7919 % 1009).append("\":").append(i);
      json.append(",\"n").append(i).append("\":null");
    }

    Observation event = (Observation) wide.decode(observation(json.append('}').toString()));

    assertThat(event.features().names()).hasSize(1000).isSorted().doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "978307260000",
        "\"2001-01-01T00:01:00Z\"",
        "\"2001-01-01T00:01Z\"",
        "\"2001-01-01T00:01:00.000999999Z\"",
        "\"2001-01-01T05:31:00+05:30\"",
        "\"2000-12-31T16:01:00-08:00\"",
      })
  void readsTheSameTimeInEveryForm(String time) {
    var raw =
        record(
            "{\"type\":\"observation\",\"id\":\"f\",\"key\":\"LAS\",\"features\":{},\"time\":%s}"
                .formatted(time));

    assertThat(((Observation) decoder.decode(raw)).timeMs()).isEqualTo(978_307_260_000L);
  }

  @Test
  void namesOfTheGreatestLengthAreFine() {
    String name = "ü".repeat(1024);
    String feature = "€".repeat(256);
    var raw =
        record(
            name,
            "{\"type\":\"observation\",\"id\":\"%1$s\",\"key\":\"%1$s\",\"time\":0,\"features\":{\"%2$s\":\"%1$s\"}}"
                .formatted(name, feature));

    assertThat(decoder.decode(raw)).isInstanceOf(Observation.class);
  }

  @Test
  void aValueOfOneMebibyteIsFine() {
    byte[] value = new byte[1_048_576];
    Arrays.fill(value, (byte) ' ');
    byte[] json = Records.observationJson("{}").getBytes(UTF_8);
    System.arraycopy(json, 0, value, value.length - json.length, json.length);

    assertThat(decoder.decode(record("LAS".getBytes(UTF_8), value)))
        .isInstanceOf(Observation.class);
  }

  @Test
  void anEventIsDecodedAlikeBeforeAndAfterOthers() {
    var raw = observation("{\"a\":1,\"b\":\"x\"}");
    Event before = decoder.decode(raw);
    for (int i = 0; i < 10_000; i++) {
      var unused = decoder.decode(observation("{\"name-%d\":1,\"a\":{".formatted(i)));
    }

    assertThat(decoder.decode(raw)).isEqualTo(before);
  }

  @Test
  void otherEncodingsAreRefused() {
    byte[] utf16 = Records.observationJson("{}").getBytes(UTF_16BE);

    assertThat(decoder.decode(record("LAS".getBytes(UTF_8), utf16)))
        .extracting("reason")
        .hasToString("MALFORMED_JSON");
  }
}
