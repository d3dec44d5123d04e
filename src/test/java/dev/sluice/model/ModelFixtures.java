package dev.sluice.model;

import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Features;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Target;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import dev.sluice.model.ModelSettings.Rates;
import dev.sluice.model.ModelSettings.Serving;
import dev.sluice.state.ModelStateSerializer;
import dev.sluice.support.ModelStates;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Events, settings and champions for the tests of this package. */
final class ModelFixtures {

  static final List<String> LABELS = List.of("ontime", "late", "cancelled");
  static final int WIDTH = 16;

  private static final RawRecord RAW =
      new RawRecord(new Origin("sluice.events", 0, 7), 1_000L, null, null);

  private static final Map<Objective, byte[]> CHAMPIONS = new ConcurrentHashMap<>();

  private ModelFixtures() {}

  /** An observation's features and what it turned out to be. */
  record Event(Features features, Target target) {}

  /** Defaults; without adaptive steps none so large that plain descent leaves all bounds. */
  static ModelSettings settings(Objective objective, Optimiser optimiser) {
    ModelSettings settings =
        new ModelSettings(
            objective,
            1.5,
            optimiser,
            Rates.defaults(),
            objective.isClassification() ? LABELS : List.of(),
            WIDTH,
            Serving.defaults());
    return optimiser == Optimiser.ADAGRAD
        ? settings
        : settings.withRates(settings.rates().learningRates().subList(0, 3));
  }

  static ModelSettings settings(Objective objective) {
    return settings(objective, Optimiser.ADAGRAD);
  }

  /** Features that come and go: each event has some of them only, and some have none. */
  static List<Event> events(Objective objective, int size, long seed) {
    Random random = new Random(seed);
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      Map<String, Object> features = new TreeMap<>();
      int hour = random.nextInt(4);
      double distance = random.nextGaussian() * 2;
      if (random.nextInt(5) > 0) {
        features.put("hour", "h" + hour);
      }
      if (random.nextInt(4) > 0) {
        features.put("distance", distance);
      }
      if (i > size / 2 || random.nextInt(3) == 0) {
        features.put("wind", random.nextGaussian() * 10 + 5);
        features.put("snow", random.nextBoolean());
      }
      double score = hour - 1.5 + distance + random.nextGaussian() * 0.3;
      events.add(new Event(features(features), target(objective, score)));
    }
    return events;
  }

  static Target target(Objective objective, double score) {
    return objective.isClassification()
        ? new Target.Label(LABELS.get(score < -1 ? 0 : score < 1 ? 1 : 2))
        : new Target.Value(score);
  }

  static Features features(Map<String, ?> values) {
    TreeMap<String, Object> sorted = new TreeMap<>(values);
    String[] names = sorted.keySet().toArray(String[]::new);
    @Nullable String[] texts = new @Nullable String[names.length];
    double[] numbers = new double[names.length];
    int i = 0;
    for (Object value : sorted.values()) {
      if (value instanceof Double number) {
        numbers[i++] = number;
      } else {
        texts[i++] = value.toString();
      }
    }
    return new Features(names, texts, numbers);
  }

  static Observation observation(Features features) {
    return new Observation(RAW, "f-1", "LAS", 500L, features);
  }

  static Outcome outcome(Target target) {
    return new Outcome(RAW, "f-1", "LAS", 800L, target);
  }

  /** Predicts, then evaluates and learns. */
  static void live(OnlineModel model, ModelState state, Event event) {
    Pending.Predicted pending = model.predict(state, observation(event.features())).pending();
    model.evaluate(state, pending, outcome(event.target()), true);
  }

  /** The file of a linear champion that was trained on other events; the same each time. */
  static byte[] linearChampion(Objective objective) {
    return CHAMPIONS.computeIfAbsent(objective, ModelFixtures::train).clone();
  }

  private static byte[] train(Objective objective) {
    List<ChampionTrainer.Example> examples =
        events(objective, 300, 99).stream()
            .map(event -> new ChampionTrainer.Example(event.features(), event.target()))
            .toList();
    return ChampionTrainer.toBytes(
        ChampionTrainer.train(
            examples, settings(objective), new ChampionTrainer.Parameters(0.2, 2, 5, 1.0)));
  }

  /** A state as it comes back from storage: nothing is shared. */
  static ModelState copy(ModelState state) {
    return new ModelStateSerializer().copy(state);
  }

  static double[][] copy(double[][] rows) {
    return Arrays.stream(rows).map(double[]::clone).toArray(double[][]::new);
  }

  /** Every bit of a state as text, so that a difference is seen where it is. */
  static List<String> bits(ModelState state) {
    List<String> bits = new ArrayList<>();
    bits.add(Arrays.toString(state.columns));
    bits.add(Arrays.deepToString(state.start.weights()));
    for (ModelState.Challenger challenger : ModelStates.challengers(state)) {
      bits.add(Arrays.deepToString(challenger.weights()));
      bits.add(Arrays.deepToString(challenger.accumulators()));
    }
    bits.add(Arrays.toString(state.scaler.columns()) + Arrays.toString(state.scaler.counts()));
    bits.add(Arrays.toString(state.scaler.means()));
    bits.add(Arrays.toString(state.scaler.squares()));
    bits.add(state.target.count + " " + state.target.mean + " " + state.target.variance);
    bits.add(Arrays.toString(state.mixture.shares));
    bits.add(Arrays.deepToString(state.mixture.weights));
    bits.add(state.mixture.scale + " " + state.mixture.outcomes);
    bits.add(state.predictions + " " + state.updates + " " + state.refusedUpdates);
    bits.add(state.evaluations + " " + state.championLossSum + " " + state.challengerLossSum);
    bits.add(state.lossWeight + " " + state.best);
    return bits;
  }

  static boolean isFinite(ModelState state) {
    return !bits(state).toString().matches(".*(NaN|Infinity).*");
  }
}
