package dev.sluice.state;

import dev.sluice.features.ScalerState;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Version 1 of a scaler: its width, then index, count, mean and m2 of each column that has seen a
 * number. Most hashed columns never do.
 */
final class ScalerFormat1 implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final int MAX_WIDTH = 1 << 20;

  private final BulkArrays arrays;

  ScalerFormat1(BulkArrays arrays) {
    this.arrays = arrays;
  }

  void write(ScalerState scaler, DataOutputView out) throws IOException {
    int[] columns = usedColumns(scaler.count);
    long[] count = new long[columns.length];
    double[] mean = new double[columns.length];
    double[] m2 = new double[columns.length];
    for (int i = 0; i < columns.length; i++) {
      count[i] = scaler.count[columns[i]];
      mean[i] = scaler.mean[columns[i]];
      m2[i] = scaler.m2[columns[i]];
    }
    Wire.writeLength(out, "the scaler", scaler.count.length, MAX_WIDTH);
    Wire.writeLength(out, "the scaler's used columns", columns.length, scaler.count.length);
    arrays.write(out, columns);
    arrays.write(out, count);
    arrays.write(out, mean);
    arrays.write(out, m2);
  }

  ScalerState read(DataInputView in) throws IOException {
    int width = Wire.readLength(in, "the scaler", MAX_WIDTH);
    int used = Wire.readLength(in, "the scaler's used columns", width);
    int[] columns = arrays.readInts(in, used);
    long[] count = arrays.readLongs(in, used);
    double[] mean = arrays.readDoubles(in, used);
    double[] m2 = arrays.readDoubles(in, used);
    ScalerState scaler = new ScalerState(width);
    for (int i = 0; i < used; i++) {
      int column = columns[i];
      int above = i == 0 ? -1 : columns[i - 1];
      if (column <= above || column >= width || count[i] <= 0) {
        throw new IOException(
            "corrupt bytes: column (%s) of a scaler of width %s, with count (%s), follows (%s)"
                .formatted(column, width, count[i], above));
      }
      scaler.count[column] = count[i];
      scaler.mean[column] = mean[i];
      scaler.m2[column] = m2[i];
    }
    return scaler;
  }

  private static int[] usedColumns(long[] count) {
    int[] columns = new int[count.length];
    int used = 0;
    for (int i = 0; i < count.length; i++) {
      if (count[i] > 0) {
        columns[used++] = i;
      }
    }
    return Arrays.copyOf(columns, used);
  }
}
