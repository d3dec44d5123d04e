package dev.sluice.job;

import dev.sluice.model.ModelSettings;
import dev.sluice.model.Objective;
import dev.sluice.model.Optimiser;
import dev.sluice.model.PageHinkley;
import dev.sluice.model.ServingPolicy;
import java.util.List;

/** Reads the settings of the model. */
final class ModelOptions {

  private ModelOptions() {}

  static ModelSettings read(SettingsReader read, boolean hasChampion) {
    Objective objective = read.code(SluiceOptions.OBJECTIVE, Objective::ofCode);
    List<String> labels =
        objective.isClassification() ? read.list(SluiceOptions.LABELS) : List.<String>of();
    if (labels.size() == 1) {
      throw read.refuse(SluiceOptions.LABELS, "a classification needs at least two labels");
    }
    return new ModelSettings(
        objective,
        read.between(SluiceOptions.HUBER_DELTA, 1e-9, 1e9),
        read.code(SluiceOptions.OPTIMISER, Optimiser::ofCode),
        rates(read),
        labels,
        width(read),
        serving(read, hasChampion));
  }

  static PageHinkley.Settings drift(SettingsReader read) {
    return new PageHinkley.Settings(
        read.between(SluiceOptions.DRIFT_TOLERANCE, 0, 1e100),
        read.between(SluiceOptions.DRIFT_THRESHOLD, 1e-9, 1e100),
        read.atLeast(SluiceOptions.DRIFT_MIN_OUTCOMES, 1L),
        read.flag(SluiceOptions.DRIFT_RESET));
  }

  private static ModelSettings.Rates rates(SettingsReader read) {
    return new ModelSettings.Rates(
        read.between(SluiceOptions.LEARNING_RATE, 1e-12, 1000),
        read.between(SluiceOptions.MOMENTUM, 0, 0.999999),
        read.between(SluiceOptions.RHO, 1e-6, 0.999999),
        read.between(SluiceOptions.EPSILON, 1e-15, 1),
        read.between(SluiceOptions.INITIAL_ACCUMULATOR, 0, 1e6));
  }

  private static int width(SettingsReader read) {
    int width = read.atLeast(SluiceOptions.WIDTH, 1);
    if (Integer.bitCount(width) != 1 || width > 1 << 20) {
      throw read.refuse(SluiceOptions.WIDTH, "it must be a power of two, at most 1048576");
    }
    return width;
  }

  private static ModelSettings.Serving serving(SettingsReader read, boolean hasChampion) {
    ServingPolicy policy = read.code(SluiceOptions.SERVING_POLICY, ServingPolicy::ofCode);
    if (policy == ServingPolicy.CHAMPION && !hasChampion) {
      throw read.refuse(
          SluiceOptions.SERVING_POLICY,
          "there is no champion to serve; set " + SluiceOptions.CHAMPION_URI.key());
    }
    return new ModelSettings.Serving(
        policy,
        read.between(SluiceOptions.HYSTERESIS, 0, 0.999),
        read.between(SluiceOptions.FADING_FACTOR, 0.5, 1),
        read.atLeast(SluiceOptions.MIN_EVALUATIONS, 0L));
  }
}
