package dev.sluice.support.traffic;

import static dev.sluice.support.traffic.HostileCase.GOOD;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.support.traffic.HostileCase.Maker;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Every way in which an event can be broken that the data contract names, and a few more. */
final class HostileKinds {

  private static final String FEATURES = "{\"distance\":12.5,\"carrier\":\"c1\"}";
  private static final String LONG_TEXT = "\"" + "x".repeat(5000) + "\"";
  private static final String DEEP = "\"x\":" + "[".repeat(5000) + "]".repeat(5000);
  private static final int MIB = 1 << 20;

  private final TargetKind goal;
  private final Map<String, Maker> makers = new LinkedHashMap<>();

  private HostileKinds(TargetKind goal) {
    this.goal = goal;
  }

  /** The small ones, by name. */
  static Map<String, Maker> of(TargetKind goal) {
    HostileKinds kinds = new HostileKinds(goal);
    kinds.brokenJson();
    kinds.brokenBytes();
    kinds.types();
    kinds.missingFields();
    kinds.badFields();
    kinds.badFeatures();
    kinds.targets();
    kinds.keys();
    kinds.pairs();
    kinds.harmless();
    return kinds.makers;
  }

  /** Those of 1 MiB and more, to be sent in dozens. */
  static Map<String, Maker> large(TargetKind goal) {
    HostileKinds kinds = new HostileKinds(goal);
    kinds.make("1 MiB and a byte", "too-large", (key, id) -> bytes(key, padded(key, id, MIB + 1)));
    kinds.make("3 MiB", "too-large", (key, id) -> bytes(key, padded(key, id, 3 * MIB)));
    kinds.make("exactly 1 MiB", GOOD, (key, id) -> bytes(key, padded(key, id, MIB)));
    kinds.value("broken value of 2 MiB", "too-large", id -> "[".repeat(2 * MIB));
    return kinds.makers;
  }

  private void brokenJson() {
    String reason = "malformed-json";
    value("truncated", reason, id -> observation(id).substring(0, 40));
    value("one brace short", reason, id -> observation(id).replaceAll("}$", ""));
    value("empty value", reason, id -> "");
    value("blank value", reason, id -> "  \n");
    value("plain text", reason, id -> "hello " + id);
    value("array", reason, id -> "[" + observation(id) + "]");
    value("string", reason, id -> "\"" + id + "\"");
    value("number", reason, id -> "17");
    value("null literal", reason, id -> "null");
    value("trailing garbage", reason, id -> observation(id) + "x");
    value("two objects", reason, id -> observation(id) + observation(id));
    value("comment", reason, id -> "/* x */" + observation(id));
    value("single quotes", reason, id -> observation(id).replace('"', '\''));
    value("unquoted field", reason, id -> observation(id).replace("\"type\"", "type"));
    value("trailing comma", reason, id -> observation(id).replaceAll("}$", ",}"));
    value("control character", reason, id -> observation(id).replace("c1", "c\u0001"));
    value("unknown escape", reason, id -> observation(id).replace("c1", "\\q"));
    value("nested too deep", reason, id -> observation(id).replaceAll("}$", "," + DEEP + "}"));
    value("field twice", reason, id -> observation(id).replaceAll("}$", ",\"id\":\"x\"}"));
    value("leading zero", reason, id -> feature(id, "012"));
    value("leading plus", reason, id -> feature(id, "+12"));
    value("hexadecimal", reason, id -> feature(id, "0x1F"));
    for (String literal : List.of("nan", "True")) {
      value("literal " + literal, reason, id -> feature(id, literal));
    }
  }

  private void brokenBytes() {
    String reason = "malformed-json";
    encoded("UTF-16LE", reason, UTF_16LE, "");
    encoded("UTF-16BE", reason, UTF_16BE, "");
    encoded("UTF-16BE with a byte-order mark", reason, UTF_16BE, "\uFEFF");
    encoded("UTF-32", reason, Charset.forName("UTF-32BE"), "");
    encoded("UTF-8 with a byte-order mark", reason, UTF_8, "\uFEFF");
    String inText = "\"c1\"";
    for (String bad : List.of("\u00C3(", "\u00FF", "\u00C0\u0080", "\u00ED\u00A0\u0080")) {
      make(
          "bad UTF-8 " + hex(bad),
          reason,
          (key, id) ->
              bytes(
                  key,
                  observation(key, id).replace(inText, "\"" + bad + "\"").getBytes(ISO_8859_1)));
    }
    make("random bytes", reason, (key, id) -> bytes(key, new byte[] {0, 1, 2, (byte) 200, 17}));
  }

