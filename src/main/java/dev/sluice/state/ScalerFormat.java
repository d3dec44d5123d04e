package dev.sluice.state;

import dev.sluice.features.ScalerState;
import java.io.IOException;
import java.io.Serializable;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * A scaler: index, count, mean and m2 of each column that has seen a number. Version 1, of dense
 * models, has the number of hashed columns in front, and counts its columns from the first of them.
 */
final class ScalerFormat implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final int MAX_WIDTH = 1 << 20;

  private final BulkArrays arrays;

  ScalerFormat(BulkArrays arrays) {
    this.arrays = arrays;
  }

  void write(ScalerState scaler, DataOutputView out) throws IOException {
    int[] columns = scaler.columns();
    Wire.writeLength(out, "the scaler's columns", columns.length, ModelFormat1.MAX_COLUMNS);
    arrays.write(out, columns);
    arrays.write(out, scaler.counts());
    arrays.write(out, scaler.means());
    arrays.write(out, scaler.squares());
  }

  ScalerState read(DataInputView in) throws IOException {
    int used = Wire.readLength(in, "the scaler's columns", ModelFormat1.MAX_COLUMNS);
    return read(in, used, ModelFormat1.MAX_COLUMNS, 0);
  }

  /** How many columns a version 1 has, used or not. */
  int readWidth1(DataInputView in) throws IOException {
    return Wire.readLength(in, "the scaler", MAX_WIDTH);
  }

  /**
   * Reads a version 1 behind its width.
   *
   * @param first the column of the model that is its first one
   */
  ScalerState read1(DataInputView in, int width, int first) throws IOException {
    return read(in, Wire.readLength(in, "the scaler's used columns", width), width, first);
  }

  private ScalerState read(DataInputView in, int used, int width, int first) throws IOException {
    int[] columns = arrays.readInts(in, used);
    long[] count = arrays.readLongs(in, used);
    double[] mean = arrays.readDoubles(in, used);
    double[] m2 = arrays.readDoubles(in, used);
    int above = -1;
    for (int i = 0; i < used; i++) {
      if (columns[i] <= above || columns[i] >= width || count[i] <= 0) {
        throw new IOException(
            "corrupt bytes: column (%s) of a scaler of width %s, with count (%s), follows (%s)"
                .formatted(columns[i], width, count[i], above));
      }
      above = columns[i];
      columns[i] += first;
    }
    return new ScalerState(columns, count, mean, m2);
  }
}
