package dev.sluice.model;

import com.oracle.labs.mlrg.olcut.util.Pair;
import dev.sluice.event.Target;
import dev.sluice.features.SparseFeatures;
import dev.sluice.model.ModelSettings.Objective;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.tribuo.classification.sgd.LabelObjective;
import org.tribuo.math.StochasticGradientOptimiser;
import org.tribuo.math.la.DenseVector;
import org.tribuo.math.la.SGDVector;
import org.tribuo.math.la.SparseVector;

/**
 * One step of Tribuo's stochastic gradient descent on the arrays of each of a key's challengers.
 * Sparse gradients are treated as Tribuo does: momentum and AdaDelta decay their whole memory at
 * each step but move only the weights of active columns, AdaGrad touches active columns alone. The
 * columns that a key has no weights for are zero, and would stay so.
 *
 * <p><b>No state becomes NaN or infinite.</b> A challenger takes a step only if every gradient
 * component is at most 1e60 and every active weight and accumulator at most 1e150 in magnitude, and
 * what is a sum of squares not negative; otherwise nothing of it is changed. Within these bounds
 * and those of {@link ModelSettings.Rates},
 *
 * <ul>
 *   <li>SGD moves a weight by at most 1e63 (the rate is at most 1000);
 *   <li>momentum remembers at most 1e150 + 1e60 and moves a weight by 1000 times that;
 *   <li>AdaGrad remembers at most 1e150 + 1e120; as the sum holds the gradient's own square (or, if
 *       that underflows, epsilon is far above the gradient) it moves by at most the rate;
 *   <li>AdaDelta remembers at most 1e150 + 1e120 of gradients; they hold (1 - rho) times the
 *       gradient's own square, so a step is at most the root of (velocity + epsilon) / (1 - rho),
 *       1e79, and adds at most velocity + epsilon to the velocity.
 * </ul>
 *
 * <p>So no number exceeds 1e154 after a step, and what is inactive is only ever multiplied by a
 * number below 1.
 */
final class Learner {

  static final double LARGEST_GRADIENT = 1e60;
  static final double LARGEST_PARAMETER = 1e150;

  /** Times the rate, at least 1: how much more than the setting AdaGrad's sums start with. */
  private static final double TAMED = 10;

  /** Sizes of matrices kept, times the rates: few are in use, see {@link #roomFor}. */
  private static final int SIZES_KEPT = 64;

  private final ModelSettings settings;
  private final List<Double> rates;
  private final List<String> labels;
  private final @Nullable LabelObjective labelObjective;
  private final AdaGradStep adaGrad;

  /** A challenger's numbers as Tribuo has them; unused with AdaGrad. */
  private ModelState.@Nullable Challenger matrices;

  /** What was scored last, by lane. */
  private double[] lanes = new double[0];