  private void types() {
    for (String type :
        List.of("\"prediction\"", "\"Observation\"", "\"control\"", "\" outcome\"")) {
      value("type " + type, "unknown-type", id -> observation(id).replace("\"observation\"", type));
    }
  }

  private void missingFields() {
    String reason = "missing-field";
    make("tombstone", reason, (key, id) -> bytes(key, null));
    value("no type", reason, id -> without(observation(id), "\"type\":\"observation\","));
    for (String field : List.of("id", "key", "time")) {
      for (String absent : List.of("", "null", "\"\"")) {
        value(
            "observation with " + field + " (" + absent + ")",
            reason,
            id -> replaceField(observation(id), field, absent));
        value(
            "outcome with " + field + " (" + absent + ")",
            reason,
            id -> replaceField(outcome(id, target()), field, absent));
      }
    }
    value("no features", reason, id -> without(observation(id), ",\"features\":" + FEATURES));
    value("null features", reason, id -> observation(id).replace(FEATURES, "null"));
    value("no target", reason, id -> without(outcome(id, target()), "," + target()));
  }

  private void badFields() {
    String reason = "bad-field";
    for (String bad : List.of("17", "true", "[1]", "{}")) {
      value("id " + bad, reason, id -> replaceField(observation(id), "id", bad));
      value("key " + bad, reason, id -> replaceField(observation(id), "key", bad));
    }
    for (String bad :
        List.of("\"yesterday\"", "true", "[]", "1e400", "\"NaN\"", "\"2001-13-01\"")) {
      value("time " + bad, reason, id -> replaceField(observation(id), "time", bad));
      value("outcome time " + bad, reason, id -> replaceField(outcome(id, target()), "time", bad));
    }
    value("endless id", reason, id -> replaceField(observation(id), "id", LONG_TEXT));
    for (String bad : List.of("[]", "\"x\"", "7", "true")) {
      value("features " + bad, reason, id -> observation(id).replace(FEATURES, bad));
    }
  }

  private void badFeatures() {
    String reason = "bad-feature";
    for (String bad : List.of("[]", "[1,2]", "{}", "{\"a\":{\"b\":1}}", "1e400", "-1e999")) {
      value("feature " + bad, reason, id -> feature(id, bad));
    }
    value("deep feature", reason, id -> feature(id, "[".repeat(5000) + "]".repeat(5000)));
    value("10,000 features", reason, id -> observation(id).replace(FEATURES, many(10_000)));
    value(
        "feature named twice",
        reason,
        id -> observation(id).replace(FEATURES, "{\"a\":1,\"b\":2,\"a\":3}"));
    for (String literal : List.of("NaN", "Infinity", "-Infinity")) {
      value("literal " + literal, reason, id -> feature(id, literal));
    }
    for (String text : List.of("NaN", "Infinity", "-Infinity", "nan")) {
      value("the text " + text, reason, id -> feature(id, "\"" + text + "\""));
    }
  }

  private void targets() {
    if (goal == TargetKind.LABELS) {
      for (String bad : List.of("\"purple\"", "\"LATE\"", "\"late \"")) {
        pending("label " + bad, "unknown-label", "\"label\":" + bad);
      }
    } else {
      for (String bad : List.of("\"NaN\"", "1e400", "-1e999", "\"12\"", "[]", "true")) {
        pending("value " + bad, "bad-value", "\"value\":" + bad);
      }
    }
  }

  private void keys() {
    String reason = "key-mismatch";
    make(
        "another record key",
        reason,
        (key, id) -> bytes("not-" + key, observation(key, id).getBytes(UTF_8)));
    make("null record key", reason, (key, id) -> bytes(null, observation(key, id).getBytes(UTF_8)));
    make("empty record key", reason, (key, id) -> bytes("", observation(key, id).getBytes(UTF_8)));
    make(
        "outcome with another record key",
        reason,
        (key, id) -> bytes("not-" + key, outcome(key, id, target()).getBytes(UTF_8)));
  }

  /** Good on their own, wrong together. */
  private void pairs() {
    makers.put(
        "second observation",
        (key, id) ->
            List.of(
                good(key, observation(key, id)),
                bad("duplicate-observation", key, observation(key, id)),
                good(key, outcome(key, id, target()))));
    makers.put(
        "second early outcome",
        (key, id) ->
            List.of(
                good(key, outcome(key, id, target())),
                bad("duplicate-outcome", key, outcome(key, id, target())),
                good(key, observation(key, id))));
    makers.put(
        "second outcome after the pair was shut",
        (key, id) ->
            List.of(
                good(key, observation(key, id)),
                good(key, outcome(key, id, target())),
                bad("outcome-without-observation", key, outcome(key, id, target()))));
    makers.put(
        "outcome for nothing",
        (key, id) -> List.of(bad("outcome-without-observation", key, outcome(key, id, target()))));
  }

