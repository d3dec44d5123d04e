package dev.sluice.model;

import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Features;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Target;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Synthetic streams with fixed seeds, and what models lose on them with outcomes that come late.
 */
final class Streams {

  static final List<String> LABELS = List.of("no", "yes");

  private static final int NUMBERS = 6;
  private static final double[] SCALES = {1e-3, 1e-1, 1, 100, 1e4, 1e6};

  private Streams() {}

  /** One observation and what it turns out to be; the target is 0 or 1 for a label. */
  record Row(int key, double[] numbers, double target) {}

  /** What a stream is like. */
  enum Kind {
    STATIONARY,
    ABRUPT,
    RECURRING,
    GRADUAL,
    NOISE,
    RARE,
    SCALES,
    TAILS,
    SHARED,
    STRONG,
    SCALE_CHANGES,
    /** What was will be for some time, whatever the features say. */
    STICKY
  }

  /**
   * What was lost in the mean.
   *
   * @param challengers by rate
   * @param champion 0 without one
   * @param served by the blend
   */
  record Losses(double[] challengers, double champion, double served) {

    double best() {
      double best = Arrays.stream(challengers).min().orElseThrow();
      return champion > 0 ? Math.min(best, champion) : best;
    }
  }

  /**
   * Makes a stream in which all keys take turns.
   *
   * @param unit of a regression's targets; 0 for labels
   */
  static List<Row> of(Kind kind, int keys, int rowsPerKey, double unit) {
    Random random = new Random(7);
    double[][] weights = weights(keys, 8);
    double[][] later = weights(keys, 9);
    double[] shared = weights(1, 10)[0];
    List<Row> rows = new ArrayList<>();
    for (int t = 0; t < rowsPerKey; t++) {
      double part = t / (double) rowsPerKey;
      for (int key = 0; key < keys; key++) {
        double[] z = random.doubles(NUMBERS).map(u -> random.nextGaussian()).toArray();
        double score = score(kind, part, weights[key], later[key], shared, z);
        double target =
            unit > 0
                ? unit * (3 + score + 0.5 * random.nextGaussian())
                : random.nextDouble() < 1 / (1 + Math.exp(-score)) ? 1 : 0;
        rows.add(new Row(key, numbers(kind, part, z, random), target));
      }
    }
    return rows;
  }

  private static double score(
      Kind kind, double part, double[] weights, double[] later, double[] shared, double[] z) {
    return switch (kind) {
      case STATIONARY, SCALES, TAILS, SCALE_CHANGES -> dot(weights, z);
      case ABRUPT -> dot(part < 0.5 ? weights : later, z);
      case RECURRING -> dot((int) (part * 6) % 2 == 0 ? weights : later, z);
      case GRADUAL -> {
        double share = Math.min(1, Math.max(0, 2 * part - 0.5));
        yield (1 - share) * dot(weights, z) + share * dot(later, z);
      }
      case NOISE -> 0;
      case RARE -> 0.7 * dot(weights, z) - 4.5;
      case SHARED -> dot(shared, z);
      case STRONG -> 5 * dot(weights, z);
      case STICKY -> 0.3 * dot(weights, z) + (Math.sin(part * 60 + weights[0]) > 0 ? 3 : -3);
    };
  }

