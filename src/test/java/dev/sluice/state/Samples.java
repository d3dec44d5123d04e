package dev.sluice.state;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.event.Event;
import dev.sluice.event.Event.DeferRequested;
import dev.sluice.event.Event.Malformed;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Features;
import dev.sluice.event.Origin;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.OutputTopic;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Reason;
import dev.sluice.event.ServedBy;
import dev.sluice.event.Target;
import dev.sluice.features.ScalerState;
import dev.sluice.features.SparseFeatures;
import dev.sluice.model.LearnedWeights;
import dev.sluice.model.Mixture;
import dev.sluice.model.ModelState;
import dev.sluice.model.ModelState.Start;
import dev.sluice.model.Pending;
import dev.sluice.model.TargetScaler;
import dev.sluice.support.ModelStates;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One value of every shape; golden bytes hold them, so a changed sample is a changed format. */
final class Samples {

  private static final Origin ORIGIN = new Origin("sluice.events", 3, 1L << 40);
  private static final RawRecord RAW = raw("LAS".getBytes(UTF_8), "{}".getBytes(UTF_8));
  private static final Outcome LATE =
      new Outcome(RAW, "f-17", "LAS", 978_326_520_000L, new Target.Label("late"));
  private static final Outcome DELAY =
      new Outcome(RAW, "f-18", "Zürich😀", -1, new Target.Value(33.5));

  private Samples() {}

  static Event[] events() {
    Features features =
        new Features(
            new String[] {"destination", "distance", "ärger"},
            new String[] {"PHL", null, ""},
            new double[] {0, 2176.25, 0});
    Features none = new Features(new String[0], new String[0], new double[0]);
    return new Event[] {
      new Observation(RAW, "f-17", "LAS", 978_307_260_000L, features),
      new Observation(raw(new byte[0], new byte[0]), "f-18", "LAS", 0, none),
      LATE,
      DELAY,
      new Malformed(raw(null, null), Reason.MISSING_FIELD, "the record has no value"),
      new Malformed(raw(new byte[] {1}, new byte[] {-1, 0}), Reason.MALFORMED_JSON, "±"),
      new DeferRequested(RAW),
    };
  }

  static OutputRecord[] outputRecords() {
    byte[] key = "LAS".getBytes(UTF_8);
    byte[] value = "{\"id\":\"f-17\"}".getBytes(UTF_8);
    return new OutputRecord[] {
      new OutputRecord(OutputTopic.PREDICTIONS, ORIGIN, key, value, null, null),
      new OutputRecord(OutputTopic.EVALUATIONS, ORIGIN, key, value, null, null),
      new OutputRecord(OutputTopic.DEFERRED, ORIGIN, key, value, null, null),
      new OutputRecord(
          OutputTopic.DEAD_LETTERS, ORIGIN, null, null, Reason.MISSING_FIELD, "no value"),
      new OutputRecord(
          OutputTopic.DEAD_LETTERS, ORIGIN, key, value, Reason.UNKNOWN_LABEL, "\"Late\" ±"),
      new OutputRecord(OutputTopic.CONTROL_LOG, ORIGIN, null, value, null, null),
      new OutputRecord(OutputTopic.PREDICTIONS, ORIGIN, key, value, null, null, 1L << 40),
    };
  }

  static ModelState[] modelStates() {
    return new ModelState[] {trained(), untrained(), regression(), commanded(), timed(), ladder()};
  }

  static Pending[] pendings() {
    SparseFeatures features = new SparseFeatures(new int[] {0, 7, 391}, new double[] {1, -0.5, 3});
    SparseFeatures none = new SparseFeatures(new int[0], new double[0]);
    return new Pending[] {
      ModelStates.earlier(
          1,
          2,
          features,
          new double[] {0.25, 0.75},
          new double[] {0.5, 0.5},
          ServedBy.CHAMPION,
          0,
          null),
      ModelStates.earlier(-1, -2, none, null, new double[] {33.5}, ServedBy.CHALLENGER, 0, null),
      new Pending.EarlyOutcome(LATE),
      new Pending.EarlyOutcome(DELAY),
      ModelStates.earlier(
          1,
          2,
          features,
          new double[] {0.25, 0.75},
          new double[] {0.5, 0.5},
          ServedBy.CHAMPION,
          7,
          new Pending.Shadow(3, true, new double[] {0.125, 0.875})),
      new Pending.Predicted(
          1,
          2,
          features,
          new SparseFeatures(new int[] {1}, new double[] {-0.5}),
          new double[] {0.25, 0.75},
          new double[][] {{0.5, 0.5}, {0.125, 0.875}},
          new double[] {0.375, 0.625},
          new double[] {0.3125, 0.6875},
          ServedBy.BLEND,
          7,
          3,
          null),
      new Pending.Predicted(
          1,
          2,
          none,
          none,
          null,
          new double[][] {{33.5}},
          new double[] {33.5},
          new double[] {33.5},
          ServedBy.CHALLENGER,
          0,
          0,
          null),
    };
  }

  /** Two labels, AdaDelta's two slots, a scaler that has seen two of its eight columns. */
  private static ModelState trained() {
    ScalerState scaler =
        new ScalerState(
            new int[] {1, 7},
            new long[] {5, Long.MAX_VALUE},
            new double[] {0.1, -2},
            new double[] {1e-300, 0});
    ModelState state =
        ModelStates.dense(
            matrix(2, 9, 0.1),
            new double[][][] {matrix(2, 9, 1), matrix(2, 9, -3)},
            scaler,
            ServedBy.CHAMPION);
    state.predictions = 11;
    state.updates = 12;
    state.refusedUpdates = 13;
    state.evaluations = 14;
    state.championLossSum = 0.25;
    state.challengerLossSum = Double.MIN_VALUE;
    state.lossWeight = 1.0 / 3;
    return state;
  }