  /** Seems hostile and is not. */
  private void harmless() {
    value("airport that is called NAN", GOOD, id -> feature(id, "\"NAN\""));
    value("null feature", GOOD, id -> feature(id, "null"));
    value("no feature at all", GOOD, id -> observation(id).replace(FEATURES, "{}"));
    value(
        "ISO time", GOOD, id -> replaceField(observation(id), "time", "\"2001-01-01T00:01:00Z\""));
    value("blanks around", GOOD, id -> " \n" + observation(id) + "\t ");
    value("smallest number", GOOD, id -> feature(id, "4.9e-324"));
    value("long digits", GOOD, id -> feature(id, "0." + "123456789".repeat(20)));
    value("emoji", GOOD, id -> feature(id, "\"\uD83D\uDE00\""));
  }

  private void pending(String name, String reason, String target) {
    makers.put(
        name,
        (key, id) ->
            List.of(
                good(key, observation(key, id)),
                new HostileCase(
                    name, key.getBytes(UTF_8), outcome(key, id, target).getBytes(UTF_8), reason)));
  }

  private interface OfId {
    String value(String id);
  }

  private interface OfKeyAndId {
    HostileCase make(String key, String id);
  }

  /** {@code KEY} in the text is replaced by the entity. */
  private void value(String name, String expected, OfId text) {
    make(
        name,
        expected,
        (key, id) -> bytes(key, text.value(id).replace("KEY", key).getBytes(UTF_8)));
  }

  private void encoded(String name, String expected, Charset charset, String before) {
    make(
        name, expected, (key, id) -> bytes(key, (before + observation(key, id)).getBytes(charset)));
  }

  private void make(String name, String expected, OfKeyAndId maker) {
    makers.put(
        name,
        (key, id) -> {
          HostileCase made = maker.make(key, id);
          return List.of(new HostileCase(name, made.key(), made.value(), expected));
        });
  }

  private static HostileCase bytes(@Nullable String key, byte @Nullable [] value) {
    return new HostileCase("", key == null ? null : key.getBytes(UTF_8), value, GOOD);
  }

  private static HostileCase good(String key, String json) {
    return new HostileCase("one of a pair", key.getBytes(UTF_8), json.getBytes(UTF_8), GOOD);
  }

  private static HostileCase bad(String reason, String key, String json) {
    return new HostileCase(reason, key.getBytes(UTF_8), json.getBytes(UTF_8), reason);
  }

  private String target() {
    return goal == TargetKind.LABELS ? "\"label\":\"late\"" : "\"value\":3.5";
  }

  private static String observation(String id) {
    return observation("KEY", id);
  }

  private static String observation(String key, String id) {
    return """
        {"type":"observation","id":"%s","key":"%s","time":978307260000,"features":%s}"""
        .formatted(id, key, FEATURES);
  }

  private static String outcome(String id, String target) {
    return outcome("KEY", id, target);
  }

  private static String outcome(String key, String id, String target) {
    return """
        {"type":"outcome","id":"%s","key":"%s","time":978310860000,%s}"""
        .formatted(id, key, target);
  }

  private static String feature(String id, String value) {
    return observation(id).replace("12.5", value);
  }

  private static String without(String json, String part) {
    return json.replace(part, "");
  }

  /** The field with another value, or without the field if the value is empty. */
  private static String replaceField(String json, String field, String value) {
    return json.replaceFirst(
        "\"" + field + "\":(\"[^\"]*\"|\\d+),",
        value.isEmpty() ? "" : "\"" + field + "\":" + value + ",");
  }

  private static String many(int features) {
    return IntStream.range(0, features)
        .mapToObj(i -> "\"f" + i + "\":" + i)
        .collect(Collectors.joining(",", "{", "}"));
  }

  /** A good observation, blown up with blanks to this many bytes. */
  private static byte[] padded(String key, String id, int bytes) {
    String json = observation(key, id);
    return json.replace(",\"features\"", "," + " ".repeat(bytes - json.length()) + "\"features\"")
        .getBytes(UTF_8);
  }

  private static String hex(String latin) {
    List<String> bytes = new ArrayList<>();
    latin.chars().forEach(c -> bytes.add(Integer.toHexString(c)));
    return String.join(" ", bytes);
  }
}
