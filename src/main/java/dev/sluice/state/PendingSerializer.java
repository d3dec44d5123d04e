package dev.sluice.state;

import dev.sluice.event.ServedBy;
import dev.sluice.features.SparseFeatures;
import dev.sluice.model.Pending;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/**
 * Serialises what waits for its other half: a predicted observation, or an outcome with its bytes.
 *
 * <p>Version 1: the kind, then its fields in the order of the record; outcomes as {@link
 * EventFormat1}. Version 2: behind a predicted observation its generation and what a shadow
 * predicted. Version 3: behind its features those that the champion and the start saw; before the
 * mixture of the challengers each of them; behind what was served its outputs if it was the blend;
 * behind the generation how often the challengers had begun again.
 */
final class PendingSerializer extends VersionedSerializer<Pending> {

  private static final int MAX_OUTPUTS = 1 << 16;
  private static final int MAX_COLUMNS = 1 << 22;
  private static final int MAX_CHALLENGERS = 64;
  private static final byte PREDICTED = 1;
  private static final byte EARLY_OUTCOME = 2;

  private final BulkArrays arrays = new BulkArrays();

  /** Writes version 3. */
  public PendingSerializer() {
    super(Pending.class, 3);
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
      case 1, 2, 3 -> readHalf(version, in);
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
    return predicted1(0, 0, none, null, new double[0], ServedBy.CHALLENGER, 0, null);
  }

  @Override
  public TypeSerializerSnapshot<Pending> snapshotConfiguration() {
    return new Snapshot();
  }

  private void writePredicted(Pending.Predicted predicted, DataOutputView out) throws IOException {
    out.writeLong(predicted.arrivalMs());
    out.writeLong(predicted.timeMs());
    writeFeatures(predicted.features(), out);
    SparseFeatures raw = predicted.raw();
    out.writeBoolean(raw != null);
    if (raw != null) {
      writeFeatures(raw, out);
    }
    double[] champion = predicted.championOutputs();
    out.writeBoolean(champion != null);
    if (champion != null) {
      writeOutputs(champion, out);
    }
    Wire.writeLength(out, "the challengers", predicted.challengers().length, MAX_CHALLENGERS);
    for (double[] outputs : predicted.challengers()) {
      writeOutputs(outputs, out);
    }
    writeOutputs(predicted.challengerOutputs(), out);
    out.writeByte(predicted.servedBy().wire());
    if (predicted.servedBy() == ServedBy.BLEND) {
      writeOutputs(predicted.servedOutputs(), out);
    }
    out.writeLong(predicted.generation());
    out.writeLong(predicted.begun());
    Pending.Shadow shadow = predicted.shadow();
    out.writeBoolean(shadow != null);
    if (shadow != null) {
      out.writeInt(shadow.version());
      out.writeBoolean(shadow.probabilities());
      writeOutputs(shadow.outputs(), out);
    }
  }

  private void writeFeatures(SparseFeatures features, DataOutputView out) throws IOException {
    Wire.writeLength(out, "the features", features.indices().length, MAX_COLUMNS);
    arrays.write(out, features.indices());
    arrays.write(out, features.values());
  }

  private void writeOutputs(double[] outputs, DataOutputView out) throws IOException {
    Wire.writeLength(out, "the outputs", outputs.length, MAX_OUTPUTS);
    arrays.write(out, outputs);
  }

  private Pending readHalf(int version, DataInputView in) throws IOException {
    byte kind = in.readByte();
    return switch (kind) {
      case PREDICTED -> version < 3 ? readPredicted1(in, version == 2) : readPredicted3(in);
      case EARLY_OUTCOME -> new Pending.EarlyOutcome(EventFormat1.readOutcome(in));
      default ->
          throw new IOException("corrupt bytes: nothing pending has the code (" + kind + ")");
    };
  }

  private Pending readPredicted1(DataInputView in, boolean commanded) throws IOException {
    long arrivalMs = in.readLong();
    long timeMs = in.readLong();
    SparseFeatures features = readFeatures(in);
    double[] champion = Wire.readFlag(in, "the champion's flag") ? readOutputs(in) : null;
    double[] challenger = readOutputs(in);
    ServedBy servedBy = ServedBy.ofWire(in.readByte());
    long generation = commanded ? in.readLong() : 0;
    Pending.Shadow shadow =
        commanded && Wire.readFlag(in, "the shadow's flag") ? readShadow(in) : null;
    return predicted1(
        arrivalMs, timeMs, features, champion, challenger, servedBy, generation, shadow);
  }

  private static Pending predicted1(
      long arrivalMs,
      long timeMs,
      SparseFeatures features,
      double @Nullable [] champion,
      double[] challenger,
      ServedBy servedBy,
      long generation,
      Pending.@Nullable Shadow shadow) {
    return new Pending.Predicted(
        arrivalMs,
        timeMs,
        features,
        null,
        champion,
        new double[0][],
        challenger,
        served(servedBy, champion, challenger),
        servedBy,
        generation,
        0,
        shadow);
  }

  private Pending readPredicted3(DataInputView in) throws IOException {
    long arrivalMs = in.readLong();
    long timeMs = in.readLong();
    SparseFeatures features = readFeatures(in);
    SparseFeatures raw = Wire.readFlag(in, "the raw features' flag") ? readFeatures(in) : null;
    double[] champion = Wire.readFlag(in, "the champion's flag") ? readOutputs(in) : null;
    double[][] challengers = new double[Wire.readLength(in, "the challengers", MAX_CHALLENGERS)][];
    for (int i = 0; i < challengers.length; i++) {
      challengers[i] = readOutputs(in);
    }
    double[] challenger = readOutputs(in);
    for (double[] outputs : challengers) {
      requireLength(outputs, challenger.length);
    }
    if (champion != null) {
      requireLength(champion, challenger.length);
    }
    ServedBy servedBy = ServedBy.ofWire(in.readByte());
    double[] served =
        servedBy == ServedBy.BLEND ? readOutputs(in) : served(servedBy, champion, challenger);
    requireLength(served, challenger.length);
    return new Pending.Predicted(
        arrivalMs,
        timeMs,
        features,
        raw,
        champion,
        challengers,
        challenger,
        served,
        servedBy,
        in.readLong(),
        in.readLong(),
        Wire.readFlag(in, "the shadow's flag") ? readShadow(in) : null);
  }

  private static void requireLength(double[] outputs, int length) throws IOException {
    if (outputs.length != length) {
      throw new IOException(
          "corrupt bytes: a model has (%s) outputs, another (%s)"
              .formatted(outputs.length, length));
    }
  }

  private static double[] served(
      ServedBy servedBy, double @Nullable [] champion, double[] challenger) {
    return servedBy == ServedBy.CHAMPION && champion != null ? champion : challenger;
  }

  private SparseFeatures readFeatures(DataInputView in) throws IOException {
    int size = Wire.readLength(in, "the features", MAX_COLUMNS);
    int[] columns = arrays.readInts(in, size);
    int above = -1;
    for (int column : columns) {
      if (column <= above || column >= MAX_COLUMNS) {
        throw new IOException(
            "corrupt bytes: column (%s) of the features follows (%s)".formatted(column, above));
      }
      above = column;
    }
    return new SparseFeatures(columns, arrays.readDoubles(in, size));
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