  /** What only version 2 can say. */
  private static ModelState commanded() {
    ModelState state = untrained();
    state.evaluations = 40;
    state.evaluationsBefore = 30;
    state.generation = 7;
    state.drift.count = 10;
    state.drift.mean = 0.5;
    state.drift.variance = 0.0625;
    state.drift.sum = -0.25;
    state.drift.minimum = -0.75;
    state.drift.alarms = 2;
    return state;
  }

  /** What only version 3 can say. */
  private static ModelState timed() {
    ModelState state = commanded();
    state.lastEventMs = 978_307_261_000L;
    return state;
  }

  /** A start, two rates, three labels, two shares and a target's scale. */
  private static ModelState ladder() {
    double[][] weights = matrix(3, 9, 0.25);
    ModelState state =
        new ModelState(
            new ModelState.Start(new int[] {0, 3}, matrix(3, 3, -0.5)),
            new int[] {2, 5, 40_000},
            LearnedWeights.of(
                new ModelState.Challenger(0.02, used(weights), new double[][][] {used(weights)}),
                new ModelState.Challenger(
                    Double.NaN, used(weights), new double[][][] {used(weights)})),
            new ScalerState(new int[] {5}, new long[] {1}, new double[] {7}, new double[] {0}),
            new TargetScaler(),
            new Mixture.State(
                new double[] {0.25, 0.75}, new double[][] {{0.5, 0.25, 0.25}, {0, 0.125, 0.875}}),
            ServedBy.CHAMPION);
    state.begun = 2;
    state.target.first = new double[] {-1e9, 5};
    state.target.count = 2;
    state.target.mean = -1e9;
    state.target.variance = 4;
    state.mixture.scale = 0.125;
    state.mixture.outcomes = 17;
    return state;
  }

  /** Three columns and the bias. */
  private static double[][] used(double[][] rows) {
    double[][] used = new double[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      used[i] = Arrays.copyOf(rows[i], 4);
      used[i][3] = rows[i][rows[i].length - 1];
    }
    return used;
  }

  /** What the golden bytes of versions 1 to 3 read back as: the learned model as the start. */
  static ModelState[] convertedModelStates() {
    return new ModelState[] {
      convertedTrained(),
      converted(untrained(), Start.NONE, new int[0], 2, 0),
      converted(
          regression(),
          new Start(
              IntStream.range(0, 1099).filter(i -> i != 3).toArray(),
              new double[][] {
                IntStream.range(0, 1100)
                    .filter(i -> i != 3)
                    .mapToDouble(i -> (i - 3) * 1e-3)
                    .toArray()
              }),
          new int[0],
          1,
          1),
      converted(commanded(), Start.NONE, new int[0], 2, 0),
      converted(timed(), Start.NONE, new int[0], 2, 0),
    };
  }

  private static ModelState convertedTrained() {
    int[] texts = {0, 2, 3, 4, 5, 6};
    ModelState state =
        converted(
            trained(), new Start(IntStream.range(0, 8).toArray(), matrix(2, 9, 0.1)), texts, 2, 2);
    double[][][] all = {matrix(2, 9, 1), matrix(2, 9, -3)};
    for (int slot = 0; slot < 2; slot++) {
      for (int row = 0; row < 2; row++) {
        double[] memory = all[slot][row];
        double[] used = new double[texts.length + 1];
        Arrays.setAll(used, i -> memory[i < texts.length ? texts[i] : 8]);
        state.learned.setRows(0, 1 + slot, row, new double[][] {used}, 1);
      }
    }
    return state;
  }

  private static ModelState converted(
      ModelState like, Start start, int[] columns, int outputs, int slots) {
    ModelState state =
        new ModelState(
            start,
            columns,
            LearnedWeights.zeros(new double[] {Double.NaN}, outputs, slots, columns.length),
            like.scaler,
            new TargetScaler(),
            new Mixture.State(new double[] {1}, new double[][] {{0, 1}}),
            like.best);
    state.predictions = like.predictions;
    state.updates = like.updates;
    state.refusedUpdates = like.refusedUpdates;
    state.evaluations = like.evaluations;
    state.championLossSum = like.championLossSum;
    state.challengerLossSum = like.challengerLossSum;
    state.lossWeight = like.lossWeight;
    state.evaluationsBefore = like.evaluationsBefore;
    state.generation = like.generation;
    state.lastEventMs = like.lastEventMs;
    state.drift.alarms = like.drift.alarms;
    return state;
  }

  private static ModelState untrained() {
    return ModelStates.dense(
        matrix(2, 3, 0), new double[0][][], new ScalerState(), ServedBy.CHALLENGER);
  }

  /** One output, wider than the serializer's buffer. */
  private static ModelState regression() {
    return ModelStates.dense(
        matrix(1, 1100, 1e-3),
        new double[][][] {matrix(1, 1100, 7)},
        new ScalerState(),
        ServedBy.CHALLENGER);
  }

  private static double[][] matrix(int outputs, int columns, double step) {
    double[][] matrix = new double[outputs][columns];
    for (int i = 0; i < outputs * columns; i++) {
      matrix[i / columns][i % columns] = (i - 3) * step;
    }
    return matrix;
  }

  private static RawRecord raw(byte @Nullable [] key, byte @Nullable [] value) {
    return new RawRecord(ORIGIN, 978_307_261_000L, key, value);
  }
}
