package dev.sluice.codec;

import static dev.sluice.event.Reason.BAD_FEATURE;
import static dev.sluice.event.Reason.FAR_TIME;
import static dev.sluice.event.Reason.KEY_MISMATCH;
import static dev.sluice.event.Reason.MALFORMED_JSON;
import static dev.sluice.event.Reason.MISSING_FIELD;
import static dev.sluice.event.Reason.TOO_LARGE;
import static dev.sluice.event.Reason.UNKNOWN_LABEL;
import static dev.sluice.event.Reason.UNKNOWN_TYPE;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.sluice.event.Event;
import dev.sluice.event.Event.Malformed;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Reason;
import dev.sluice.event.Target;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns Kafka records into events. Total: whatever the bytes are, the answer is an event and never
 * an exception, and it depends on the record alone, not on what was decoded before.
 *
 * <p>The JSON is read as RFC 8259 has it, in strict UTF-8, as one object and nothing behind it.
 * Nesting deeper than 16, names longer than 2 kB and numbers longer than 1000 digits are refused.
 *
 * <p>Owned by one thread; keeps buffers and a bounded table of field names between events.
 */
public final class EventDecoder {

  private static final int MAX_VALUE_BYTES = 1_048_576;
  private static final int MAX_NESTING = 16;

  /** Bounds the memory of the parser's table of names, which keeps at most 6000 of them. */
  private static final int MAX_NAME_BYTES = 2048;

  /** After so many records in a row that are not plain, reading them as if they were is a loss. */
  private static final int MISSES = 8;

  /** For how many records the plain reader is left out then. */
  private static final int RESTS = 200;

  private static final Field[] OBSERVATION = {Field.ID, Field.KEY, Field.TIME, Field.FEATURES};
  private static final Field[] LABELLED = {Field.ID, Field.KEY, Field.TIME, Field.LABEL};
  private static final Field[] VALUED = {Field.ID, Field.KEY, Field.TIME, Field.VALUE};
  private static final Field[] NAMED = {Field.ID, Field.KEY, Field.TIME};

  private final JsonFactory json;
  private final Envelope envelope;
  private final PlainEventReader plain;

  /** Records in a row that were not plain. */
  private int misses;

  /** Records for which the plain reader is left out: it only saves time. */
  private int resting;

  private final long farthestMs;
  private final Map<String, Target> labels = new HashMap<>();

  /**
   * Makes a decoder for one job.
   *
   * @param labels the job's labels; none for a regression job, whose outcomes carry values
   * @param maxFeatures how many features an observation may have at most
   */
  public EventDecoder(List<String> labels, int maxFeatures) {
    this(labels, InputRules.of(maxFeatures));
  }

  /**
   * Makes a decoder for one job.
   *
   * @param labels the job's labels; none for a regression job, whose outcomes carry values
   * @param rules what the job asks of an event beyond the data contract
   */
  public EventDecoder(List<String> labels, InputRules rules) {
    this.farthestMs = rules.farthestMs();
    for (String label : labels) {
      this.labels.put(label, new Target.Label(label));
    }
    FeatureReader features = new FeatureReader(rules.maxFeatures(), rules.declared());
    this.envelope = new Envelope(features);
    this.plain = new PlainEventReader(features, this.labels, farthestMs);
    this.json = strictJson();
  }

  /** Decodes one record; a record that can't be used comes back as {@link Malformed}. */
  public Event decode(RawRecord raw) {
    byte[] value = raw.value();
    if (value == null) {
      return malformed(raw, new Problem(MISSING_FIELD, "the record has no value"));
    }
    if (value.length > MAX_VALUE_BYTES) {
      String detail = "the value has " + value.length + " bytes, more than " + MAX_VALUE_BYTES;
      return malformed(raw, new Problem(TOO_LARGE, detail));
    }
    if (resting > 0) {
      resting--;
      return decodeStrictly(raw, value);
    }
    Event event = plain.read(raw, value);
    if (event != null) {
      misses = 0;
      return event;
    }
    if (++misses > MISSES) {
      misses = MISSES;
      resting = RESTS;
    }
    return decodeStrictly(raw, value);
  }

  /** What {@link #decode} gives, whatever the event's shape is. */
  Event decodeStrictly(RawRecord raw, byte[] value) {
    Problem problem = parse(value);
    return problem == null ? event(raw) : malformed(raw, problem);
  }

  /**
   * Whether any job would take the record for an outcome, whatever its labels are: for those who
   * have to judge an input and do not know the job's settings.
   */
  public boolean isOutcomeOfAnyJob(RawRecord raw) {
    byte[] value = raw.value();
    return value != null
        && value.length <= MAX_VALUE_BYTES
        && parse(value) == null
        && envelope.problemOf(Field.TYPE) == null
        && envelope.type().equals("outcome")
        && firstProblem(raw, NAMED) == null
        && (envelope.problemOf(Field.LABEL) == null || envelope.problemOf(Field.VALUE) == null);
  }