  private final Map<Integer, List<Step>> stepsBySize =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, List<Step>> eldest) {
          return size() > SIZES_KEPT;
        }
      };

  /**
   * @param rates of the challengers
   */
  Learner(ModelSettings settings, List<Double> rates, List<String> labels) {
    this.settings = settings;
    this.rates = List.copyOf(rates);
    this.labels = labels;
    this.adaGrad = new AdaGradStep(settings.rates().epsilon());
    this.labelObjective =
        settings.objective().isClassification() ? TribuoMaths.labelObjective(settings) : null;
  }

  /**
   * Learns one example with every challenger; how many took the step. What the others remember is
   * as before.
   *
   * @param start what the challengers' start scores, empty for 0
   * @throws IllegalArgumentException if the target is of the other kind; nothing has changed
   */
  int learn(ModelState state, SparseFeatures features, double[] start, Target target) {
    Aim aim = aim(state, start, target);
    if (aim == null) {
      return state.learned.challengers();
    }
    int[] columns = features.indices();
    double[] values = features.values();
    int[] before = places(state.columns, columns);
    double[][] scores = scores(state.learned, before, values, aim.start);
    double[] @Nullable [] gradients = new double[scores.length][];
    double largest = largest(values);
    boolean bounded = isBounded(state);
    int steps = 0;
    for (int i = 0; i < gradients.length; i++) {
      double[] gradient = gradient(aim, scores[i]);
      if (gradient != null
          && isBounded(gradient, largest)
          && (bounded || isBounded(state.learned, i, before))) {
        gradients[i] = gradient;
        steps++;
      }
    }
    if (steps > 0) {
      int[] places = before;
      if (hasNew(before)) {
        state.grow(columns, this::initialAccumulator);
        places = places(state.columns, columns);
      }
      step(state, places, values, gradients);
    }
    return steps;
  }

  /**
   * What each challenger's weights score; always finite.
   *
   * @param places where each value's weight is; -1 for a weight of 0
   * @param start the scores to add to, one an output; none for 0
   */
  double[][] scores(LearnedWeights learned, int[] places, double[] values, double[] start) {
    if (lanes.length != learned.lanes()) {
      lanes = new double[learned.lanes()];
    }
    learned.score(places, values, lanes);
    double[][] scores = new double[learned.challengers()][];
    int lane = 0;
    for (int challenger = 0; challenger < scores.length; challenger++) {
      double[] of = new double[learned.outputs()];
      for (int i = 0; i < of.length; i++) {
        double score = lanes[lane++];
        of[i] = start.length == 0 ? score : start[i] + score;
      }
      scores[challenger] = LinearScores.bounded(of);
    }
    return scores;
  }

  private void step(
      ModelState state, int[] places, double[] values, double[] @Nullable [] gradients) {
    if (settings.optimiser() == ModelSettings.Optimiser.ADAGRAD) {
      adaGrad.take(state.learned, gradients, places, values);
      return;
    }
    // What decays a memory needs all of it, the others what is active.
    boolean whole = settings.optimiser().slots() > 0;
    int[] touched = whole ? IntStream.range(0, state.columns.length).toArray() : places;
    int[] active = whole ? places : IntStream.range(0, places.length).toArray();
    int size = roomFor(touched.length);
    List<Step> steps = stepsBySize.computeIfAbsent(size, this::steps);
    ModelState.Challenger matrices = matrices(state.learned.outputs(), size);
    EventVector x = new EventVector(new SparseFeatures(active, values), size);
    for (int i = 0; i < gradients.length; i++) {
      double[] gradient = gradients[i];
      if (gradient != null) {
        state.learned.gather(i, touched, matrices);
        steps.get(i).take(matrices, vector(gradient), x);
        state.learned.scatter(i, touched, matrices);
      }
    }
  }

  /** Those of the step before, if they have this size. */
  private ModelState.Challenger matrices(int outputs, int size) {
    ModelState.Challenger before = matrices;
    if (before == null || before.weights()[0].length != size + 1) {
      double[][][] slots = new double[settings.optimiser().slots()][outputs][size + 1];
      before = new ModelState.Challenger(Double.NaN, new double[outputs][size + 1], slots);
      matrices = before;
    }
    return before;
  }

  /** Few distinct sizes, because each takes matrices of its own: eights, then an eighth more. */
  static int roomFor(int columns) {
    int step = 8;
    while (step * 8 < columns) {
      step *= 2;
    }
    return (columns + step - 1) / step * step;
  }

  /** As Tribuo's objectives give it: outputs that a hinge is silent about do not move. */
  private SGDVector vector(double[] gradient) {
    if (settings.objective() != Objective.HINGE) {
      return DenseVector.createDenseVector(gradient);
    }
    int[] outputs = IntStream.range(0, gradient.length).filter(i -> gradient[i] != 0).toArray();
    double[] values = Arrays.stream(outputs).mapToDouble(i -> gradient[i]).toArray();
    return SparseVector.createSparseVector(gradient.length, outputs, values);
  }

  private List<Step> steps(int size) {
    List<Step> steps = new ArrayList<>();
    for (double rate : rates) {
      int outputs = Math.max(1, labels.size());
      BoundParameters parameters = new BoundParameters(outputs, size + 1);
      StochasticGradientOptimiser optimiser =
          TribuoMaths.optimiser(settings.optimiser(), settings.rates(), rate);
      optimiser.initialise(parameters);
      steps.add(new Step(parameters, optimiser));
    }
    return steps;
  }

  /**
   * What the optimiser remembers of a column before its first step: more for a high rate, whose
   * first steps would otherwise be wild. After some dozens of steps it makes no difference.
   */
  double initialAccumulator(double rate) {
    return settings.optimiser() == ModelSettings.Optimiser.ADAGRAD
        ? settings.rates().initialAccumulator() * Math.max(1, rate * TAMED)
        : 0;
  }

  /**
   * Where each column's weight is; -1 where there is none.
   *
   * @param known the columns with weights, ascending
   * @param columns ascending
   */
  static int[] places(int[] known, int[] columns) {
    int[] places = new int[columns.length];
    for (int i = 0; i < columns.length; i++) {
      int at = 0;
      // Halves without branches: the searches do not wait for each other.
      for (int length = known.length; length > 1; length -= length >>> 1) {
        int half = length >>> 1;
        at += known[at + half - 1] < columns[i] ? half : 0;
      }
      places[i] = at < known.length && known[at] == columns[i] ? at : -1;
    }
    return places;
  }

  private static boolean hasNew(int[] places) {
    for (int place : places) {
      if (place < 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * What the weights are to score. Null if nothing can be learned: all values so far were equal.
   *
   * @param label the label's id, or -1
   * @param value the standardised value that is to be added to the start
   * @param start the scores to which the weights' are added
   * @param deltas how many Huber deltas are one unit of {@code value}; many give small gradients,
   *     which are scaled so that they are those of the absolute loss
   */
  private record Aim(int label, double value, double[] start, double deltas) {}

  private @Nullable Aim aim(ModelState state, double[] start, Target target) {
    if (labelObjective != null) {
      return new Aim(Losses.labelId(labels, target), 0, start, 0);
    }
    double rest = Losses.value(target) - (start.length == 0 ? 0 : start[0]);
    state.target.learn(rest);
    double deviation = state.target.deviation();
    return deviation == 0
        ? null
        : new Aim(
            -1,
            state.target.standardised(rest),
            new double[0],
            Math.min(1e9, Math.max(1e-9, deviation / settings.huberDelta())));
  }

  /** By output; null if the loss is not finite. Takes ownership of the scores. */
  private double @Nullable [] gradient(Aim aim, double[] scores) {
    if (settings.objective() == Objective.LOG) {
      Softmax.inPlace(scores);
      for (int i = 0; i < scores.length; i++) {
        scores[i] = i == aim.label ? 1 - scores[i] : -scores[i];
      }
      return scores;
    }
    DenseVector prediction = DenseVector.createDenseVector(scores);
    Pair<Double, SGDVector> gradient =
        labelObjective != null
            ? labelObjective.lossAndGradient(aim.label, prediction)
            : TribuoMaths.valueObjective(settings, aim.deltas * settings.huberDelta())
                .lossAndGradient(
                    DenseVector.createDenseVector(new double[] {aim.value}), prediction);
    if (settings.objective() == Objective.HUBER && aim.deltas > 1) {
      gradient.getB().scaleInPlace(aim.deltas);
    }
    return Double.isFinite(gradient.getA()) ? gradient.getB().toArray() : null;
  }

  private static double largest(double[] values) {
    double largest = 1;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static boolean isBounded(double[] gradient, double largestFeature) {
    for (double component : gradient) {
      if (!(Math.abs(component * largestFeature) <= LARGEST_GRADIENT)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether all numbers of a state are known to be in their bounds. With AdaGrad, which does not
   * leave them within 1e30 steps, all are looked at once, when the same object learns again.
   */
  private boolean isBounded(ModelState state) {
    if (settings.optimiser() != ModelSettings.Optimiser.ADAGRAD) {
      return false;
    }
    Boolean bounded = state.bounded;
    if (bounded == null && state.kept) {
      int[] all = IntStream.range(0, state.columns.length).toArray();
      bounded =
          IntStream.range(0, state.learned.challengers())
              .allMatch(i -> isBounded(state.learned, i, all));
      state.bounded = bounded;
    }
    state.kept = true;
    return bounded != null && bounded;
  }

  private boolean isBounded(LearnedWeights learned, int challenger, int[] places) {
    double[] numbers = learned.numbers();
    int outputs = learned.outputs();
    for (int part = 0; part <= learned.slots(); part++) {
      boolean square = part > 0 && settings.optimiser().remembersSquares();
      double least = square ? 0 : -LARGEST_PARAMETER;
      int lane = part * learned.lanes() + challenger * outputs;
      for (int i = -1; i < places.length; i++) { // the bias first
        int at = lane + (i < 0 ? 0 : (places[i] + 1) * learned.block());
        boolean known = i < 0 || places[i] >= 0;
        for (int output = 0; known && output < outputs; output++) {
          double number = numbers[at + output];
          if (!(number >= least && number <= LARGEST_PARAMETER)) {
            return false;
          }
        }
      }
    }
    return true;
  }

  /** Tribuo's objects for one rate and one size of matrix. */
  private record Step(BoundParameters parameters, StochasticGradientOptimiser optimiser) {

    void take(ModelState.Challenger matrices, SGDVector gradient, EventVector x) {
      parameters.bind(matrices);
      parameters.update(optimiser.step(parameters.gradients(new Pair<>(0.0, gradient), x), 1.0));
      parameters.release();
    }
  }
}
