package dev.sluice.state;

import dev.sluice.event.ServedBy;
import dev.sluice.features.ScalerState;
import dev.sluice.model.Mixture;
import dev.sluice.model.ModelState;
import dev.sluice.model.ModelState.Challenger;
import dev.sluice.model.ModelState.Start;
import dev.sluice.model.TargetScaler;
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
 * <p>Versions 1 to 3 are those of one dense challenger: see {@link ModelFormat1}. Version 4: the
 * time of the key's last event; best; outputs, optimiser slots, challengers; the start; the columns
 * that have weights, and of each challenger its rate, weights and accumulators for these columns
 * and the bias; of the scaler only the columns that have seen a number; the target's scale, the
 * mixture, counters, losses and the drift detector.
 */
public final class ModelStateSerializer extends VersionedSerializer<ModelState> {

  private static final byte SPARSE = 4;
  private static final int MAX_CHALLENGERS = 64;
  private static final int MAX_SHARES = 64;

  private final BulkArrays arrays = new BulkArrays();
  private final ScalerFormat scaler = new ScalerFormat(arrays);
  private final ModelFormat1 dense = new ModelFormat1(arrays, scaler);

  /** Writes version 4. */
  public ModelStateSerializer() {
    super(ModelState.class, SPARSE);
  }

  /**
   * A stored model without the time of its key's last event: what to do with a model that is put
   * under another history, in which that time means nothing.
   *
   * @param stored as this serializer or an earlier one wrote it; never changed
   */
  public static byte[] withoutTime(byte[] stored) {
    if (stored.length < 1 + Long.BYTES) {
      return stored;
    }
    if (stored[0] != SPARSE) {
      return ModelFormat1.withoutTime(stored);
    }
    byte[] untimed = stored.clone();
    for (int i = 0; i < Long.BYTES; i++) {
      untimed[1 + i] = (byte) (ModelState.UNKNOWN >>> (Long.SIZE - Byte.SIZE * (1 + i)));
    }
    return untimed;
  }

  @Override
  void write(ModelState state, DataOutputView out) throws IOException {
    Challenger first = state.challengers[0];
    out.writeLong(state.lastEventMs);
    out.writeByte(state.best.wire());
    Wire.writeLength(out, "outputs", first.weights().length, ModelFormat1.MAX_OUTPUTS);
    Wire.writeLength(out, "optimiser slots", first.accumulators().length, ModelFormat1.MAX_SLOTS);
    Wire.writeLength(out, "challengers", state.challengers.length, MAX_CHALLENGERS);
    writeStart(state.start, out);
    Wire.writeLength(out, "columns", state.columns.length, ModelFormat1.MAX_COLUMNS);
    arrays.write(out, state.columns);
    for (Challenger challenger : state.challengers) {
      out.writeDouble(challenger.rate());
      writeUsed(challenger.weights(), state.columns.length, out);
      for (double[][] slot : challenger.accumulators()) {
        writeUsed(slot, state.columns.length, out);
      }
    }
    scaler.write(state.scaler, out);
    out.writeLong(state.target.count);
    out.writeDouble(state.target.mean);
    out.writeDouble(state.target.variance);
    Wire.writeLength(out, "first values", state.target.first.length, TargetScaler.FIRST);
    arrays.write(out, state.target.first);
    writeMixture(state.mixture, out);
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
    out.writeDouble(state.drift.variance);
    out.writeLong(state.begun);
  }

  @Override
  ModelState read(int version, DataInputView in) throws IOException {
    return version < SPARSE ? dense.read(version, in) : read4(in);
  }

  @Override
  public boolean isImmutableType() {
    return false;
  }

