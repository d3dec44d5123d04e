package dev.sluice.bench;

import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Features;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Target;
import dev.sluice.model.ModelSettings;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import dev.sluice.model.ModelState;
import dev.sluice.model.OnlineModel;
import dev.sluice.model.Pending;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Keys that take turns, each with a concept of its own over six numbers, which learn two labels
 * with the job's defaults. At one moment every concept turns by the same angle, each towards a
 * direction of its own. The same seed gives the same stream up to that moment, whatever the angle.
 */
final class DriftStream {

  private static final List<String> LABELS = List.of("no", "yes");
  private static final RawRecord RAW = new RawRecord(new Origin("events", 0, 0), 0, null, null);
  private static final int NUMBERS = 6;
  private static final String[] NAMES = {"f0", "f1", "f2", "f3", "f4", "f5"};

  private final Shape shape;
  private final Random random;
  private final double[][] weights;
  private final double[][] later;
  private final OnlineModel model;
  private final ModelState[] states;
  private int outcomes;

  /**
   * What it is like.
   *
   * @param keys that take turns
   * @param before outcomes of each key before the change
   * @param degrees by which each concept turns; 180 is its opposite
   */
  record Shape(int keys, int before, double degrees) {}

  /**
   * A loss of the challengers' mixture.
   *
   * @param state the key's, whose drift detector has not seen the loss yet
   * @param key its number
   * @param round outcomes of this key before it
   */
  record Loss(ModelState state, int key, int round, double loss) {}

  DriftStream(Shape shape, long seed) {
    this.shape = shape;
    this.random = new Random(seed);
    this.weights = directions(shape.keys());
    this.later = directions(shape.keys());
    this.model =
        new OnlineModel(
            new ModelSettings(
                Objective.LOG,
                1,
                Optimiser.ADAGRAD,
                ModelSettings.Rates.defaults(),
                LABELS,
                128,
                ModelSettings.Serving.defaults()),
            null);
    this.states = new ModelState[shape.keys()];
    Arrays.setAll(states, key -> model.newState());
  }

  private double[][] directions(int keys) {
    double[][] rows = new double[keys][NUMBERS];
    for (double[] row : rows) {
      Arrays.setAll(row, i -> random.nextGaussian());
    }
    return rows;
  }

  /** Predicts the next observation, and learns its outcome. */
  Loss next() {
    int key = outcomes % shape.keys();
    int round = outcomes++ / shape.keys();
    double[] numbers = new double[NUMBERS];
    Arrays.setAll(numbers, i -> random.nextGaussian());
    double angle = round < shape.before() ? 0 : Math.toRadians(shape.degrees());
    double score = 0;
    for (int i = 0; i < NUMBERS; i++) {
      score += numbers[i] * (Math.cos(angle) * weights[key][i] + Math.sin(angle) * later[key][i]);
    }
    boolean yes = random.nextDouble() < 1 / (1 + Math.exp(-score));
    Features features = new Features(NAMES, new @Nullable String[NUMBERS], numbers);
    Pending.Predicted predicted =
        model.predict(states[key], new Observation(RAW, "i", "k", 0, features)).pending();
    Outcome outcome = new Outcome(RAW, "i", "k", 0, new Target.Label(LABELS.get(yes ? 1 : 0)));
    double loss = model.evaluate(states[key], predicted, outcome, true).challenger().loss();
    return new Loss(states[key], key, round, loss);
  }
}
