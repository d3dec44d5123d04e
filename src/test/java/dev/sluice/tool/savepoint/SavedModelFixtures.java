package dev.sluice.tool.savepoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Features;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Target;
import dev.sluice.features.FeatureEncoder;
import dev.sluice.model.Champion;
import dev.sluice.model.ChampionTrainer;
import dev.sluice.model.ModelSettings;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import dev.sluice.model.ModelState;
import dev.sluice.model.OnlineModel;
import dev.sluice.model.Pending;
import dev.sluice.support.WrittenSnapshot;
import dev.sluice.support.WrittenSnapshot.Meaning;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Models that have learned something, alongside a linear champion. */
public final class SavedModelFixtures {

  public static final List<String> LABELS = List.of("on \"time\"", "late, very");
  public static final int WIDTH = 16;
  public static final int VERSION = 3;

  public final ModelSettings settings =
      new ModelSettings(
          Objective.LOG,
          1,
          Optimiser.ADAGRAD,
          ModelSettings.Rates.defaults(),
          LABELS,
          WIDTH,
          ModelSettings.Serving.defaults());
  public final byte[] champion =
      ChampionTrainer.toBytes(
          ChampionTrainer.train(
              List.of(
                  new ChampionTrainer.Example(features(1, "a"), new Target.Label(LABELS.get(1))),
                  new ChampionTrainer.Example(features(2, "b"), new Target.Label(LABELS.get(0)))),
              settings,
              new ChampionTrainer.Parameters(0.05, 5, 1, 1.0)));
  public final OnlineModel online =
      new OnlineModel(settings, Champion.read(champion, VERSION, settings));
  private final Random random = new Random(5);

  /** How many columns a vector has. */
  static int columns(SavedModelFixtures given) {
    return given.online.newState().start.columns().length + WIDTH + FeatureEncoder.NUMBER_COLUMNS;
  }

  /** What a job stores once for all these models. */
  public Meaning meaning() {
    return new Meaning(online.description(), WrittenSnapshot.packed(VERSION, champion));
  }

  /** A model that has learned from this many outcomes. */
  public ModelState learned(int outcomes) {
    ModelState state = online.newState();
    for (int i = 0; i < outcomes; i++) {
      Pending.Predicted pending = predict(state);
      online.evaluate(state, pending, outcome(i, LABELS.get(random.nextInt(2))), true);
    }
    return state;
  }

  public Pending.Predicted predict(ModelState state) {
    String place = "place-" + random.nextInt(9);
    Observation observation =
        new Observation(raw(0), "f-1", "LAS", 500L, features(random.nextGaussian(), place));
    return online.predict(state, observation).pending();
  }

  /** An outcome that came in with this offset. */
  public static Outcome outcome(long offset, String label) {
    return new Outcome(raw(offset), "f-" + offset, "LAS", 800L, new Target.Label(label));
  }

  /** Both a number and a text that the champion knows, and a text that it does not. */
  public static Features features(double distance, String place) {
    return new Features(
        new String[] {"distance", "hour", "place"},
        new @Nullable String[] {null, "h1", place},
        new double[] {distance, 0, 0});
  }

  public static Map<String, Pending> early(long offset) {
    return Map.of("f-" + offset, new Pending.EarlyOutcome(outcome(offset, LABELS.get(0))));
  }

  private static RawRecord raw(long offset) {
    return new RawRecord(
        new Origin("sluice.events", 2, offset), 1_000L, null, "{}".getBytes(UTF_8));
  }
}
