package dev.sluice.settings;

import dev.sluice.model.ModelSettings;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import dev.sluice.model.ModelSettings.ServingPolicy;
import dev.sluice.model.PageHinkley;
import java.util.List;
import org.apache.flink.configuration.MemorySize;

/** Reads the settings of the models. */
final class ModelOptions {

  /** As many as a stored model may have rows. */
  private static final int MAX_LABELS = 1 << 16;

  /** Bytes of the arrays of one key's model. */
  private static final long MAX_MODEL = 256L << 20;

  /** Numbers that the scaler keeps for each hashed column. */
  private static final long SCALER_COLUMNS = 3;

  private ModelOptions() {}

  static JobSettings.Models read(SettingsReader read) {
    String championUri = read.optional(SluiceOptions.CHAMPION_URI).orElse(null);
    return new JobSettings.Models(
        settings(read, championUri != null),
        drift(read),
        championUri,
        read.atLeast(SluiceOptions.CHAMPION_VERSION, 1),
        read.positiveIfSet(SluiceOptions.EXPIRE_AFTER).orElse(null),
        cache(read));
  }

  private static JobSettings.Cache cache(SettingsReader read) {
    return new JobSettings.Cache(
        read.isBlank(SluiceOptions.CACHED_KEYS) ? null : read.atLeast(SluiceOptions.CACHED_KEYS, 1),
        read.isBlank(SluiceOptions.CACHE_MEMORY)
            ? null
            : read.atLeast(SluiceOptions.CACHE_MEMORY, MemorySize.ofMebiBytes(1)));
  }

  private static ModelSettings settings(SettingsReader read, boolean hasChampion) {
    Objective objective = read.code(SluiceOptions.OBJECTIVE, Objective::ofCode);
    List<String> labels =
        objective.isClassification() ? read.list(SluiceOptions.LABELS) : List.<String>of();
    if (labels.size() == 1) {
      throw read.refuse(SluiceOptions.LABELS, "a classification needs at least two labels");
    }
    Optimiser optimiser = read.code(SluiceOptions.OPTIMISER, Optimiser::ofCode);
    int width = width(read);
    ModelSettings.Rates rates = rates(read);
    int challengers = optimiser == Optimiser.ADADELTA ? 1 : rates.learningRates().size();
    refuseHuge(read, labels.size(), width, optimiser, challengers);
    return new ModelSettings(
        objective,
        read.between(SluiceOptions.HUBER_DELTA, 1e-9, 1e9),
        optimiser,
        rates,
        labels,
        width,
        serving(read, hasChampion));
  }

  /** Each is in its bounds, but their product would end every task at its first event. */
  private static void refuseHuge(
      SettingsReader read, int labels, int width, Optimiser optimiser, int challengers) {
    if (labels > MAX_LABELS) {
      throw read.refuse(SluiceOptions.LABELS, "at most %s labels are taken".formatted(MAX_LABELS));
    }
    long rows = challengers * Math.max(1L, labels) * (1 + optimiser.slots());
    long bytes = Double.BYTES * (rows * (width + 1L) + SCALER_COLUMNS * width);
    if (bytes > MAX_MODEL) {
      throw read.refuse(
          SluiceOptions.WIDTH,
          ("each key's model could take %,d bytes with %s labels, %s learning rates and %s, and at most %,d are taken; "
                  + "lower it, or use fewer labels or rates")
              .formatted(bytes, labels, challengers, optimiser.code(), MAX_MODEL));
    }
  }

  private static PageHinkley.Settings drift(SettingsReader read) {
    return new PageHinkley.Settings(
        read.between(SluiceOptions.DRIFT_TOLERANCE, 0, 1e100),
        read.between(SluiceOptions.DRIFT_THRESHOLD, 1e-9, 1e100),
        read.atLeast(SluiceOptions.DRIFT_MIN_OUTCOMES, 1L),
        read.flag(SluiceOptions.DRIFT_RESET));
  }

  private static ModelSettings.Rates rates(SettingsReader read) {
    return new ModelSettings.Rates(
        learningRates(read),
        read.between(SluiceOptions.MOMENTUM, 0, 0.999999),
        read.between(SluiceOptions.RHO, 1e-6, 0.999999),
        read.between(SluiceOptions.EPSILON, 1e-15, 1),
        read.between(SluiceOptions.INITIAL_ACCUMULATOR, 0, 1e6));
  }

  private static List<Double> learningRates(SettingsReader read) {
    if (!read.isSet(SluiceOptions.LEARNING_RATE)) {
      List<Double> rates =
          read.numbers(SluiceOptions.LEARNING_RATES, ModelSettings.Rates.MOST_RATES, 1e-12, 1000);
      return rates.stream().sorted().toList();
    }
    if (read.isSet(SluiceOptions.LEARNING_RATES)) {
      throw read.refuse(
          SluiceOptions.LEARNING_RATE,
          "%s is set, too; set one of them".formatted(SluiceOptions.LEARNING_RATES.key()));
    }
    return List.of(read.between(SluiceOptions.LEARNING_RATE, 1e-12, 1000));
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
        read.atLeast(SluiceOptions.MIN_EVALUATIONS, 0L),
        read.numbers(SluiceOptions.SHARES, ModelSettings.Serving.MOST_SHARES, 0, 0.5));
  }
}