  private static double[] numbers(Kind kind, double part, double[] z, Random random) {
    double[] numbers = z.clone();
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] =
          switch (kind) {
            case SCALES -> (z[i] + 5) * SCALES[i];
            case TAILS -> random.nextInt(500) == 0 ? Math.copySign(1e6, z[i]) : z[i];
            case SCALE_CHANGES -> part < 0.5 ? z[i] : z[i] * (i % 2 == 0 ? 1_000 : 1e-3);
            default -> z[i];
          };
    }
    return numbers;
  }

  private static double[][] weights(int keys, long seed) {
    Random random = new Random(seed);
    double[][] weights = new double[keys][NUMBERS + 1];
    for (double[] row : weights) {
      Arrays.setAll(row, i -> random.nextGaussian() * (i == NUMBERS ? 0.5 : 1));
    }
    return weights;
  }

  private static double dot(double[] weights, double[] z) {
    double sum = weights[NUMBERS];
    for (int i = 0; i < NUMBERS; i++) {
      sum += weights[i] * z[i];
    }
    return sum;
  }

  /** A champion trained by Tribuo on the numbers as they are, of all keys' first rows. */
  static Champion champion(ModelSettings settings, List<Row> rows) {
    List<ChampionTrainer.Example> examples =
        rows.stream()
            .map(row -> new ChampionTrainer.Example(features(row), target(settings, row)))
            .toList();
    return Champion.read(
        ChampionTrainer.toBytes(
            ChampionTrainer.train(
                examples, settings, new ChampionTrainer.Parameters(0.1, 3, 1, 1.0))),
        1,
        settings);
  }

  /** Predicts each row, and learns it when {@code delay} more rows have come. */
  static Losses run(
      ModelSettings settings, @Nullable Champion champion, List<Row> rows, int delay) {
    OnlineModel model = new OnlineModel(settings, champion);
    Map<Integer, ModelState> states = new HashMap<>();
    Sums sums = new Sums(settings);
    ArrayDeque<Map.Entry<Row, Pending.Predicted>> waiting = new ArrayDeque<>();
    for (Row row : rows) {
      ModelState state = states.computeIfAbsent(row.key, key -> model.newState());
      Observation observation = new Observation(raw(), "i", "k" + row.key, 0, features(row));
      waiting.add(Map.entry(row, model.predict(state, observation).pending()));
      if (waiting.size() > delay) {
        learn(model, states, waiting.remove(), sums);
      }
    }
    while (!waiting.isEmpty()) {
      learn(model, states, waiting.remove(), sums);
    }
    return sums.means();
  }

  /**
   * What a drift detector says of a stream's keys.
   *
   * @param before keys with an alarm before the drift
   * @param found keys with an alarm after it
   * @param medianDelay outcomes from the drift to these alarms
   */
  record Alarms(int before, int found, int medianDelay) {}

  /** Runs a detector over the challengers' losses on a stream that drifts at half. */
  static Alarms alarms(PageHinkley detector, Kind kind, int keys, int before, int after) {
    List<Row> rows = of(kind, keys, 2 * before, 0);
    ModelSettings settings =
        new ModelSettings(
            ModelSettings.Objective.LOG,
            1,
            ModelSettings.Optimiser.ADAGRAD,
            ModelSettings.Rates.defaults(),
            LABELS,
            128,
            ModelSettings.Serving.defaults());
    OnlineModel model = new OnlineModel(settings, null);
    int early = 0;
    List<Integer> delays = new ArrayList<>();
    for (int key = 0; key < keys; key++) {
      ModelState state = model.newState();
      long alarms = 0;
      for (int t = 0; t < before + after; t++) {
        Row row = rows.get(t * keys + key);
        Observation observation = new Observation(raw(), "i", "k", 0, features(row));
        Pending.Predicted predicted = model.predict(state, observation).pending();
        Outcome outcome = new Outcome(raw(), "i", "k", 0, target(settings, row));
        double loss = model.evaluate(state, predicted, outcome, true).challenger().loss();
        if (detector.observe(state.drift, loss) && t >= before && alarms == 0) {
          alarms = 1;
          delays.add(t - before);
        }
        early += t == before - 1 && state.drift.alarms > 0 ? 1 : 0;
      }
    }
    delays.sort(null);
    return new Alarms(early, delays.size(), delays.isEmpty() ? 0 : delays.get(delays.size() / 2));
  }

  private static void learn(
      OnlineModel model,
      Map<Integer, ModelState> states,
      Map.Entry<Row, Pending.Predicted> predicted,
      Sums sums) {
    Row row = predicted.getKey();
    sums.add(predicted.getValue(), row);
    Outcome outcome = new Outcome(raw(), "i", "k" + row.key, 0, target(sums.settings, row));
    ModelState state = states.get(row.key);
    if (state != null) {
      model.evaluate(state, predicted.getValue(), outcome, true);
    }
  }

  private static RawRecord raw() {
    return new RawRecord(new Origin("events", 0, 0), 0, null, null);
  }

  private static Features features(Row row) {
    String[] names = new String[row.numbers.length];
    Arrays.setAll(names, i -> "f" + i);
    return new Features(names, new @Nullable String[names.length], row.numbers);
  }

  private static Target target(ModelSettings settings, Row row) {
    return settings.objective().isClassification()
        ? new Target.Label(LABELS.get((int) row.target))
        : new Target.Value(row.target);
  }

  /** Log losses of labels, absolute errors of values. */
  private static final class Sums {

    private final ModelSettings settings;
    private final double[] challengers;
    private double champion;
    private double served;
    private long outcomes;

    Sums(ModelSettings settings) {
      this.settings = settings;
      this.challengers = new double[settings.rates().learningRates().size()];
    }

    void add(Pending.Predicted predicted, Row row) {
      for (int i = 0; i < challengers.length; i++) {
        challengers[i] += loss(predicted.challengers()[i], row);
      }
      double[] outputs = predicted.championOutputs();
      champion += outputs == null ? 0 : loss(outputs, row);
      served += loss(predicted.servedOutputs(), row);
      outcomes++;
    }

    private double loss(double[] outputs, Row row) {
      return settings.objective().isClassification()
          ? -Math.log(Math.max(1e-15, outputs[(int) row.target]))
          : Math.abs(outputs[0] - row.target);
    }

    Losses means() {
      return new Losses(
          Arrays.stream(challengers).map(sum -> sum / outcomes).toArray(),
          champion / outcomes,
          served / outcomes);
    }
  }
}
