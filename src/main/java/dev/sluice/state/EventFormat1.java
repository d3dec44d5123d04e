package dev.sluice.state;

import dev.sluice.event.Event.Malformed;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Features;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Reason;
import dev.sluice.event.Target;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/** Version 1 of the events' parts; each format that holds an event names the version it holds. */
final class EventFormat1 {

  private static final int MAX_FEATURES = 1 << 20;
  private static final byte LABEL = 1;
  private static final byte VALUE = 2;
  private static final byte NUMBER = 1;
  private static final byte TEXT = 2;

  static void writeOrigin(Origin origin, DataOutputView out) throws IOException {
    Wire.writeText(out, "the topic", origin.topic());
    out.writeInt(origin.partition());
    out.writeLong(origin.offset());
  }

  static Origin readOrigin(DataInputView in) throws IOException {
    return new Origin(Wire.readText(in, "the topic"), in.readInt(), in.readLong());
  }

  static void writeObservation(Observation observation, DataOutputView out) throws IOException {
    writeRaw(observation.raw(), out);
    Wire.writeText(out, "the id", observation.id());
    Wire.writeText(out, "the key", observation.key());
    out.writeLong(observation.timeMs());
    writeFeatures(observation.features(), out);
  }

  static Observation readObservation(DataInputView in) throws IOException {
    return new Observation(
        readRaw(in),
        Wire.readText(in, "the id"),
        Wire.readText(in, "the key"),
        in.readLong(),
        readFeatures(in));
  }

  static void writeOutcome(Outcome outcome, DataOutputView out) throws IOException {
    writeRaw(outcome.raw(), out);
    Wire.writeText(out, "the id", outcome.id());
    Wire.writeText(out, "the key", outcome.key());
    out.writeLong(outcome.timeMs());
    if (outcome.target() instanceof Target.Label label) {
      out.writeByte(LABEL);
      Wire.writeText(out, "the label", label.name());
    } else {
      out.writeByte(VALUE);
      out.writeDouble(((Target.Value) outcome.target()).value());
    }
  }

  static Outcome readOutcome(DataInputView in) throws IOException {
    return new Outcome(
        readRaw(in),
        Wire.readText(in, "the id"),
        Wire.readText(in, "the key"),
        in.readLong(),
        readTarget(in));
  }

  static void writeMalformed(Malformed malformed, DataOutputView out) throws IOException {
    writeRaw(malformed.raw(), out);
    out.writeByte(malformed.reason().wire());
    Wire.writeText(out, "the detail", malformed.detail());
  }

  static Malformed readMalformed(DataInputView in) throws IOException {
    return new Malformed(
        readRaw(in), Reason.ofWire(in.readByte()), Wire.readText(in, "the detail"));
  }

  static void writeRaw(RawRecord raw, DataOutputView out) throws IOException {
    writeOrigin(raw.origin(), out);
    out.writeLong(raw.arrivalMs());
    Wire.writeNullableBytes(out, "the record key", raw.key());
    Wire.writeNullableBytes(out, "the record value", raw.value());
  }

  static RawRecord readRaw(DataInputView in) throws IOException {
    return new RawRecord(
        readOrigin(in),
        in.readLong(),
        Wire.readNullableBytes(in, "the record key"),
        Wire.readNullableBytes(in, "the record value"));
  }

  private static Target readTarget(DataInputView in) throws IOException {
    byte kind = in.readByte();
    return switch (kind) {
      case LABEL -> new Target.Label(Wire.readText(in, "the label"));
      case VALUE -> new Target.Value(in.readDouble());
      default -> throw new IOException("corrupt bytes: no target has the code (" + kind + ")");
    };
  }

  private static void writeFeatures(Features features, DataOutputView out) throws IOException {
    Wire.writeLength(out, "the features", features.size(), MAX_FEATURES);
    for (int i = 0; i < features.size(); i++) {
      Wire.writeText(out, "a feature's name", features.names()[i]);
      String text = features.texts()[i];
      if (text == null) {
        out.writeByte(NUMBER);
        out.writeDouble(features.numbers()[i]);
      } else {
        out.writeByte(TEXT);
        Wire.writeText(out, "a feature's text", text);
      }
    }
  }

  private static Features readFeatures(DataInputView in) throws IOException {
    int size = Wire.readLength(in, "the features", MAX_FEATURES);
    String[] names = new String[size];
    @Nullable String[] texts = new String[size];
    double[] numbers = new double[size];
    for (int i = 0; i < size; i++) {
      names[i] = Wire.readText(in, "a feature's name");
      byte kind = in.readByte();
      switch (kind) {
        case NUMBER -> numbers[i] = in.readDouble();
        case TEXT -> texts[i] = Wire.readText(in, "a feature's text");
        default -> throw new IOException("corrupt bytes: no feature has the code (" + kind + ")");
      }
    }
    return new Features(names, texts, numbers);
  }

  private EventFormat1() {}
}
