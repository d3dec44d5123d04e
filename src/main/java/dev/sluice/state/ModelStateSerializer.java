package dev.sluice.state;

import dev.sluice.event.ServedBy;
import dev.sluice.features.ScalerState;
import dev.sluice.model.LearnedWeights;
import dev.sluice.model.Mixture;
import dev.sluice.model.ModelState;
import dev.sluice.model.ModelState.Start;
import dev.sluice.model.TargetScaler;
import java.io.IOException;
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
  private final LearnedFormat rows = new LearnedFormat(arrays);
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
    LearnedWeights learned = state.learned;
    out.writeLong(state.lastEventMs);
    out.writeByte(state.best.wire());
    Wire.writeLength(out, "outputs", learned.outputs(), ModelFormat1.MAX_OUTPUTS);
    Wire.writeLength(out, "optimiser slots", learned.slots(), ModelFormat1.MAX_SLOTS);
    Wire.writeLength(out, "challengers", learned.challengers(), MAX_CHALLENGERS);
    writeStart(state.start, out);
    Wire.writeLength(out, "columns", state.columns.length, ModelFormat1.MAX_COLUMNS);
    arrays.write(out, state.columns);
    rows.write(learned, out);
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
    ModelState copy =
        new ModelState(
            from.start,
            from.columns,
            from.learned.copy(),
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
        LearnedWeights.zeros(new double[] {Double.NaN}, 1, 0, 0),
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
    int challengers = Wire.readLength(in, "challengers", MAX_CHALLENGERS);
    require(challengers > 0 && outputs > 0, "a model has a challenger and an output");
    Start start = readStart(in, outputs);
    int[] columns = readColumns(in, "columns");
    LearnedWeights learned = rows.read(in, challengers, outputs, slots, columns.length);
    ScalerState scaled = scaler.read(in);
    TargetScaler target = new TargetScaler();
    target.count = in.readLong();
    target.mean = in.readDouble();
    target.variance = in.readDouble();
    target.first = arrays.readDoubles(in, Wire.readLength(in, "first values", TargetScaler.FIRST));
    require(
        target.first.length == (target.count < TargetScaler.FIRST ? target.count : 0),
        "as many first values as were counted");
    Mixture.State mixture = readMixture(in, challengers);
    ModelState state = new ModelState(start, columns, learned, scaled, target, mixture, best);
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
