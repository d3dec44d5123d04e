package dev.sluice.tool.training;

import dev.sluice.model.ChampionTrainer;
import dev.sluice.model.ChampionTrainer.Example;
import dev.sluice.model.ModelSettings;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.tribuo.Model;

/** Trains a champion from examples: a linear model, by log loss for labels, squared for values. */
public final class ChampionTraining {

  /** The hashed columns of the job play no part in a champion; any width will do. */
  private static final int WIDTH = 1;

  private static final double HUBER_DELTA = 1;

  private ChampionTraining() {}

  /**
   * A trained champion.
   *
   * @param bytes its protobuf file
   * @param features how many columns it has: one a number, one a distinct text
   * @param labels its labels, sorted; empty in regression
   */
  public record Trained(byte[] bytes, int features, Set<String> labels) {}

  /**
   * Trains.
   *
   * @param labels none for regression
   * @throws IllegalArgumentException if the examples do not have every label
   */
  public static Trained train(
      List<Example> examples, List<String> labels, ChampionTrainer.Parameters parameters) {
    ModelSettings settings =
        new ModelSettings(
            labels.isEmpty() ? Objective.SQUARED : Objective.LOG,
            HUBER_DELTA,
            Optimiser.ADAGRAD,
            ModelSettings.Rates.defaults(),
            labels,
            WIDTH,
            ModelSettings.Serving.defaults());
    Model<?> model = ChampionTrainer.train(examples, settings, parameters);
    return new Trained(
        ChampionTrainer.toBytes(model), model.getFeatureIDMap().size(), new TreeSet<>(labels));
  }
}
