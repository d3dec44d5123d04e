package dev.sluice.state;

import dev.sluice.event.ServedBy;
import dev.sluice.features.SparseFeatures;
import dev.sluice.model.Pending;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serialises what waits for its other half: a predicted observation, or an outcome with its bytes.
 *
 * <p>Version 1: the kind, then its fields in the order of the record; outcomes as {@link
 * EventFormat1}. Version 2: behind a predicted observation its generation and what a shadow
 * predicted.
 */
final class PendingSerializer extends VersionedSerializer<Pending> {

  private static final int MAX_OUTPUTS = 1 << 16;
  private static final int MAX_COLUMNS = 1 << 22;
  private static final byte PREDICTED = 1;
  private static final byte EARLY_OUTCOME = 2;

  private final BulkArrays arrays = new BulkArrays();

  /** Writes version 2. */
  public PendingSerializer() {
    super(Pending.class, 2);
  }

  @Override
  void write(Pending pending, DataOutputView out) throws IOException {
    if (pending instanceof Pending.Predicted predicted) {
      out.writeByte(PREDICTED);
      writePredicted(predicted, out);
    } else {
      out.writeByte(EARLY_OUTCOME);
      EventFormat1.writeOutcome(((Pending.EarlyOutcome) pending).outcome(), out);
    }
  }

  @Override
  Pending read(int version, DataInputView in) throws IOException {
    return switch (version) {
      case 1 -> read(in, false);
      case 2 -> read(in, true);
      default -> throw new IllegalArgumentException("no format version (" + version + ")");
    };
  }

  @Override
  public TypeSerializer<Pending> duplicate() {
    return new PendingSerializer();
  }

  @Override
  public Pending createInstance() {
    SparseFeatures none = new SparseFeatures(new int[0], new double[0]);
    return new Pending.Predicted(0, 0, none, null, new double[0], ServedBy.CHALLENGER, 0, null);
  }

  @Override
  public TypeSerializerSnapshot<Pending> snapshotConfiguration() {
    return new Snapshot();
  }

  private void writePredicted(Pending.Predicted predicted, DataOutputView out) throws IOException {
    out.writeLong(predicted.arrivalMs());
    out.writeLong(predicted.timeMs());
    SparseFeatures features = predicted.features();
    Wire.writeLength(out, "the features", features.indices().length, MAX_COLUMNS);
    arrays.write(out, features.indices());
    arrays.write(out, features.values());
    double[] champion = predicted.championOutputs();
    out.writeBoolean(champion != null);
    if (champion != null) {
      writeOutputs(champion, out);
    }
    writeOutputs(predicted.challengerOutputs(), out);
    out.writeByte(predicted.servedBy().wire());
    out.writeLong(predicted.generation());
    Pending.Shadow shadow = predicted.shadow();
    out.writeBoolean(shadow != null);
    if (shadow != null) {
      out.writeInt(shadow.version());
      out.writeBoolean(shadow.probabilities());
      writeOutputs(shadow.outputs(), out);
    }
  }

  private void writeOutputs(double[] outputs, DataOutputView out) throws IOException {
    Wire.writeLength(out, "the outputs", outputs.length, MAX_OUTPUTS);
    arrays.write(out, outputs);
  }

  private Pending read(DataInputView in, boolean commanded) throws IOException {
    byte kind = in.readByte();
    return switch (kind) {
      case PREDICTED -> readPredicted(in, commanded);
      case EARLY_OUTCOME -> new Pending.EarlyOutcome(EventFormat1.readOutcome(in));
      default ->
          throw new IOException("corrupt bytes: nothing pending has the code (" + kind + ")");
    };
  }

  private Pending readPredicted(DataInputView in, boolean commanded) throws IOException {
    long arrivalMs = in.readLong();
    long timeMs = in.readLong();
    int size = Wire.readLength(in, "the features", MAX_COLUMNS);
    SparseFeatures features =
        new SparseFeatures(arrays.readInts(in, size), arrays.readDoubles(in, size));
    double[] champion = Wire.readFlag(in, "the champion's flag") ? readOutputs(in) : null;
    double[] challenger = readOutputs(in);
    ServedBy servedBy = ServedBy.ofWire(in.readByte());
    long generation = commanded ? in.readLong() : 0;
    Pending.Shadow shadow =
        commanded && Wire.readFlag(in, "the shadow's flag") ? readShadow(in) : null;
    return new Pending.Predicted(
        arrivalMs, timeMs, features, champion, challenger, servedBy, generation, shadow);
  }

  private Pending.Shadow readShadow(DataInputView in) throws IOException {
    return new Pending.Shadow(
        in.readInt(), Wire.readFlag(in, "the shadow's kind"), readOutputs(in));
  }

  private double[] readOutputs(DataInputView in) throws IOException {
    return arrays.readDoubles(in, Wire.readLength(in, "the outputs", MAX_OUTPUTS));
  }

  /** What a savepoint remembers of this serializer. */
  public static final class Snapshot extends VersionedSnapshot<Pending> {

    /** Made by Flink, by name. */
    public Snapshot() {
      super(new PendingSerializer());
    }
  }
}