  @Override
  public ModelState copy(ModelState from) {
    Challenger[] challengers = from.challengers.clone();
    for (int i = 0; i < challengers.length; i++) {
      challengers[i] = challengers[i].copy(challengers[i].rate());
    }
    ModelState copy =
        new ModelState(
            from.start,
            from.columns,
            challengers,
            from.scaler.copy(),
            from.target.copy(),
            from.mixture.copy(),
            from.best);
    copy.predictions = from.predictions;
    copy.updates = from.updates;
    copy.refusedUpdates = from.refusedUpdates;
    copy.evaluations = from.evaluations;
    copy.championLossSum = from.championLossSum;
    copy.challengerLossSum = from.challengerLossSum;
    copy.lossWeight = from.lossWeight;
    copy.evaluationsBefore = from.evaluationsBefore;
    copy.generation = from.generation;
    copy.begun = from.begun;
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
        Start.NONE,
        new int[0],
        new Challenger[] {new Challenger(Double.NaN, new double[1][1], new double[0][][])},
        new ScalerState(),
        new TargetScaler(),
        new Mixture.State(new double[] {1}, new double[][] {{0, 1}}),
        ServedBy.CHALLENGER);
  }

  @Override
  public TypeSerializerSnapshot<ModelState> snapshotConfiguration() {
    return new Snapshot();
  }

  private ModelState read4(DataInputView in) throws IOException {
    long lastEventMs = in.readLong();
    ServedBy best = ServedBy.ofWire(in.readByte());
    int outputs = Wire.readLength(in, "outputs", ModelFormat1.MAX_OUTPUTS);
    int slots = Wire.readLength(in, "optimiser slots", ModelFormat1.MAX_SLOTS);
    Challenger[] challengers = new Challenger[Wire.readLength(in, "challengers", MAX_CHALLENGERS)];
    require(challengers.length > 0 && outputs > 0, "a model has a challenger and an output");
    Start start = readStart(in, outputs);
    int[] columns = readColumns(in, "columns");
    for (int i = 0; i < challengers.length; i++) {
      double rate = in.readDouble();
      double[][] weights = readUsed(in, outputs, columns.length);
      double[][][] accumulators = new double[slots][][];
      for (int slot = 0; slot < slots; slot++) {
        accumulators[slot] = readUsed(in, outputs, columns.length);
      }
      challengers[i] = new Challenger(rate, weights, accumulators);
    }
    ScalerState scaled = scaler.read(in);
    TargetScaler target = new TargetScaler();
    target.count = in.readLong();
    target.mean = in.readDouble();
    target.variance = in.readDouble();
    target.first = arrays.readDoubles(in, Wire.readLength(in, "first values", TargetScaler.FIRST));
    require(
        target.first.length == (target.count < TargetScaler.FIRST ? target.count : 0),
        "as many first values as were counted");
    Mixture.State mixture = readMixture(in, challengers.length);
    ModelState state = new ModelState(start, columns, challengers, scaled, target, mixture, best);
    state.lastEventMs = lastEventMs;
    ModelFormat1.readCounters1(in, state);
    ModelFormat1.readCounters2(in, state);
    state.drift.variance = in.readDouble();
    state.begun = in.readLong();
    return state;
  }

  private void writeStart(Start start, DataOutputView out) throws IOException {
    out.writeBoolean(!start.isNone());
    if (!start.isNone()) {
      Wire.writeLength(
          out, "the start's columns", start.columns().length, ModelFormat1.MAX_COLUMNS);
      arrays.write(out, start.columns());
      for (double[] row : start.weights()) {
        arrays.write(out, row);
      }
    }
  }

  private Start readStart(DataInputView in, int outputs) throws IOException {
    if (!Wire.readFlag(in, "the start's flag")) {
      return Start.NONE;
    }
    int[] columns = readColumns(in, "the start's columns");
    double[][] weights = new double[outputs][];
    for (int i = 0; i < outputs; i++) {
      weights[i] = arrays.readDoubles(in, columns.length + 1);
    }
    return new Start(columns, weights);
  }

  private int[] readColumns(DataInputView in, String what) throws IOException {
    int[] columns = arrays.readInts(in, Wire.readLength(in, what, ModelFormat1.MAX_COLUMNS));
    for (int i = 0; i < columns.length; i++) {
      require(columns[i] > (i == 0 ? -1 : columns[i - 1]), what + " ascend");
    }
    return columns;
  }

  /**
   * The columns that are used, and the bias, of rows that have room for more. Of two rows the
   * second hardly differs from the first but for the sign: what is learned of one label is
   * unlearned of the other.
   */
  private void writeUsed(double[][] rows, int used, DataOutputView out) throws IOException {
    double[] above = new double[0];
    for (double[] row : rows) {
      double[] values = Arrays.copyOf(row, used + 1);
      values[used] = row[row.length - 1];
      if (rows.length == 2 && above.length > 0) {
        for (int i = 0; i <= used; i++) {
          long bits = Double.doubleToRawLongBits(values[i]) ^ Double.doubleToRawLongBits(above[i]);
          Wire.writeVarLong(out, Long.rotateLeft(bits, 1));
        }
      } else {
        arrays.write(out, values);
      }
      above = values;
    }
  }

  private double[][] readUsed(DataInputView in, int outputs, int used) throws IOException {
    int capacity = ModelState.roomFor(used);
    double[][] rows = new double[outputs][];
    double[] above = new double[0];
    for (int i = 0; i < outputs; i++) {
      double[] values;
      if (outputs == 2 && i == 1) {
        values = new double[used + 1];
        for (int k = 0; k <= used; k++) {
          long bits = Long.rotateRight(Wire.readVarLong(in), 1);
          values[k] = Double.longBitsToDouble(bits ^ Double.doubleToRawLongBits(above[k]));
        }
      } else {
        values = arrays.readDoubles(in, used + 1);
      }
      above = values;
      rows[i] = Arrays.copyOf(values, capacity + 1);
      rows[i][used] = 0;
      rows[i][capacity] = values[used];
    }
    return rows;
  }

  private void writeMixture(Mixture.State mixture, DataOutputView out) throws IOException {
    Wire.writeLength(out, "shares", mixture.shares.length, MAX_SHARES);
    arrays.write(out, mixture.shares);
    for (double[] row : mixture.weights) {
      arrays.write(out, row);
    }
    out.writeDouble(mixture.scale);
    out.writeLong(mixture.outcomes);
  }

  private Mixture.State readMixture(DataInputView in, int challengers) throws IOException {
    int shares = Wire.readLength(in, "shares", MAX_SHARES);
    require(shares > 0, "a mixture has a share");
    double[] weights = arrays.readDoubles(in, shares);
    double[][] rows = new double[shares][];
    for (int i = 0; i < shares; i++) {
      rows[i] = arrays.readDoubles(in, 1 + challengers);
    }
    Mixture.State mixture = new Mixture.State(weights, rows);
    mixture.scale = in.readDouble();
    mixture.outcomes = in.readLong();
    require(mixture.outcomes >= 0, "a mixture counts its outcomes");
    return mixture;
  }

  private static void require(boolean holds, String what) throws IOException {
    if (!holds) {
      throw new IOException("corrupt bytes: " + what + ", but not here");
    }
  }

  /** What a savepoint remembers of this serializer. */
  public static final class Snapshot extends VersionedSnapshot<ModelState> {

    /** Made by Flink, by name. */
    public Snapshot() {
      super(new ModelStateSerializer());
    }
  }
}