  /** RFC 8259 and nothing more; what it refuses does not depend on what it has read before. */
  static JsonFactory strictJson() {
    return new JsonFactoryBuilder()
        .disable(JsonFactory.Feature.CHARSET_DETECTION)
        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        // Whether an event is refused must not depend on the names in the events before it.
        .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
        .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
        .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(MAX_NESTING)
                .maxNameLength(MAX_NAME_BYTES)
                .build())
        .build();
  }

  /** Fills the envelope; the answer is why it could not, or null. */
  private @Nullable Problem parse(byte[] value) {
    int invalid = StrictUtf8.firstInvalid(value);
    if (invalid >= 0) {
      return new Problem(MALFORMED_JSON, "the value is not UTF-8 at byte " + invalid);
    }
    if (startsWithMark(value)) {
      return new Problem(MALFORMED_JSON, "the value starts with a byte order mark");
    }
    envelope.clear();
    try (JsonParser parser = json.createParser(value)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return new Problem(MALFORMED_JSON, "the value is not a JSON object");
      }
      envelope.read(parser);
      return parser.nextToken() == null
          ? null
          : new Problem(MALFORMED_JSON, "there is more text after the value's JSON object");
    } catch (StreamConstraintsException e) {
      Reason reason = envelope.stoppedInFeatures() ? BAD_FEATURE : MALFORMED_JSON;
      return new Problem(reason, e.getOriginalMessage());
    } catch (JsonProcessingException e) {
      Problem known = envelope.stoppedBy();
      if (known != null) {
        return known;
      }
      long at = e.getLocation() == null ? -1 : e.getLocation().getByteOffset();
      String notFinite = NotFinite.token(e);
      String why = notFinite == null ? e.getOriginalMessage() : "JSON has no " + notFinite;
      return new Problem(MALFORMED_JSON, "not JSON at byte " + at + ": " + why);
    } catch (IOException | RuntimeException e) {
      // A fault of the parser must not stop the job on this record again and again.
      return new Problem(MALFORMED_JSON, "the parser failed: " + e);
    }
  }

  /** Jackson would skip the mark, which RFC 8259 forbids to send. */
  private static boolean startsWithMark(byte[] value) {
    return value.length >= 3
        && value[0] == (byte) 0xEF
        && value[1] == (byte) 0xBB
        && value[2] == (byte) 0xBF;
  }

  private Event event(RawRecord raw) {
    Problem untyped = envelope.problemOf(Field.TYPE);
    if (untyped != null) {
      return malformed(raw, untyped);
    }
    return switch (envelope.type()) {
      case "observation" -> observation(raw);
      case "outcome" -> outcome(raw);
      default ->
          malformed(
              raw,
              new Problem(
                  UNKNOWN_TYPE,
                  "field \"type\" is neither observation nor outcome: "
                      + Details.shown(envelope.type())));
    };
  }

  private Event observation(RawRecord raw) {
    Problem problem = firstProblem(raw, OBSERVATION);
    return problem != null
        ? malformed(raw, problem)
        : new Observation(
            raw, envelope.id(), envelope.key(), envelope.timeMs(), envelope.features());
  }

  private Event outcome(RawRecord raw) {
    Problem problem = firstProblem(raw, labels.isEmpty() ? VALUED : LABELLED);
    if (problem != null) {
      return malformed(raw, problem);
    }
    Target target =
        labels.isEmpty() ? new Target.Value(envelope.value()) : labels.get(envelope.label());
    if (target == null) {
      String detail = "field \"label\" is none of the job's labels: ";
      return malformed(raw, new Problem(UNKNOWN_LABEL, detail + Details.shown(envelope.label())));
    }
    return new Outcome(raw, envelope.id(), envelope.key(), envelope.timeMs(), target);
  }

  private @Nullable Problem firstProblem(RawRecord raw, Field[] needed) {
    for (Field field : needed) {
      Problem problem = envelope.problemOf(field);
      if (problem != null) {
        return problem;
      }
    }
    byte[] key = raw.key();
    if (key == null || !StrictUtf8.encodes(key, envelope.key())) {
      String found = key == null ? "absent" : Details.shown(Headers.text(key));
      String detail = "the record key is " + found + ", not the UTF-8 of field \"key\": ";
      return new Problem(KEY_MISMATCH, detail + Details.shown(envelope.key()));
    }
    return InputRules.distanceMs(envelope.timeMs(), raw.arrivalMs()) > farthestMs
        ? farTime(envelope.timeMs(), raw.arrivalMs())
        : null;
  }

  private Problem farTime(long timeMs, long arrivalMs) {
    boolean seconds = InputRules.distanceMs(timeMs * 1000, arrivalMs) <= farthestMs;
    return new Problem(
        FAR_TIME,
        "field \"time\" is %s, and the record's own time %s: farther apart than sluice.time.tolerance%s"
            .formatted(
                Instant.ofEpochMilli(timeMs),
                Instant.ofEpochMilli(arrivalMs),
                seconds ? "; these are epoch seconds, send milliseconds" : ""));
  }

  private static Malformed malformed(RawRecord raw, Problem problem) {
    return new Malformed(raw, problem.reason(), Details.clipped(problem.detail()));
  }
}
