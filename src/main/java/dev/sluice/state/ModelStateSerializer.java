package dev.sluice.state;

import dev.sluice.event.ServedBy;
import dev.sluice.features.ScalerState;
import dev.sluice.model.ModelState;
import java.io.IOException;
import java.util.Arrays;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serialises a key's model. The state is mutable, so copies are deep. Shapes are stored with the
 * values: a state of another width or number of labels still reads back as it was written.
 *
 * <p>Version 1: best, outputs, columns, slots; weights and accumulators row by row; of the scaler
 * only the columns that have seen a number; the counters and losses. Version 2: behind that the
 * evaluations before the losses began, the generation, and the drift detector. Version 3: behind
 * that the time of the key's last event. A model that does not know it is written in version 2, so
 * that a job whose models do not expire stores nothing for it.
 */
public final class ModelStateSerializer extends VersionedSerializer<ModelState> {

  private static final byte UNTIMED = 2;
  private static final byte TIMED = 3;
  private static final int MAX_OUTPUTS = 1 << 16;
  private static final int MAX_COLUMNS = 1 << 22;
  private static final int MAX_SLOTS = 16;

  private final BulkArrays arrays = new BulkArrays();
  private final ScalerFormat1 scaler = new ScalerFormat1(arrays);

  /** Writes versions 2 and 3. */
  public ModelStateSerializer() {
    super(ModelState.class, TIMED);
  }

  /**
   * A stored model without the time of its key's last event: what to do with a model that is put
   * under another history, in which that time means nothing.
   *
   * @param stored as this serializer wrote it; never changed
   */
  public static byte[] withoutTime(byte[] stored) {
    if (stored.length < 1 + Long.BYTES || stored[0] != TIMED) {
      return stored;
    }
    byte[] untimed = Arrays.copyOf(stored, stored.length - Long.BYTES);
    untimed[0] = UNTIMED;
    return untimed;
  }

  @Override
  int versionOf(ModelState state) {
    return state.lastEventMs == ModelState.UNKNOWN ? UNTIMED : TIMED;
  }

  @Override
  void write(ModelState state, DataOutputView out) throws IOException {
    int columns = state.weights.length == 0 ? 0 : state.weights[0].length;
    out.writeByte(state.best.wire());
    Wire.writeLength(out, "outputs", state.weights.length, MAX_OUTPUTS);
    Wire.writeLength(out, "columns", columns, MAX_COLUMNS);
    Wire.writeLength(out, "optimiser slots", state.accumulators.length, MAX_SLOTS);
    writeMatrix(out, state.weights, state.weights.length, columns);
    for (double[][] slot : state.accumulators) {
      writeMatrix(out, slot, state.weights.length, columns);
    }
    scaler.write(state.scaler, out);
    out.writeLong(state.predictions);
    out.writeLong(state.updates);
    out.writeLong(state.refusedUpdates);
    out.writeLong(state.evaluations);
    out.writeDouble(state.championLossSum);
    out.writeDouble(state.challengerLossSum);
    out.writeDouble(state.lossWeight);
    out.writeLong(state.evaluationsBefore);
    out.writeLong(state.generation);
    out.writeLong(state.drift.count);
    out.writeDouble(state.drift.mean);
    out.writeDouble(state.drift.sum);
    out.writeDouble(state.drift.minimum);
    out.writeLong(state.drift.alarms);
    if (versionOf(state) == TIMED) {
      out.writeLong(state.lastEventMs);
    }
  }

  @Override
  ModelState read(int version, DataInputView in) throws IOException {
    return switch (version) {
      case 1 -> read1(in);
      case UNTIMED -> read2(in);
      case TIMED -> read3(in);
      default -> throw new IllegalArgumentException("no format version (" + version + ")");
    };
  }

  @Override
  public boolean isImmutableType() {
    return false;
  }

