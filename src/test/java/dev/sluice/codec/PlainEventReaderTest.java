package dev.sluice.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Event;
import dev.sluice.event.Event.Malformed;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Target;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The plain reader gives what the strict decoder gives, or nothing. */
class PlainEventReaderTest {

  private static final List<String> LABELS = List.of("on time", "late", "é");
  private static final int ROUNDS = 60_000;

  private final EventDecoder classes =
      new EventDecoder(
          LABELS,
          new InputRules(
              6, DeclaredFeatures.parse("n:number, t:text, hour:any, *"), 40L * 366 * 86_400_000));
  private final EventDecoder values = new EventDecoder(List.of(), 64);
  private final Random random = new Random(7);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"observation\",\"id\":\"a\",\"key\":\"LAS\",\"time\":\"2001-01-01T00:00:00Z\",\"features\":{}}",
        "{\"time\":978307200000,\"features\":{\"n\":-0,\"m\":1e-7,\"t\":\"x y\",\"b\":true,\"c\":null},"
            + "\"key\":\"LAS\",\"id\":\"a\",\"type\":\"observation\"}",
        " { \"type\" : \"outcome\" , \"id\" : \"a\" , \"key\" : \"LAS\" ,"
            + " \"time\" : \"2001-01-01T00:00+01:00\" , \"label\" : \"late\" } "
      })
  void readsWhatProducersWrite(String json) {
    RawRecord raw = Records.record("LAS".getBytes(UTF_8), json.getBytes(UTF_8));

    Event event = plain().read(raw, json.getBytes(UTF_8));

    assertThat(event).isNotNull().isEqualTo(classes.decodeStrictly(raw, json.getBytes(UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"id\":\"a\\u0062\"",
        "\"id\":\"\u00e9\"",
        "\"id\":\"\"",
        "\"id\":\"a\tb\"",
        "\"id\":\"a\",\"id\":\"a\"",
        "\"id\":\"a\",\"note\":\"b\"",
        "\"id\":\"a\",\"value\":1",
        "\"id\":1"
      })
  void leavesTheRestToTheStrictDecoder(String id) {
    String json =
        "{\"type\":\"outcome\",%s,\"key\":\"LAS\",\"time\":\"2001-01-01T00:00:00Z\",\"label\":\"late\"}"
            .formatted(id);
    byte[] value = json.getBytes(UTF_8);

    assertThat(plain().read(Records.record("LAS".getBytes(UTF_8), value), value)).isNull();
  }

  @Test
  void decodesEveryEventAsTheStrictDecoderDoes() {
    int sound = 0;
    int taken = 0;
    PlainEventReader plain = plain();
    for (int i = 0; i < ROUNDS; i++) {
      byte[] value = damaged(event());
      RawRecord raw = Records.record("LAS".getBytes(UTF_8), value);
      for (EventDecoder decoder : List.of(classes, values)) {
        Event strict = decoder.decodeStrictly(raw, value);
        assertThat(decoder.decode(raw)).as(new String(value, UTF_8)).isEqualTo(strict);
      }
      sound += classes.decodeStrictly(raw, value) instanceof Malformed ? 0 : 1;
      taken += plain.read(raw, value) == null ? 0 : 1;
    }
    assertThat(sound).isGreaterThan(ROUNDS / 10);
    assertThat(taken).isBetween(sound / 3, sound);
  }

  @Test
  void aLabelThatIsNoUnicodeIsNoQuestionMark() {
    EventDecoder decoder = new EventDecoder(List.of("\ud83d", "x"), 8);
    byte[] value =
        "{\"type\":\"outcome\",\"id\":\"a\",\"key\":\"LAS\",\"time\":1,\"label\":\"?\"}"
            .getBytes(UTF_8);

    assertThat(decoder.decode(Records.record("LAS".getBytes(UTF_8), value)))
        .isInstanceOf(Malformed.class);
  }

  @Test
  void plainEventsAreReadAfterManyOthers() {
    byte[] odd = "{\"type\":\"outcome\",\"note\":1}".getBytes(UTF_8);
    byte[] good =
        "{\"type\":\"outcome\",\"id\":\"a\",\"key\":\"LAS\",\"time\":1,\"label\":\"late\"}"
            .getBytes(UTF_8);
    EventDecoder decoder = new EventDecoder(LABELS, 8);
    for (int i = 0; i < 1_000; i++) {
      byte[] value = i % 300 < 50 ? odd : good;
      RawRecord raw = Records.record("LAS".getBytes(UTF_8), value);
      assertThat(decoder.decode(raw)).isEqualTo(decoder.decodeStrictly(raw, value));
    }
  }

  private static PlainEventReader plain() {
    Map<String, Target> labels = new HashMap<>();
    LABELS.forEach(label -> labels.put(label, new Target.Label(label)));
    return new PlainEventReader(new FeatureReader(64), labels, InputRules.ANY_TIME);
  }

  private byte[] event() {
    List<String> fields = new ArrayList<>();
    boolean outcome = random.nextBoolean();
    fields.add("\"type\":" + (outcome ? "\"outcome\"" : "\"observation\""));
    fields.add("\"id\":" + rarely("\"id-" + random.nextInt(100) + "\""));
    fields.add("\"key\":" + rarely("\"LAS\""));
    fields.add("\"time\":" + rarely(time()));
    if (!outcome || random.nextInt(40) == 0) {
      fields.add("\"features\":" + features());
    }
    if (outcome || random.nextInt(40) == 0) {
      fields.add(
          random.nextInt(3) == 0
              ? "\"value\":" + number()
              : "\"label\":" + rarely("\"" + LABELS.get(random.nextInt(3)) + "\""));
    }
    if (random.nextInt(3) == 0) {
      Collections.shuffle(fields, random);
    }
    return spaced("{" + String.join(",", fields) + "}").getBytes(UTF_8);
  }

  private String spaced(String json) {
    return random.nextInt(4) == 0 ? json.replace(",", " , ").replace(":", pick(": ", " :")) : json;
  }

  private String rarely(String usual) {
    return random.nextInt(25) == 0 ? value() : usual;
  }

  private String time() {
    return pick(
        "\"2001-01-01T00:00:00Z\"",
        "\"2026-11-29T10:11:12.345+01:00\"",
        "\"2001-02-29T00:00:00Z\"",
        "\"0001-01-01T00:00-18:00\"",
        "978307200000",
        "978307200",
        "9783072000000000000",
        "-1",
        "-0",
        "1e3",
        "\"\"");
  }

  private String features() {
    StringBuilder all = new StringBuilder("{");
    int count = random.nextInt(8);
    for (int i = 0; i < count; i++) {
      String name = pick("n", "t", "hour", "a", "b", "c", "m" + i, "z" + i, "dow", "\u00e9");
      all.append(i == 0 ? "" : ",").append('"').append(name).append("\":");
      all.append(name.equals("t") ? text() : name.equals("n") ? number() : value());
    }
    return all.append('}').toString();
  }

  private String value() {
    return switch (random.nextInt(12)) {
      case 0 -> pick("true", "false", "null", "truth", "nul", "[]", "{}", "[1,2]", "{\"a\":{}}");
      case 1, 2, 3, 4 -> text();
      default -> number();
    };
  }

  private String text() {
    return pick(
        "\"x\"",
        "\"PHL\"",
        "\"two words\"",
        "\"\"",
        "\"NaN\"",
        "\"a\\\"b\"",
        "\"a\\u0041\"",
        "\"\u00e9\"",
        "\"\ud83d\ude00\"",
        "\"\\ud83d\"",
        "\"\u007f\"",
        "\"" + "y".repeat(1020 + random.nextInt(8)) + "\"");
  }

  private String number() {
    return switch (random.nextInt(12)) {
      case 0 -> pick("0", "-0", "-0.0", "1e100", "1.1e100", "-1e101", "1e999", "1e-999", "5e-324");
      case 1 -> pick("01", "+1", "1.", ".1", "1e", "1e+", "--1", "0x1", "NaN", "Infinity", "-");
      case 2 -> Long.toString(random.nextLong());
      case 3 -> random.nextLong() + "" + random.nextInt(1_000_000);
      case 4 -> Double.toString(Double.longBitsToDouble(random.nextLong()));
      case 5 -> random.nextInt(1000) + "." + "1".repeat(random.nextInt(60));
      case 6 -> random.nextInt(100) + pick("e", "E") + pick("", "+", "-") + random.nextInt(30);
      case 7, 8 -> Integer.toString(random.nextInt(5000));
      default -> Double.toString(random.nextGaussian() * 100);
    };
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private byte[] damaged(byte[] json) {
    if (random.nextInt(4) > 0) {
      return json;
    }
    int at = random.nextInt(json.length);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(json, 0, at);
    switch (random.nextInt(4)) {
      case 0 -> {} // cut
      case 1 -> out.write(json, at + 1, json.length - at - 1);
      case 2 -> {
        out.write(random.nextInt(256));
        out.write(json, at + 1, json.length - at - 1);
      }
      default -> {
        out.write("{}[],:\"\\ 0-.e\n\t".charAt(random.nextInt(15)));
        out.write(json, at, json.length - at);
      }
    }
    return out.toByteArray();
  }
}
