package dev.sluice.codec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.sluice.event.Command;
import dev.sluice.event.Command.Part;
import dev.sluice.event.ControlEcho;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.DecodedCommand;
import dev.sluice.event.RawRecord;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Turns records of the control topic into instructions. Total, like {@link EventDecoder}: whatever
 * the bytes are, the answer is an instruction, and it depends on the record alone.
 *
 * <p>Stricter than events are: a field that a command does not take is refused, because a misspelt
 * key would make it a command to every key. A null counts as absent.
 */
public final class CommandDecoder {

  private static final int MAX_VALUE_BYTES = 1 << 16;
  private static final int MAX_CHARS = 1024;
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final Set<String> POLICIES = Set.of("blend", "champion", "challenger", "best");

  /** What each command takes in addition to its id and its name. */
  private static final Map<String, Set<String>> FIELDS =
      Map.of(
          "pause", Set.of("part", "key"),
          "resume", Set.of("part", "key"),
          "promote", Set.of("uri", "sha256", "version", "reseed", "shadow"),
          "serve", Set.of("policy"),
          "reset", Set.of("key"),
          "forget", Set.of("key"),
          "confirm", Set.of("version"),
          "drop", Set.of("version"));

  private static final JsonFactory JSON = EventDecoder.strictJson();

  private CommandDecoder() {}

  /** A record of the control topic before its model is read. */
  public static ControlRecord record(RawRecord raw) {
    return new ControlRecord.Plain(raw, decode(raw));
  }

  static DecodedCommand decode(RawRecord raw) {
    byte[] value = raw.value();
    if (value == null) {
      return garbled("the record has no value");
    }
    if (value.length > MAX_VALUE_BYTES) {
      return garbled(
          "the command has %s bytes, more than %s".formatted(value.length, MAX_VALUE_BYTES));
    }
    int invalid = StrictUtf8.firstInvalid(value);
    if (invalid >= 0) {
      return garbled("the command is not UTF-8 at byte " + invalid);
    }
    Map<String, Object> fields = new TreeMap<>();
    try (JsonParser parser = JSON.createParser(value)) {
      read(parser, fields);
    } catch (Refused e) {
      return new DecodedCommand.Invalid(echo(fields), e.why);
    } catch (JsonProcessingException e) {
      return garbled("the command is not JSON: " + Details.clipped(e.getOriginalMessage()));
    } catch (IOException | RuntimeException e) {
      return garbled("the command can't be read: " + Details.clipped(String.valueOf(e)));
    }
    ControlEcho echo = echo(fields);
    try {
      return new DecodedCommand.Valid(echo, command(fields));
    } catch (Refused e) {
      return new DecodedCommand.Invalid(echo, e.why);
    }
  }

