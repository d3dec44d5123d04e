package dev.sluice.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.io.NumberInput;
import dev.sluice.event.Event;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Target;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads sound events of the shape that most producers write, straight from their bytes: one JSON
 * object of the fields that the event needs and no others, ASCII without escapes, no white space
 * but spaces. It takes a record only if it reads every byte of it, and then gives what the strict
 * decoder gives; everything else, whatever is wrong or only unusual, is left to that decoder.
 *
 * <p>Owned by one thread; keeps buffers and a bounded table of texts between events.
 */
final class PlainEventReader {

  private static final int MAX_ID_CHARS = 1024;

  /** Longer numbers and times are left to the strict decoder. */
  private static final int MAX_TOKEN = 40;

  /** So many digits are always a long. */
  private static final int MAX_DIGITS = 18;

  private static final byte[] TRUE = "true".getBytes(UTF_8);
  private static final byte[] FALSE = "false".getBytes(UTF_8);
  private static final byte[] NULL = "null".getBytes(UTF_8);
  private static final byte[] OBSERVATION = "observation".getBytes(UTF_8);
  private static final byte[] OUTCOME = "outcome".getBytes(UTF_8);
  private static final Field[] FIELDS = Field.values();
  private static final int NAMED =
      Field.TYPE.bit() | Field.ID.bit() | Field.KEY.bit() | Field.TIME.bit();

  private static final int UNUSUAL = -1;

  private final FeatureReader features;
  private final long farthestMs;
  private final Map<String, Target> labels;
  private final TextTable texts = new TextTable();
  private final char[] token = new char[MAX_TOKEN];

  private byte[] bytes = new byte[0];
  private int at;

  /** The string that was read last, without its quotes. */
  private int from;

  private int to;

  private boolean isObservation;
  private String id = "";
  private String key = "";
  private long timeMs;
  private double number;
  private boolean isWhole;
  private long whole;
  private @Nullable Target target;

  /**
   * @param labels the job's, by name; not changed here
   */
  PlainEventReader(FeatureReader features, Map<String, Target> labels, long farthestMs) {
    this.features = features;
    this.farthestMs = farthestMs;
    this.labels = labels;
  }

  /** The event; null if the strict decoder must say what the record is. */
  @Nullable Event read(RawRecord raw, byte[] value) {
    bytes = value;
    at = 0;
    int seen = fields(raw.key());
    if (seen == UNUSUAL || spaced() || isFar(raw)) {
      return null;
    }
    if (isObservation) {
      return seen == (NAMED | Field.FEATURES.bit())
          ? new Observation(raw, id, key, timeMs, features.features())
          : null;
    }
    Target found = target;
    return found != null && seen == (NAMED | (labels.isEmpty() ? Field.VALUE : Field.LABEL).bit())
        ? new Outcome(raw, id, key, timeMs, found)
        : null;
  }

  private boolean isFar(RawRecord raw) {
    return InputRules.distanceMs(timeMs, raw.arrivalMs()) > farthestMs;
  }

  /** Reads the object; the fields that it has, as bits. */
  private int fields(byte @Nullable [] recordKey) {
    if (!next('{')) {
      return UNUSUAL;
    }
    int seen = 0;
    do {
      Field field = string() ? field() : null;
      if (field == null || (seen & field.bit()) != 0 || !next(':') || !value(field, recordKey)) {
        return UNUSUAL;
      }
      seen |= field.bit();
    } while (next(','));
    return next('}') ? seen : UNUSUAL;
  }

  private @Nullable Field field() {
    for (Field field : FIELDS) {
      if (is(field.text())) {
        return field;
      }
    }
    return null;
  }

  private boolean value(Field field, byte @Nullable [] recordKey) {
    return switch (field) {
      case TYPE -> type();
      case ID -> id();
      case KEY -> key(recordKey);
      case TIME -> time();
      case FEATURES -> features();
      case LABEL -> label();
      case VALUE -> targetValue();
    };
  }

  private boolean type() {
    if (!string()) {
      return false;
    }
    isObservation = is(OBSERVATION);
    return isObservation || is(OUTCOME);
  }

  private boolean id() {
    if (!name()) {
      return false;
    }
    id = new String(bytes, from, to - from, ISO_8859_1);
    return true;
  }

  private boolean key(byte @Nullable [] recordKey) {
    if (!name()) {
      return false;
    }
    key = texts.of(bytes, from, to);
    return recordKey != null && is(recordKey);
  }

  private boolean name() {
    return string() && to > from && to - from <= MAX_ID_CHARS;
  }

  private boolean time() {
    if (next('"')) {
      at--;
      if (!string() || to - from > MAX_TOKEN) {
        return false;
      }
      copy(from, to);
      timeMs = IsoTime.parseMs(token, 0, to - from);
      return timeMs != IsoTime.INVALID;
    }
    if (!number() || !isWhole) {
      return false;
    }
    timeMs = whole;
    return IsoTime.isInRange(timeMs);
  }

