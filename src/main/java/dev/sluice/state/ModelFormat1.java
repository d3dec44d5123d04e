package dev.sluice.state;

import dev.sluice.event.ServedBy;
import dev.sluice.features.ScalerState;
import dev.sluice.model.LearnedWeights;
import dev.sluice.model.Mixture;
import dev.sluice.model.ModelState;
import dev.sluice.model.ModelState.Challenger;
import dev.sluice.model.ModelState.Start;
import dev.sluice.model.TargetScaler;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.flink.core.memory.DataInputView;

/**
 * Reads versions 1 to 3 of a key's model, which had one challenger with weights for all columns.
 *
 * <p>Version 1: best, outputs, columns, slots; weights and accumulators row by row; of the scaler,
 * which had the hashed columns only, those that have seen a number; the counters and losses.
 * Version 2: behind that the evaluations before the losses began, the generation, and the drift
 * detector. Version 3: behind that the time of the key's last event.
 *
 * <p>What was learned becomes the start of the challengers, so that they predict what it predicted;
 * what they learn is added to it. Classes keep the optimiser's memory of hashed texts and the bias,
 * whose gradients have kept their scale; for numbers, which have other columns or another scale
 * now, and for the values of a regression it begins again. So does the drift detector, whose losses
 * are standardised now.
 */
final class ModelFormat1 implements Serializable {

  static final int MAX_OUTPUTS = 1 << 16;
  static final int MAX_COLUMNS = 1 << 22;
  static final int MAX_SLOTS = 16;

  private static final long serialVersionUID = 1L;
  private static final byte UNTIMED = 2;
  private static final byte TIMED = 3;

  private final BulkArrays arrays;
  private final ScalerFormat scaler;

  ModelFormat1(BulkArrays arrays, ScalerFormat scaler) {
    this.arrays = arrays;
    this.scaler = scaler;
  }

  /** The same without the time of the key's last event. */
  static byte[] withoutTime(byte[] stored) {
    if (stored[0] != TIMED) {
      return stored;
    }
    byte[] untimed = Arrays.copyOf(stored, stored.length - Long.BYTES);
    untimed[0] = UNTIMED;
    return untimed;
  }

  ModelState read(int version, DataInputView in) throws IOException {
    ServedBy best = ServedBy.ofWire(in.readByte());
    int outputs = Wire.readLength(in, "outputs", MAX_OUTPUTS);
    int columns = Wire.readLength(in, "columns", MAX_COLUMNS);
    double[][][] accumulators = new double[Wire.readLength(in, "optimiser slots", MAX_SLOTS)][][];
    double[][] weights = readMatrix(in, outputs, columns);
    for (int i = 0; i < accumulators.length; i++) {
      accumulators[i] = readMatrix(in, outputs, columns);
    }
    int width = scaler.readWidth1(in);
    int domain = columns - 1 - width;
    if (outputs == 0 || domain < 0) {
      throw new IOException(
          "corrupt bytes: a model has (%s) outputs and (%s) columns, of which the scaler has (%s)"
              .formatted(outputs, columns, width));
    }
    ScalerState scaled = scaler.read1(in, width, domain);
    int[] used = outputs == 1 ? new int[0] : used(weights, domain, scaled);
    Challenger challenger =
        new Challenger(
            Double.NaN, new double[outputs][used.length + 1], remembered(accumulators, used));
    ModelState state =
        new ModelState(
            start(weights),
            used,
            LearnedWeights.of(challenger),
            scaled,
            new TargetScaler(),
            new Mixture.State(new double[] {1}, new double[][] {{0, 1}}),
            best);
    readCounters1(in, state);
    if (version >= UNTIMED) {
      readCounters2(in, state);
      state.drift.restart();
    }
    if (version == TIMED) {
      state.lastEventMs = in.readLong();
    }
    return state;
  }

  static void readCounters1(DataInputView in, ModelState state) throws IOException {
    state.predictions = in.readLong();
    state.updates = in.readLong();
    state.refusedUpdates = in.readLong();
    state.evaluations = in.readLong();
    state.championLossSum = in.readDouble();
    state.challengerLossSum = in.readDouble();
    state.lossWeight = in.readDouble();
  }

  static void readCounters2(DataInputView in, ModelState state) throws IOException {
    state.evaluationsBefore = in.readLong();
    state.generation = in.readLong();
    state.drift.count = in.readLong();
    state.drift.mean = in.readDouble();
    state.drift.sum = in.readDouble();
    state.drift.minimum = in.readDouble();
    state.drift.alarms = in.readLong();
  }

  private double[][] readMatrix(DataInputView in, int outputs, int columns) throws IOException {
    double[][] rows = new double[outputs][];
    for (int i = 0; i < outputs; i++) {
      rows[i] = arrays.readDoubles(in, columns);
    }
    return rows;
  }

  /** Without the columns in which every row is 0. */
  private static Start start(double[][] weights) {
    int bias = weights[0].length - 1;
    int[] columns =
        IntStream.range(0, bias)
            .filter(column -> Arrays.stream(weights).anyMatch(row -> row[column] != 0))
            .toArray();
    if (columns.length == 0 && Arrays.stream(weights).allMatch(row -> row[bias] == 0)) {
      return Start.NONE;
    }
    double[][] rows = new double[weights.length][columns.length + 1];
    for (int row = 0; row < rows.length; row++) {
      for (int i = 0; i < columns.length; i++) {
        rows[row][i] = weights[row][columns[i]];
      }
      rows[row][columns.length] = weights[row][bias];
    }
    return new Start(columns, rows);
  }

  /** The hashed columns that have learned something of texts; numbers have other columns now. */
  private static int[] used(double[][] weights, int domain, ScalerState scaled) {
    return IntStream.range(domain, weights[0].length - 1)
        .filter(column -> scaled.count(column) == 0)
        .filter(column -> Arrays.stream(weights).anyMatch(row -> row[column] != 0))
        .toArray();
  }

  private static double[][][] remembered(double[][][] accumulators, int[] used) {
    double[][][] remembered = new double[accumulators.length][][];
    for (int slot = 0; slot < remembered.length; slot++) {
      double[][] rows = accumulators[slot];
      remembered[slot] = new double[rows.length][used.length + 1];
      for (int row = 0; row < rows.length; row++) {
        for (int i = 0; i < used.length; i++) {
          remembered[slot][row][i] = rows[row][used[i]];
        }
        remembered[slot][row][used.length] =
            rows.length == 1 ? untouched(rows[row]) : rows[row][rows[row].length - 1];
      }
    }
    return remembered;
  }

  /** What a column remembers that nothing was learned of: columns with less there are none. */
  private static double untouched(double[] row) {
    return Arrays.stream(row).map(Math::abs).min().orElse(0);
  }
}