  private static void read(JsonParser parser, Map<String, Object> fields)
      throws IOException, Refused {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new Refused("the command is not a JSON object");
    }
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      JsonToken token = parser.nextToken();
      if (token != JsonToken.VALUE_NULL && fields.put(name, value(parser, token)) != null) {
        throw new Refused("field " + Details.shown(name) + " is there twice");
      }
    }
    if (parser.nextToken() != null) {
      throw new Refused("there is more text after the command's JSON object");
    }
  }

  private static Object value(JsonParser parser, JsonToken token) throws IOException {
    switch (token) {
      case VALUE_STRING -> {
        return parser.getText();
      }
      case VALUE_TRUE, VALUE_FALSE -> {
        return token == JsonToken.VALUE_TRUE;
      }
      case VALUE_NUMBER_INT -> {
        boolean fits = parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
        return fits ? (Object) parser.getLongValue() : parser.getDecimalValue();
      }
      case VALUE_NUMBER_FLOAT -> {
        return parser.getDoubleValue();
      }
      default -> {
        parser.skipChildren();
        return List.of();
      }
    }
  }

  private static ControlEcho echo(Map<String, Object> fields) {
    return new ControlEcho(
        isName(fields.get("id")) ? (String) fields.get("id") : null,
        shown(fields.get("command")),
        shown(fields.get("part")),
        isName(fields.get("key")) ? (String) fields.get("key") : null,
        fields.get("version") instanceof Long version ? version : null,
        shown(fields.get("policy")));
  }

  private static Command command(Map<String, Object> fields) throws Refused {
    name(fields, "id");
    String command = text(fields, "command");
    Set<String> taken = FIELDS.get(command);
    if (taken == null) {
      throw unknown("command", command, FIELDS.keySet());
    }
    for (String field : fields.keySet()) {
      if (!taken.contains(field) && !field.equals("id") && !field.equals("command")) {
        throw new Refused(
            "%s takes no field %s, only %s"
                .formatted(command, Details.shown(field), new TreeSet<>(taken)));
      }
    }
    return switch (command) {
      case "pause" -> new Command.Pause(part(fields), key(fields));
      case "resume" -> new Command.Resume(part(fields), key(fields));
      case "promote" -> promote(fields);
      case "serve" -> new Command.Serve(policy(fields));
      case "reset" -> new Command.Reset(key(fields));
      case "forget" -> new Command.Forget(name(fields, "key"));
      case "confirm" -> new Command.Confirm(version(fields));
      default -> new Command.Drop(version(fields));
    };
  }

  private static Command promote(Map<String, Object> fields) throws Refused {
    String sha256 = text(fields, "sha256");
    if (!SHA256.matcher(sha256).matches()) {
      throw new Refused(
          "field sha256 is not 64 lower-case hexadecimal digits: " + Details.shown(sha256));
    }
    return new Command.Promote(
        name(fields, "uri"),
        sha256,
        version(fields),
        flag(fields, "reseed"),
        flag(fields, "shadow"));
  }

  private static Part part(Map<String, Object> fields) throws Refused {
    String code = text(fields, "part");
    for (Part part : Part.values()) {
      if (part.code().equals(code)) {
        return part;
      }
    }
    throw unknown("part", code, Set.of("learning", "scoring", "all"));
  }

  private static String policy(Map<String, Object> fields) throws Refused {
    String policy = text(fields, "policy");
    if (!POLICIES.contains(policy)) {
      throw unknown("policy", policy, POLICIES);
    }
    return policy;
  }

  private static int version(Map<String, Object> fields) throws Refused {
    Object version = fields.get("version");
    if (version instanceof Long number && number >= 1 && number <= Integer.MAX_VALUE) {
      return number.intValue();
    }
    throw new Refused(
        version == null
            ? "field version is missing"
            : "field version is not a whole number from 1 to " + Integer.MAX_VALUE);
  }

  private static boolean flag(Map<String, Object> fields, String field) throws Refused {
    Object flag = fields.getOrDefault(field, false);
    if (flag instanceof Boolean value) {
      return value;
    }
    throw new Refused("field " + field + " is neither true nor false");
  }

  private static @Nullable String key(Map<String, Object> fields) throws Refused {
    return fields.containsKey("key") ? name(fields, "key") : null;
  }

  private static String name(Map<String, Object> fields, String field) throws Refused {
    String text = text(fields, field);
    if (!isName(text)) {
      throw new Refused("field %s is not 1 to %s characters".formatted(field, MAX_CHARS));
    }
    return text;
  }

  private static String text(Map<String, Object> fields, String field) throws Refused {
    Object value = fields.get(field);
    if (value instanceof String text) {
      return text;
    }
    throw new Refused("field " + field + (value == null ? " is missing" : " is not a string"));
  }

  private static boolean isName(@Nullable Object value) {
    return value instanceof String text
        && !text.isEmpty()
        && text.length() <= MAX_CHARS
        && !StrictUtf8.hasLoneSurrogate(text);
  }

  private static @Nullable String shown(@Nullable Object value) {
    return value instanceof String text ? Details.clipped(text) : null;
  }

  private static Refused unknown(String field, String value, Set<String> known) {
    return new Refused(
        "field %s is none of %s: %s".formatted(field, new TreeSet<>(known), Details.shown(value)));
  }

  private static DecodedCommand garbled(String why) {
    return new DecodedCommand.Invalid(ControlEcho.NOTHING, why);
  }

  /** Why a command is not one; never leaves the decoder. */
  private static final class Refused extends Exception {

    private static final long serialVersionUID = 1L;

    private final String why;

    Refused(String why) {
      super(why, null, false, false);
      this.why = why;
    }
  }
}