  private boolean label() {
    if (!string()) {
      return false;
    }
    target = labels.get(texts.of(bytes, from, to));
    return target != null;
  }

  private boolean targetValue() {
    target = number() && isLearnable() ? new Target.Value(number) : null;
    return target != null;
  }

  private boolean features() {
    features.begin();
    if (!next('{')) {
      return false;
    }
    if (!next('}')) {
      do {
        if (!feature()) {
          return false;
        }
      } while (next(','));
      if (!next('}')) {
        return false;
      }
    }
    features.end();
    return features.problem() == null;
  }

  private boolean feature() {
    if (!string() || !FeatureReader.isNameLength(to - from)) {
      return false;
    }
    String name = texts.of(bytes, from, to);
    if (!next(':') || !spaced()) {
      return false;
    }
    return switch (bytes[at]) {
      case '"' -> text(name);
      case 't' -> literal(TRUE) && features.text(name, "true");
      case 'f' -> literal(FALSE) && features.text(name, "false");
      case 'n' -> literal(NULL) && features.absent(name);
      default -> number() && isLearnable() && features.number(name, number);
    };
  }

  private boolean text(String name) {
    return string() && features.text(name, texts.of(bytes, from, to));
  }

  private boolean literal(byte[] word) {
    int end = at + word.length;
    boolean found = end <= bytes.length && Arrays.equals(bytes, at, end, word, 0, word.length);
    at = end;
    return found;
  }

  private boolean isLearnable() {
    return Math.abs(number) <= FeatureReader.MAX_MAGNITUDE;
  }

  /** Whether another byte comes, behind spaces. */
  private boolean spaced() {
    while (at < bytes.length && bytes[at] == ' ') {
      at++;
    }
    return at < bytes.length;
  }

  /** Goes behind the character if it comes next, behind spaces. */
  private boolean next(char c) {
    if (!spaced() || bytes[at] != c) {
      return false;
    }
    at++;
    return true;
  }

  /** Goes behind a string of printable ASCII without escapes. */
  private boolean string() {
    if (!next('"')) {
      return false;
    }
    int end = at;
    while (end < bytes.length && isPlain(bytes[end])) {
      end++;
    }
    if (end == bytes.length || bytes[end] != '"') {
      return false;
    }
    from = at;
    to = end;
    at = end + 1;
    return true;
  }

  /** Neither the quote, nor an escape, nor a control character, nor beyond ASCII. */
  private static boolean isPlain(byte b) {
    return b >= ' ' && b != '"' && b != '\\';
  }

  private boolean is(byte[] text) {
    return Arrays.equals(bytes, from, to, text, 0, text.length);
  }

  /** Goes behind a number. */
  private boolean number() {
    isWhole = false;
    if (!spaced()) {
      return false;
    }
    int start = at;
    int first = bytes[start] == '-' ? start + 1 : start;
    int end = digits(first);
    if (end == first || (bytes[first] == '0' && end > first + 1)) {
      return false;
    }
    isWhole = true;
    if (byteAt(end) == '.') {
      isWhole = false;
      int fraction = end + 1;
      end = digits(fraction);
      if (end == fraction) {
        return false;
      }
    }
    if (byteAt(end) == 'e' || byteAt(end) == 'E') {
      isWhole = false;
      int sign = byteAt(end + 1);
      int exponent = sign == '+' || sign == '-' ? end + 2 : end + 1;
      end = digits(exponent);
      if (end == exponent) {
        return false;
      }
    }
    at = end;
    return isWhole ? whole(start, first, end) : real(start, end);
  }

  private boolean whole(int start, int first, int end) {
    long digits = 0;
    for (int i = first; i < end; i++) {
      digits = digits * 10 + (bytes[i] - '0');
    }
    whole = first > start ? -digits : digits;
    number = whole;
    return end - first <= MAX_DIGITS;
  }

  private boolean real(int start, int end) {
    if (end - start > MAX_TOKEN) {
      return false;
    }
    copy(start, end);
    number = NumberInput.parseDouble(token, 0, end - start, true);
    return true;
  }

  /** The position behind the digits from there on. */
  private int digits(int start) {
    int end = start;
    while (end < bytes.length && bytes[end] >= '0' && bytes[end] <= '9') {
      end++;
    }
    return end;
  }

  private int byteAt(int position) {
    return position < bytes.length ? bytes[position] : 0;
  }

  private boolean is(String ascii) {
    if (to - from != ascii.length()) {
      return false;
    }
    for (int i = 0; i < ascii.length(); i++) {
      if (bytes[from + i] != ascii.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private void copy(int start, int end) {
    for (int i = start; i < end; i++) {
      token[i - start] = (char) bytes[i];
    }
  }
}
