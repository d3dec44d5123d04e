package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.codec.Details;
import dev.sluice.codec.InputRules;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Features;
import dev.sluice.settings.InputOptions;
import dev.sluice.state.Uids;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts observations that are taken but look wrong: a feature whose name was never seen before may
 * be misspelt, a number that has become a text is another feature to the model, and a time far from
 * the record's may be in another unit.
 *
 * <p><b>It decides nothing.</b> What it knows belongs to a subtask and depends on the order in
 * which events came, so two attempts may count differently. An event becomes a dead letter by
 * {@link InputRules} alone, which depend on nothing but the event.
 *
 * <p>A name and the type under which it came are known once they were seen {@link #KNOWN_AFTER}
 * times; until then each event that brings them is counted. What the first {@link #FIRST}
 * observations of a job bring is known at once, but for a name that comes under both types. At most
 * {@link #MOST_NAMES} names of {@link #MOST_BYTES} bytes are remembered, in every snapshot: a
 * subtask that is restored knows those of all subtasks. It stores what it has learned itself, and
 * the first one stores what was restored, too. An event of known names costs a look-up for each
 * feature and allocates nothing.
 */
final class FeatureWatch {

  static final int FIRST = 100;
  static final int KNOWN_AFTER = 1_000;
  static final int MOST_NAMES = 4_096;

  /** The limit for all names together. */
  static final int MOST_BYTES = 256 << 10;

  private static final Logger LOG = LoggerFactory.getLogger(FeatureWatch.class);

  /** The version of the stored format. */
  private static final byte FORMAT = 1;

  private final ListState<byte[]> stored;
  private final long toleranceMs;
  private final Map<String, Seen> names = new HashMap<>();

  private long observations;
  private long nameBytes;
  private boolean full;
  private byte @Nullable [] encoded;

  /** How often a name came, up to {@link #KNOWN_AFTER}. */
  private static final class Seen {
    private int asNumber;
    private int asText;

    /** Whether anything of it was seen here, since the restore. */
    private boolean learned;

    int times(boolean number) {
      return number ? asNumber : asText;
    }

    void set(boolean number, int times) {
      if (number) {
        asNumber = times;
      } else {
        asText = times;
      }
    }
  }

  /** The suspect properties of an event; all false if nothing does. */
  static final class Findings {
    boolean newFeature;
    boolean otherType;
    boolean farTime;
  }

  /** The current findings; one object, so that no event allocates any. */
  private final Findings findings = new Findings();

  /**
   * Reads what a restored snapshot holds.
   *
   * @param toleranceMs how far an event's time may be from its record's
   */
  FeatureWatch(OperatorStateStore store, long toleranceMs) throws Exception {
    this.toleranceMs = toleranceMs;
    stored =
        store.getUnionListState(
            new ListStateDescriptor<>(
                Uids.FEATURES_STATE, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
    for (byte[] one : stored.get()) {
      restore(one);
    }
  }

  /**
   * Every task writes what it has learned since it was restored.
   *
   * @param first whether this one writes what it was restored with, too
   */
  void snapshot(boolean first) throws Exception {
    if (encoded == null) {
      encoded = encode(first);
    }
    stored.update(List.of(encoded));
  }

  /**
   * Checks an outcome.
   *
   * @return valid until the next event is checked
   */
  Findings look(Outcome outcome) {
    begin(outcome.timeMs(), outcome.raw().arrivalMs());
    return findings;
  }

  private void begin(long timeMs, long arrivalMs) {
    findings.newFeature = false;
    findings.otherType = false;
    findings.farTime = InputRules.distanceMs(timeMs, arrivalMs) > toleranceMs;
  }

  /**
   * Checks an observation.
   *
   * @return valid until the next event is checked
   */
  Findings look(Observation observation) {
    begin(observation.timeMs(), observation.raw().arrivalMs());
    boolean first = observations < FIRST;
    if (first) {
      observations++;
      encoded = null;
    }
    Features features = observation.features();
    for (int i = 0; i < features.size(); i++) {
      Seen seen = names.get(features.names()[i]);
      if (seen == null || seen.times(features.isNumber(i)) < KNOWN_AFTER) {
        note(seen, observation, i, first);
      }
    }
    return findings;
  }

  private void note(@Nullable Seen known, Observation observation, int i, boolean first) {
    Features features = observation.features();
    boolean number = features.isNumber(i);
    Seen seen = known == null ? added(features.names()[i]) : known;
    if (seen == null) {
      return;
    }
    encoded = null;
    seen.learned = true;
    boolean other = seen.times(!number) > 0;
    int times = seen.times(number);
    if (first && !other) {
      seen.set(number, KNOWN_AFTER);
      return;
    }
    seen.set(number, times + 1);
    findings.otherType |= other;
    findings.newFeature |= !other;
    if (times == 0) {
      tell(observation, features.names()[i], number, other);
    }
  }

  /** Null if no more names are remembered. */
  private @Nullable Seen added(String name) {
    long bytes = name.getBytes(UTF_8).length;
    if (full || names.size() >= MOST_NAMES || nameBytes + bytes > MOST_BYTES) {
      if (!full) {
        LOG.warn(
            "The events have more than {} features by name, or their names have more than {} bytes:"
                + " whether a further one is misspelt is not checked any more",
            MOST_NAMES,
            MOST_BYTES);
      }
      full = true;
      return null;
    }
    Seen seen = new Seen();
    names.put(name, seen);
    nameBytes += bytes;
    return seen;
  }

  /** Once for each name and type. */
  private static void tell(Observation observation, String name, boolean number, boolean other) {
    LOG.warn(
        "{}: feature \"{}\" {}. The event is predicted from and learned; if its producer is wrong,"
            + " correct it. {} makes such events dead letters",
        observation.raw().origin(),
        Details.clipped(name),
        other
            ? "has come as a %s so far and is a %s now: the model takes them for different features"
                .formatted(number ? "text" : "number", number ? "number" : "text")
            : "was never seen before, its name may be misspelt",
        InputOptions.DECLARED.key());
  }

  private byte[] encode(boolean all) throws IOException {
    List<Map.Entry<String, Seen>> written =
        names.entrySet().stream().filter(name -> all || name.getValue().learned).toList();
    DataOutputSerializer out = new DataOutputSerializer(64 + written.size() * 32);
    out.writeByte(FORMAT);
    out.writeLong(observations);
    out.writeInt(written.size());
    for (Map.Entry<String, Seen> name : written) {
      out.writeUTF(name.getKey());
      out.writeShort(name.getValue().asNumber);
      out.writeShort(name.getValue().asText);
    }
    return out.getCopyOfBuffer();
  }

  /** Adopts what one subtask knew. What can't be read is forgotten: nothing depends on it. */
  private void restore(byte[] bytes) {
    Map<String, Seen> all = new HashMap<>();
    long before;
    try {
      DataInputDeserializer in = new DataInputDeserializer(bytes);
      byte format = in.readByte();
      if (format != FORMAT) {
        throw new IOException("its format is (%s), known is (%s)".formatted(format, FORMAT));
      }
      before = in.readLong();
      for (int left = in.readInt(); left > 0; left--) {
        Seen seen = new Seen();
        all.put(in.readUTF(), seen);
        seen.asNumber = in.readUnsignedShort();
        seen.asText = in.readUnsignedShort();
      }
    } catch (IOException e) {
      LOG.warn("What the snapshot holds of known features is not used: {}", e.toString());
      return;
    }
    observations = Math.max(observations, before);
    all.forEach(this::merge);
  }

  private void merge(String name, Seen other) {
    Seen known = names.get(name);
    Seen seen = known == null ? added(name) : known;
    if (seen != null) {
      seen.asNumber = Math.max(seen.asNumber, other.asNumber);
      seen.asText = Math.max(seen.asText, other.asText);
    }
  }
}
