package dev.sluice.state;

import dev.sluice.model.LearnedWeights;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

  /** Of more numbers, the part that must have come before there is room for all. */
  private static final int TRUSTED_PART = 8;

  /** Rows that are copied at once, at most: outputs are neighbours. */
  private static final int ROWS = 8;

  /** Numbers of such rows, at most. */
  private static final int ROWS_NUMBERS = 1 << 20;

  /** Rows of more columns are not kept for the next model. */
  private static final int KEPT_COLUMNS = 4096;

  private final BulkArrays arrays;
  private transient double @Nullable [] rates;
  private transient double @Nullable [][] rows;

  LearnedFormat(BulkArrays arrays) {
    this.arrays = arrays;
  }

  void write(LearnedWeights learned, DataOutputView out) throws IOException {
    int length = learned.columns() + 1;
    int outputs = learned.outputs();
    int atOnce = atOnce(outputs, length);
    double[][] few = rows(atOnce, length);
    for (int challenger = 0; challenger < learned.challengers(); challenger++) {
      out.writeDouble(learned.rate(challenger));
      for (int part = 0; part <= learned.slots(); part++) {
        for (int output = 0; output < outputs; output += atOnce) {
          int count = Math.min(atOnce, outputs - output);
          learned.rows(challenger, part, output, few, count);
          arrays.write(out, few[0], length);
          for (int i = 1; i < count; i++) {
            if (outputs == 2) {
              arrays.writeDifferences(out, few[0], few[1], length);
            } else {
              arrays.write(out, few[i], length);
            }
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
    Reading reading = new Reading(challengers, outputs, slots, columns);
    int atOnce = atOnce(outputs, columns + 1);
    double[][] kept = rows(atOnce, columns + 1);
    for (int challenger = 0; challenger < challengers; challenger++) {
      reading.rates[challenger] = in.readDouble();
      for (int part = 0; part <= slots; part++) {
        for (int output = 0; output < outputs; output += atOnce) {
          int count = Math.min(atOnce, outputs - output);
          double[][] few = reading.next(kept, count);
          arrays.readDoubles(in, few[0], columns + 1);
          for (int i = 1; i < count; i++) {
            if (outputs == 2) {
              arrays.readDifferences(in, few[0], few[1], columns + 1);
            } else {
              arrays.readDoubles(in, few[i], columns + 1);
            }
          }
          reading.take(challenger, part, output, few, count);
        }
      }
    }
    return reading.all().withRates(shared(reading.rates));
  }

  /** A model that is read; there is room for all of it once a part of it has come. */
  private static final class Reading {

    private final double[] rates;
    private final int outputs;
    private final int slots;
    private final int columns;
    private final long numbers;
    private final List<Part> waiting = new ArrayList<>();
    private long come;
    private @Nullable LearnedWeights all;

    private record Part(int challenger, int part, int output, double[][] rows, int count) {}

    Reading(int challengers, int outputs, int slots, int columns) throws IOException {
      this.rates = new double[challengers];
      this.outputs = outputs;
      this.slots = slots;
      this.columns = columns;
      this.numbers = (columns + 1L) * (1 + slots) * challengers * outputs;
      if (numbers > LearnedWeights.LONGEST) {
        throw new IOException("corrupt bytes: a model has (%s) numbers".formatted(numbers));
      }
      if (numbers <= TRUSTED) {
        all();
      }
    }

    LearnedWeights all() {
      if (all == null) {
        LearnedWeights room = LearnedWeights.zeros(rates, outputs, slots, columns);
        waiting.forEach(
            part -> room.setRows(part.challenger, part.part, part.output, part.rows, part.count));
        waiting.clear();
        all = room;
      }
      return all;
    }

    /** Where the next rows are to go: what waits keeps its own. */
    double[][] next(double[][] kept, int count) {
      return all == null ? new double[count][columns + 1] : kept;
    }

    void take(int challenger, int part, int output, double[][] few, int count) {
      come += count * (columns + 1L);
      if (all == null && come < numbers / TRUSTED_PART) {
        waiting.add(new Part(challenger, part, output, few, count));
      } else {
        all().setRows(challenger, part, output, few, count);
      }
    }
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

  /** Two outputs are read together in any case. */
  private static int atOnce(int outputs, int length) {
    return outputs <= 2 ? outputs : Math.min(Math.min(ROWS, outputs), 1 + ROWS_NUMBERS / length);
  }

  private double[][] rows(int count, int length) {
    double[][] before = rows;
    if (before != null && before.length >= count && before[0].length >= length) {
      return before;
    }
    double[][] more = new double[count][length];
    rows = length > KEPT_COLUMNS ? null : more;
    return more;
  }
}
