package dev.sluice.model;

import java.util.ArrayList;
import java.util.List;
import org.tribuo.math.LinearParameters;
import org.tribuo.math.la.Tensor;
import org.tribuo.math.protos.ParametersProto;

/**
 * Tribuo's linear parameters over arrays that belong to a {@link ModelState.Challenger}. What an
 * optimiser asks for as its memory ({@link #getEmptyCopy()}) is bound to the state's accumulators
 * too, in the order of asking.
 */
final class BoundParameters extends LinearParameters {

  private static final long serialVersionUID = 1L;

  private final BoundMatrix weights;
  private final List<BoundMatrix> accumulators = new ArrayList<>();

  BoundParameters(int outputs, int columns) {
    this(new BoundMatrix(outputs, columns));
  }

  private BoundParameters(BoundMatrix weights) {
    super(weights);
    this.weights = weights;
  }

  void bind(ModelState.Challenger challenger) {
    weights.bind(challenger.weights());
    for (int i = 0; i < accumulators.size(); i++) {
      accumulators.get(i).bind(challenger.accumulators()[i]);
    }
  }

  /** Lets go of what it was bound to, which would otherwise stay in memory. */
  void release() {
    weights.release();
    accumulators.forEach(BoundMatrix::release);
  }

  @Override
  public Tensor[] getEmptyCopy() {
    BoundMatrix view = new BoundMatrix(weights.getDimension1Size(), weights.getDimension2Size());
    accumulators.add(view);
    return new Tensor[] {view};
  }

  /** Writes ordinary linear parameters: Tribuo could not read this class back. */
  @Override
  public ParametersProto serialize() {
    return copy().serialize();
  }
}
