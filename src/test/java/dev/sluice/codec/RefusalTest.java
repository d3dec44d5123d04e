package dev.sluice.codec;

import static dev.sluice.codec.Records.observation;
import static dev.sluice.codec.Records.record;
import static dev.sluice.event.Reason.BAD_FEATURE;
import static dev.sluice.event.Reason.BAD_FIELD;
import static dev.sluice.event.Reason.BAD_VALUE;
import static dev.sluice.event.Reason.KEY_MISMATCH;
import static dev.sluice.event.Reason.MALFORMED_JSON;
import static dev.sluice.event.Reason.MISSING_FIELD;
import static dev.sluice.event.Reason.TOO_LARGE;
import static dev.sluice.event.Reason.UNKNOWN_LABEL;
import static dev.sluice.event.Reason.UNKNOWN_TYPE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Event.Malformed;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Reason;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RefusalTest {

  private static final String LONG = "x".repeat(1025);

  private final EventDecoder decoder = new EventDecoder(List.of("ontime", "late"), 3);
  private final EventDecoder regression = new EventDecoder(List.of(), 3);

  @ParameterizedTest
  @MethodSource({"notOneObject", "badEnvelopes", "badFeatures", "badOutcomes"})
  void refuses(RawRecord raw, Reason reason, String inDetail) {
    assertRefused(decoder, raw, reason, inDetail);
  }

  @ParameterizedTest
  @MethodSource("badValues")
  void refusesInRegression(RawRecord raw, Reason reason, String inDetail) {
    assertRefused(regression, raw, reason, inDetail);
  }

  @Test
  void aTombstoneHasNoValue() {
    var raw = new RawRecord(Records.ORIGIN, 0, "LAS".getBytes(UTF_8), null);

    assertRefused(decoder, raw, MISSING_FIELD, "the record has no value");
  }

  @Test
  void anAbsentRecordKeyIsAMismatch() {
    var raw = new RawRecord(Records.ORIGIN, 0, null, Records.observationJson("{}").getBytes(UTF_8));

    assertRefused(decoder, raw, KEY_MISMATCH, "the record key is absent");
  }

  private static void assertRefused(
      EventDecoder decoder, RawRecord raw, Reason reason, String inDetail) {
    Malformed malformed = (Malformed) decoder.decode(raw);

    assertThat(malformed.raw()).isSameAs(raw);
    assertThat(malformed.reason()).as(malformed.detail()).isEqualTo(reason);
    assertThat(malformed.detail()).contains(inDetail);
    assertThat(malformed.detail().getBytes(UTF_8)).hasSizeLessThanOrEqualTo(200);
  }

  static Stream<Arguments> notOneObject() {
    String fine =
        "{\"type\":\"outcome\",\"id\":\"f\",\"key\":\"LAS\",\"time\":0,\"label\":\"late\"}";
    return Stream.of(
        refused("", MALFORMED_JSON, "not a JSON object"),
        refused("  ", MALFORMED_JSON, "not a JSON object"),
        refused("[" + fine + "]", MALFORMED_JSON, "not a JSON object"),
        refused("null", MALFORMED_JSON, "not a JSON object"),
        refused("{", MALFORMED_JSON, "not JSON at byte"),
        refused(fine + "x", MALFORMED_JSON, "not JSON at byte"),
        refused(fine + "{}", MALFORMED_JSON, "there is more text after"),
        refused(fine + ",", MALFORMED_JSON, "not JSON at byte"),
        refused("\uFEFF" + fine, MALFORMED_JSON, "starts with a byte order mark"),
        refused("{\"x\":NaN,}", MALFORMED_JSON, "JSON has no NaN"),
        refused("{\"x\":Infinity}", MALFORMED_JSON, "Infinity"),
        refused("{\"x\":-Infinity}", MALFORMED_JSON, "not JSON at byte"),
        refused("{\"x\":01}", MALFORMED_JSON, "not JSON at byte"),
        refused("{\"x\":+1}", MALFORMED_JSON, "not JSON at byte"),
        refused("{\"x\":1,}", MALFORMED_JSON, "not JSON at byte"),
        refused("{'x':1}", MALFORMED_JSON, "not JSON at byte"),
        refused("{/**/}", MALFORMED_JSON, "not JSON at byte"),
        refused("{\"x\":\"\n\"}", MALFORMED_JSON, "not JSON at byte"),
        refused("{\"x\":" + "[".repeat(16) + "]".repeat(16) + "}", MALFORMED_JSON, "depth"),
        refused("{\"x\":" + "1".repeat(1001) + "}", MALFORMED_JSON, "length"),
        refused("{\"" + LONG + LONG + LONG + "\":1}", MALFORMED_JSON, "length"),
        refused(bytes("ff"), MALFORMED_JSON, "not UTF-8 at byte 6"),
        refused(bytes("eda080"), MALFORMED_JSON, "not UTF-8 at byte 6"),
        refused(bytes("eda0bdedb880"), MALFORMED_JSON, "not UTF-8 at byte 6"),
        refused(bytes("c080"), MALFORMED_JSON, "not UTF-8 at byte 6"),
        refused(bytes("f4908080"), MALFORMED_JSON, "not UTF-8 at byte 6"),
        refused(" ".repeat(1_048_577), TOO_LARGE, "1048577 bytes"));
  }

  static Stream<Arguments> badEnvelopes() {
    return Stream.of(
        refused(envelope("\"type\":null"), MISSING_FIELD, "\"type\" is null"),
        refused(envelope("\"x\":1"), MISSING_FIELD, "\"type\" is missing"),
        refused(envelope("\"type\":\"Outcome\""), UNKNOWN_TYPE, "\"Outcome\""),
        refused(envelope("\"type\":5"), UNKNOWN_TYPE, "\"5\""),
        refused(envelope("\"type\":[]"), UNKNOWN_TYPE, "an array"),
        refused(
            envelope("\"type\":\"outcome\",\"type\":\"outcome\""),
            MALFORMED_JSON,
            "\"type\" is there twice"),
        refused(outcome(null, "\"LAS\"", "0"), MISSING_FIELD, "\"id\" is missing"),
        refused(outcome("\"\"", "\"LAS\"", "0"), MISSING_FIELD, "\"id\" is empty"),
        refused(outcome("null", "\"LAS\"", "0"), MISSING_FIELD, "\"id\" is null"),
        refused(outcome("17", "\"LAS\"", "0"), BAD_FIELD, "\"id\" is not a string: \"17\""),
        refused(outcome("{}", "\"LAS\"", "0"), BAD_FIELD, "\"id\" is not a string: an object"),
        refused(outcome("\"" + LONG + "\"", "\"LAS\"", "0"), BAD_FIELD, "longer than 1024"),
        refused(outcome("\"\\ud800\"", "\"LAS\"", "0"), BAD_FIELD, "not Unicode: \"\\u{d800}\""),
        refused(
            outcome("\"f\",\"id\":\"f\"", "\"LAS\"", "0"), MALFORMED_JSON, "\"id\" is there twice"),
        refused(outcome("\"f\"", null, "0"), MISSING_FIELD, "\"key\" is missing"),
        refused(outcome("\"f\"", "\"\"", "0"), MISSING_FIELD, "\"key\" is empty"),
        refused(outcome("\"f\"", "true", "0"), BAD_FIELD, "\"key\" is not a string: \"true\""),
        refused(outcome("\"f\"", "\"LAX\"", "0"), KEY_MISMATCH, "\"LAX\""),
        refused(outcome("\"f\"", "\"LASX\"", "0"), KEY_MISMATCH, "\"LASX\""),
        refused(outcome("\"f\"", "\"LÄ\"", "0"), KEY_MISMATCH, "\"LÄ\""),
        refused(outcome("\"f\"", "\"LAS\"", null), MISSING_FIELD, "\"time\" is missing"),
        refused(outcome("\"f\"", "\"LAS\"", "\"\""), MISSING_FIELD, "\"time\" is empty"),
        refused(outcome("\"f\"", "\"LAS\"", "1.5"), BAD_FIELD, "\"1.5\""),
        refused(outcome("\"f\"", "\"LAS\"", "[1]"), BAD_FIELD, "an array"),
        refused(outcome("\"f\"", "\"LAS\"", "253402300800000"), BAD_FIELD, "253402300800000"),
        refused(outcome("\"f\"", "\"LAS\"", "99999999999999999999"), BAD_FIELD, "9999"),
        refused(outcome("\"f\"", "\"LAS\"", "\"2001-02-29T00:00Z\""), BAD_FIELD, "02-29"),
        refused(outcome("\"f\"", "\"LAS\"", "\"2001-01-01T00:01:00\""), BAD_FIELD, "offset"));
  }

  static Stream<Arguments> badFeatures() {
    return Stream.of(
        refused(observation("null"), MISSING_FIELD, "\"features\" is null"),
        refused(observation("[]"), BAD_FIELD, "\"features\" is not an object: an array"),
        refused(observation("\"a\""), BAD_FIELD, "\"features\" is not an object: \"a\""),
        refused(observation("{\"a\":[1]}"), BAD_FEATURE, "feature \"a\" is an array"),
        refused(observation("{\"a\":{\"a\":1}}"), BAD_FEATURE, "feature \"a\" is an object"),
        refused(observation("{\"a\":\"NaN\"}"), BAD_FEATURE, "not finite"),
        refused(
            observation("{\"b\":1,\"a\":NaN}"),
            BAD_FEATURE,
            "feature \"a\" is NaN, and JSON has no number that is not finite: leave the feature out"),
        refused(observation("{\"a\":-Infinity}"), BAD_FEATURE, "feature \"a\" is -Infinity"),
        refused(observation("{\"a\":Infinity}"), BAD_FEATURE, "feature \"a\" is Infinity"),
        refused(observation("{\"a\":{\"b\":NaN}}"), BAD_FEATURE, "feature \"a\" is an object"),
        refused(observation("{\"a\":\"-Infinity\"}"), BAD_FEATURE, "\"-Infinity\""),
        refused(observation("{\"a\":1e101}"), BAD_FEATURE, "feature \"a\" is beyond ±1e100"),
        refused(observation("{\"a\":-1e999}"), BAD_FEATURE, "\"-1e999\""),
        refused(observation("{\"a\":1" + "0".repeat(101) + "}"), BAD_FEATURE, "\"1000"),
        refused(observation("{\"a\":1,\"a\":2}"), BAD_FEATURE, "feature \"a\" is there twice"),
        refused(observation("{\"a\":null,\"b\":1,\"a\":2}"), BAD_FEATURE, "\"a\" is there twice"),
        refused(observation("{\"\":1}"), BAD_FEATURE, "feature \"\" must have a name"),
        refused(observation("{\"" + "n".repeat(257) + "\":1}"), BAD_FEATURE, "must have a name"),
        refused(observation("{\"" + "n".repeat(4097) + "\":1}"), BAD_FEATURE, "length"),
        refused(observation("{\"\\udc00\":1}"), BAD_FEATURE, "of Unicode"),
        refused(observation("{\"a\":\"" + LONG + "\"}"), BAD_FEATURE, "longer than 1024"),
        refused(observation("{\"a\":\"\\ud800x\"}"), BAD_FEATURE, "feature \"a\" is not Unicode"),
        refused(
            observation("{\"a\":1,\"b\":2,\"c\":3,\"n\":null,\"d\":4}"),
            BAD_FEATURE,
            "feature \"d\" is one too many: at most 3"));
  }

  static Stream<Arguments> badOutcomes() {
    String start = "{\"type\":\"outcome\",\"id\":\"f\",\"key\":\"LAS\",\"time\":0";
    return Stream.of(
        refused(start + "}", MISSING_FIELD, "\"label\" is missing"),
        refused(start + ",\"label\":null}", MISSING_FIELD, "\"label\" is null"),
        refused(start + ",\"label\":1}", BAD_FIELD, "\"label\" is not a string: \"1\""),
        refused(start + ",\"label\":\"Late\"}", UNKNOWN_LABEL, "\"Late\""),
        refused(start + ",\"label\":\"\"}", UNKNOWN_LABEL, "\"\""),
        refused(
            start + ",\"label\":\"late\",\"label\":\"late\"}",
            MALFORMED_JSON,
            "\"label\" is there twice"));
  }

  static Stream<Arguments> badValues() {
    String start = "{\"type\":\"outcome\",\"id\":\"f\",\"key\":\"LAS\",\"time\":0";
    return Stream.of(
        refused(start + ",\"label\":\"late\"}", MISSING_FIELD, "\"value\" is missing"),
        refused(start + ",\"value\":null}", MISSING_FIELD, "\"value\" is null"),
        refused(start + ",\"value\":\"33\"}", BAD_VALUE, "\"33\""),
        refused(start + ",\"value\":true}", BAD_VALUE, "\"true\""),
        refused(start + ",\"value\":{}}", BAD_VALUE, "an object"),
        refused(start + ",\"value\":NaN}", BAD_VALUE, "field \"value\" is NaN"),
        refused(start + ",\"value\":1e101}", BAD_VALUE, "\"1e101\""),
        refused(start + ",\"value\":1e400}", BAD_VALUE, "\"1e400\""));
  }

  private static Arguments refused(String json, Reason reason, String inDetail) {
    return refused(record(json), reason, inDetail);
  }

  private static Arguments refused(RawRecord raw, Reason reason, String inDetail) {
    return Arguments.of(raw, reason, inDetail);
  }

  private static String envelope(String type) {
    return "{\"id\":\"f\",\"key\":\"LAS\",\"time\":0,\"features\":{},\"label\":\"late\",%s}"
        .formatted(type);
  }

  private static String outcome(@Nullable String id, @Nullable String key, @Nullable String time) {
    return "{\"type\":\"outcome\""
        + (id == null ? "" : ",\"id\":" + id)
        + (key == null ? "" : ",\"key\":" + key)
        + (time == null ? "" : ",\"time\":" + time)
        + ",\"label\":\"late\"}";
  }

  /** An object with these bytes in a string. */
  private static RawRecord bytes(String hex) {
    String json = HexFormat.of().formatHex("{\"x\":\"".getBytes(UTF_8)) + hex;
    String end = HexFormat.of().formatHex("\"}".getBytes(UTF_8));
    return record("LAS".getBytes(UTF_8), HexFormat.of().parseHex(json + end));
  }
}
