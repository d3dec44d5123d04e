package dev.sluice.model;

import java.util.Arrays;
import org.tribuo.math.la.DenseMatrix;

/** A Tribuo matrix that lends its methods to whatever rows it is pointed at; nothing is copied. */
final class BoundMatrix extends DenseMatrix {

  private static final long serialVersionUID = 1L;
  private static final double[] NOTHING = new double[0];

  BoundMatrix(int rows, int columns) {
    super(rows, columns);
  }

  /** From now on this matrix is {@code rows}: reads and writes go there. */
  void bind(double[][] rows) {
    System.arraycopy(rows, 0, values, 0, values.length);
  }

  /** This matrix is nothing until it is bound again. */
  void release() {
    Arrays.fill(values, NOTHING);
  }
}