  @Override
  public ModelState copy(ModelState from) {
    double[][][] accumulators = new double[from.accumulators.length][][];
    for (int i = 0; i < accumulators.length; i++) {
      accumulators[i] = copy(from.accumulators[i]);
    }
    ScalerState scalerCopy =
        new ScalerState(
            from.scaler.count.clone(), from.scaler.mean.clone(), from.scaler.m2.clone());
    ModelState copy = new ModelState(copy(from.weights), accumulators, scalerCopy, from.best);
    copy.predictions = from.predictions;
    copy.updates = from.updates;
    copy.refusedUpdates = from.refusedUpdates;
    copy.evaluations = from.evaluations;
    copy.championLossSum = from.championLossSum;
    copy.challengerLossSum = from.challengerLossSum;
    copy.lossWeight = from.lossWeight;
    copy.evaluationsBefore = from.evaluationsBefore;
    copy.generation = from.generation;
    copy.lastEventMs = from.lastEventMs;
    copy.drift = from.drift.copy();
    return copy;
  }

  @Override
  public TypeSerializer<ModelState> duplicate() {
    return new ModelStateSerializer();
  }

  @Override
  public ModelState createInstance() {
    return new ModelState(
        new double[0][], new double[0][][], new ScalerState(0), ServedBy.CHALLENGER);
  }

  @Override
  public TypeSerializerSnapshot<ModelState> snapshotConfiguration() {
    return new Snapshot();
  }

  private ModelState read1(DataInputView in) throws IOException {
    ServedBy best = ServedBy.ofWire(in.readByte());
    int outputs = Wire.readLength(in, "outputs", MAX_OUTPUTS);
    int columns = Wire.readLength(in, "columns", MAX_COLUMNS);
    double[][][] accumulators = new double[Wire.readLength(in, "optimiser slots", MAX_SLOTS)][][];
    double[][] weights = readMatrix(in, outputs, columns);
    for (int i = 0; i < accumulators.length; i++) {
      accumulators[i] = readMatrix(in, outputs, columns);
    }
    ModelState state = new ModelState(weights, accumulators, scaler.read(in), best);
    state.predictions = in.readLong();
    state.updates = in.readLong();
    state.refusedUpdates = in.readLong();
    state.evaluations = in.readLong();
    state.championLossSum = in.readDouble();
    state.challengerLossSum = in.readDouble();
    state.lossWeight = in.readDouble();
    return state;
  }

  private ModelState read2(DataInputView in) throws IOException {
    ModelState state = read1(in);
    state.evaluationsBefore = in.readLong();
    state.generation = in.readLong();
    state.drift.count = in.readLong();
    state.drift.mean = in.readDouble();
    state.drift.sum = in.readDouble();
    state.drift.minimum = in.readDouble();
    state.drift.alarms = in.readLong();
    return state;
  }

  private ModelState read3(DataInputView in) throws IOException {
    ModelState state = read2(in);
    state.lastEventMs = in.readLong();
    return state;
  }

  private void writeMatrix(DataOutputView out, double[][] rows, int outputs, int columns)
      throws IOException {
    requireShape("rows", rows.length, outputs);
    for (double[] row : rows) {
      requireShape("columns", row.length, columns);
      arrays.write(out, row);
    }
  }

  private static void requireShape(String what, int found, int expected) throws IOException {
    if (found != expected) {
      throw new IOException(
          "a model's matrices have one shape, but (%s) %s follow (%s)"
              .formatted(found, what, expected));
    }
  }

  private double[][] readMatrix(DataInputView in, int outputs, int columns) throws IOException {
    double[][] rows = new double[outputs][];
    for (int i = 0; i < outputs; i++) {
      rows[i] = arrays.readDoubles(in, columns);
    }
    return rows;
  }

  private static double[][] copy(double[][] rows) {
    double[][] copy = new double[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      copy[i] = rows[i].clone();
    }
    return copy;
  }

  /** What a savepoint remembers of this serializer. */
  public static final class Snapshot extends VersionedSnapshot<ModelState> {

    /** Made by Flink, by name. */
    public Snapshot() {
      super(new ModelStateSerializer());
    }
  }
}
