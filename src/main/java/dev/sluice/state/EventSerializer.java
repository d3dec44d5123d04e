package dev.sluice.state;

import dev.sluice.event.Event;
import dev.sluice.event.Event.DeferRequested;
import dev.sluice.event.Event.Malformed;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Event.Undecoded;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Reason;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serialises events between operators: the record as it came and what was read from it, so that
 * nothing is parsed twice; or the record alone, if the next task is the first that reads it.
 *
 * <p>Version 1: the kind, then {@link EventFormat1}.
 */
final class EventSerializer extends VersionedSerializer<Event> {

  private static final byte OBSERVATION = 1;
  private static final byte OUTCOME = 2;
  private static final byte MALFORMED = 3;
  private static final byte POSTPONED = 4;
  private static final byte UNDECODED = 5;

  /** Writes version 1. */
  public EventSerializer() {
    super(Event.class, 1);
  }

  @Override
  void write(Event event, DataOutputView out) throws IOException {
    if (event instanceof Observation observation) {
      out.writeByte(OBSERVATION);
      EventFormat1.writeObservation(observation, out);
    } else if (event instanceof Outcome outcome) {
      out.writeByte(OUTCOME);
      EventFormat1.writeOutcome(outcome, out);
    } else if (event instanceof DeferRequested postponed) {
      out.writeByte(POSTPONED);
      EventFormat1.writeRaw(postponed.raw(), out);
    } else if (event instanceof Undecoded undecoded) {
      out.writeByte(UNDECODED);
      EventFormat1.writeRaw(undecoded.raw(), out);
    } else {
      out.writeByte(MALFORMED);
      EventFormat1.writeMalformed((Malformed) event, out);
    }
  }

  @Override
  Event read(int version, DataInputView in) throws IOException {
    byte kind = in.readByte();
    return switch (kind) {
      case OBSERVATION -> EventFormat1.readObservation(in);
      case OUTCOME -> EventFormat1.readOutcome(in);
      case MALFORMED -> EventFormat1.readMalformed(in);
      case POSTPONED -> new DeferRequested(EventFormat1.readRaw(in));
      case UNDECODED -> new Undecoded(EventFormat1.readRaw(in));
      default -> throw new IOException("corrupt bytes: no event has the code (" + kind + ")");
    };
  }

  @Override
  public Event createInstance() {
    RawRecord none = new RawRecord(new Origin("none", 0, 0), 0, null, null);
    return new Malformed(none, Reason.MISSING_FIELD, "");
  }

  @Override
  public TypeSerializerSnapshot<Event> snapshotConfiguration() {
    return new Snapshot();
  }

  /** What a savepoint remembers of this serializer. */
  public static final class Snapshot extends VersionedSnapshot<Event> {

    /** Made by Flink, by name. */
    public Snapshot() {
      super(new EventSerializer());
    }
  }
}
