package dev.sluice.state;

import dev.sluice.model.LearnedWeights;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/**
 * What a key's challengers have learned: of each its rate, its weights and what its optimiser
 * remembers, output by output: the columns, then the bias. Of two outputs the second hardly differs
 * from the first but for the sign: what is learned of one label is unlearned of the other. So its
 * differences are written.
 */
final class LearnedFormat implements Serializable {

  private static final long serialVersionUID = 1L;

  /** Numbers for which there is room before they have come. */
  private static final long TRUSTED = 1 << 17;

  private static final long MOST = Integer.MAX_VALUE - 8;

  private final BulkArrays arrays;
  private transient double @Nullable [] rates;
  private transient double @Nullable [] row;
  private transient double @Nullable [] above;

  LearnedFormat(BulkArrays arrays) {
    this.arrays = arrays;
  }

  void write(LearnedWeights learned, DataOutputView out) throws IOException {
    int length = learned.columns() + 1;
    for (int challenger = 0; challenger < learned.challengers(); challenger++) {
      out.writeDouble(learned.rate(challenger));
      for (int part = 0; part <= learned.slots(); part++) {
        for (int output = 0; output < learned.outputs(); output++) {
          double[] values = nextRow(length);
          learned.row(challenger, part, output, values);
          if (output == 1 && learned.outputs() == 2) {
            arrays.writeDifferences(out, above(), values, length);
          } else {
            arrays.write(out, values, length);
          }
        }
      }
    }
  }

  /**
   * Reads as many numbers as these shapes have.
   *
   * @param challengers more than 0
   * @param outputs more than 0
   */
  LearnedWeights read(DataInputView in, int challengers, int outputs, int slots, int columns)
      throws IOException {
    long numbers = (columns + 1L) * (1 + slots) * challengers * outputs;
    if (numbers > MOST) {
      throw new IOException("corrupt bytes: a model has (%s) numbers".formatted(numbers));
    }
    double[] read = new double[challengers];
    LearnedWeights trusted =
        numbers <= TRUSTED ? LearnedWeights.zeros(read, outputs, slots, columns) : null;
    List<double[]> rows = new ArrayList<>();
    for (int challenger = 0; challenger < challengers; challenger++) {
      read[challenger] = in.readDouble();
      for (int part = 0; part <= slots; part++) {
        for (int output = 0; output < outputs; output++) {
          double[] values = nextRow(columns + 1);
          if (output == 1 && outputs == 2) {
            arrays.readDifferences(in, above(), values, columns + 1);
          } else {
            arrays.readDoubles(in, values, columns + 1);
          }
          if (trusted != null) {
            trusted.setRow(challenger, part, output, values, values[columns]);
          } else {
            rows.add(Arrays.copyOf(values, columns + 1));
          }
        }
      }
    }
    LearnedWeights learned = trusted == null ? ofRows(rows, read, outputs, slots) : trusted;
    return learned.withRates(shared(read));
  }

  private static LearnedWeights ofRows(
      List<double[]> rows, double[] rates, int outputs, int slots) {
    int columns = rows.get(0).length - 1;
    LearnedWeights learned = LearnedWeights.zeros(rates, outputs, slots, columns);
    for (int i = 0; i < rows.size(); i++) {
      double[] values = rows.get(i);
      int part = i / outputs;
      learned.setRow(part / (1 + slots), part % (1 + slots), i % outputs, values, values[columns]);
    }
    return learned;
  }

  /** The same array for all models of a task, as a rule. */
  private double[] shared(double[] read) {
    double[] before = rates;
    if (before != null && Arrays.equals(before, read)) {
      return before;
    }
    rates = read;
    return read;
  }

  /** A row to be filled; the one before is {@link #above()}. */
  private double[] nextRow(int length) {
    double[] next = above;
    above = row;
    if (next == null || next.length < length) {
      next = new double[length];
    }
    row = next;
    return next;
  }

  private double[] above() {
    return Objects.requireNonNull(above);
  }
}
