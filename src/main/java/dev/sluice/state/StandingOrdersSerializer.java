package dev.sluice.state;

import dev.sluice.control.ControlState;
import dev.sluice.control.Pauses;
import dev.sluice.event.Answer.ControlReply;
import dev.sluice.event.ControlEcho;
import dev.sluice.event.Origin;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serialises the combined effect of the control commands. They are mutable, so copies are deep.
 *
 * <p>Version 1: the pauses of learning and of scoring, the policy, the generations, the keys that
 * were reset, the answers that were given.
 */
final class StandingOrdersSerializer extends VersionedSerializer<ControlState> {

  private static final int MAX_KEYS = 1 << 24;

  /** Writes version 1. */
  public StandingOrdersSerializer() {
    super(ControlState.class, 1);
  }

  @Override
  void write(ControlState orders, DataOutputView out) throws IOException {
    writePauses(orders.learning(), out);
    writePauses(orders.scoring(), out);
    Wire.writeNullableText(out, "the policy", orders.policy());
    out.writeLong(orders.numbers().last());
    out.writeLong(orders.numbers().everyKeyReset());
    out.writeLong(orders.numbers().promoted());
    Wire.writeLength(out, "the keys reset", orders.keyResets().size(), MAX_KEYS);
    for (Map.Entry<String, Long> reset : orders.keyResets().entrySet()) {
      Wire.writeText(out, "a key reset", reset.getKey());
      out.writeLong(reset.getValue());
    }
    List<ControlReply> answered = orders.answered().all();
    Wire.writeLength(out, "the answers", answered.size(), ControlState.Answered.MAX);
    for (ControlReply reply : answered) {
      writeReply(reply, out);
    }
  }

  @Override
  ControlState read(int version, DataInputView in) throws IOException {
    return switch (version) {
      case 1 -> read1(in);
      default -> throw new IllegalArgumentException("no format version (" + version + ")");
    };
  }

  @Override
  public boolean isImmutableType() {
    return false;
  }

  @Override
  public ControlState copy(ControlState from) {
    return from.copy();
  }

  @Override
  public TypeSerializer<ControlState> duplicate() {
    return this;
  }

  @Override
  public ControlState createInstance() {
    return new ControlState();
  }

  @Override
  public TypeSerializerSnapshot<ControlState> snapshotConfiguration() {
    return new Snapshot();
  }

  private static ControlState read1(DataInputView in) throws IOException {
    Pauses learning = readPauses(in);
    Pauses scoring = readPauses(in);
    String policy = Wire.readNullableText(in, "the policy");
    ControlState.Numbers numbers =
        new ControlState.Numbers(in.readLong(), in.readLong(), in.readLong());
    TreeMap<String, Long> resets = new TreeMap<>();
    int keys = Wire.readLength(in, "the keys reset", MAX_KEYS);
    for (int i = 0; i < keys; i++) {
      resets.put(Wire.readText(in, "a key reset"), in.readLong());
    }
    ControlState orders = new ControlState(learning, scoring, policy, numbers, resets);
    int answers = Wire.readLength(in, "the answers", ControlState.Answered.MAX);
    for (int i = 0; i < answers; i++) {
      orders.answered().remember(readReply(in));
    }
    return orders;
  }

  private static void writePauses(Pauses pauses, DataOutputView out) throws IOException {
    out.writeBoolean(pauses.everyKey());
    Wire.writeLength(out, "the keys paused", pauses.keys().size(), MAX_KEYS);
    for (String key : pauses.keys()) {
      Wire.writeText(out, "a key paused", key);
    }
  }

  private static Pauses readPauses(DataInputView in) throws IOException {
    boolean everyKey = Wire.readFlag(in, "the pause of every key");
    int size = Wire.readLength(in, "the keys paused", MAX_KEYS);
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      keys.add(Wire.readText(in, "a key paused"));
    }
    return new Pauses(everyKey, keys);
  }

  private static void writeReply(ControlReply reply, DataOutputView out) throws IOException {
    EventFormat1.writeOrigin(reply.origin(), out);
    ControlEcho echo = reply.echo();
    Wire.writeNullableText(out, "the id", echo.id());
    Wire.writeNullableText(out, "the command", echo.command());
    Wire.writeNullableText(out, "the part", echo.part());
    Wire.writeNullableText(out, "the key", echo.key());
    Long version = echo.version();
    out.writeBoolean(version != null);
    if (version != null) {
      out.writeLong(version);
    }
    Wire.writeNullableText(out, "the policy", echo.policy());
    Wire.writeNullableText(out, "the reason", reply.reason());
  }

  private static ControlReply readReply(DataInputView in) throws IOException {
    Origin origin = EventFormat1.readOrigin(in);
    ControlEcho echo =
        new ControlEcho(
            Wire.readNullableText(in, "the id"),
            Wire.readNullableText(in, "the command"),
            Wire.readNullableText(in, "the part"),
            Wire.readNullableText(in, "the key"),
            Wire.readFlag(in, "the version's flag") ? in.readLong() : null,
            Wire.readNullableText(in, "the policy"));
    return new ControlReply(origin, echo, Wire.readNullableText(in, "the reason"), false);
  }

  /** What a savepoint remembers of this serializer. */
  public static final class Snapshot extends VersionedSnapshot<ControlState> {

    /** Made by Flink, by name. */
    public Snapshot() {
      super(new StandingOrdersSerializer());
    }
  }
}
