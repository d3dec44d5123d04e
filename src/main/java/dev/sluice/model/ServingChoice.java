package dev.sluice.model;

import dev.sluice.event.Answer.Evaluation.Scored;
import dev.sluice.event.ServedBy;
import org.jspecify.annotations.Nullable;

/**
 * Chooses which model answers, by fading prequential losses (Gama, Sebastião and Rodrigues 2013):
 * with each outcome S = αS + loss for both models and N = αN + 1; a model's loss is S / N.
 */
final class ServingChoice {

  private final ModelSettings.Serving settings;
  private final boolean hasChampion;

  ServingChoice(ModelSettings.Serving settings, boolean hasChampion) {
    this.settings = settings;
    this.hasChampion = hasChampion;
  }

  /** The better one as long as nothing is known: the champion if there is one. */
  ServedBy first() {
    return hasChampion ? ServedBy.CHAMPION : ServedBy.CHALLENGER;
  }

  ServedBy choose(ModelState state) {
    if (!hasChampion && settings.policy() != ModelSettings.ServingPolicy.BLEND) {
      return ServedBy.CHALLENGER;
    }
    return switch (settings.policy()) {
      case BLEND -> ServedBy.BLEND;
      case CHAMPION -> ServedBy.CHAMPION;
      case CHALLENGER -> ServedBy.CHALLENGER;
      case BEST -> state.best;
    };
  }

  /**
   * Counts an outcome. Losses are summed only where there is a pair to compare, or no champion at
   * all, and where both models are still those that predicted: an observation predicted before the
   * champion came says nothing about the champion.
   *
   * @param generation of the model that predicted
   */
  void observe(ModelState state, long generation, @Nullable Scored champion, Scored challenger) {
    state.evaluations++;
    if (hasChampion != (champion != null) || generation != state.generation) {
      return;
    }
    double fading = settings.fadingFactor();
    state.championLossSum =
        fading * state.championLossSum + (champion == null ? 0 : champion.loss());
    state.challengerLossSum = fading * state.challengerLossSum + challenger.loss();
    state.lossWeight = fading * state.lossWeight + 1;
    if (hasChampion && state.evaluations - state.evaluationsBefore >= settings.minEvaluations()) {
      state.best = best(state);
    }
  }

  /** Both sums have the same weight, so it cancels. */
  private ServedBy best(ModelState state) {
    double margin = 1 - settings.hysteresis();
    if (state.best == ServedBy.CHAMPION) {
      return state.challengerLossSum < state.championLossSum * margin
          ? ServedBy.CHALLENGER
          : ServedBy.CHAMPION;
    }
    return state.championLossSum < state.challengerLossSum * margin
        ? ServedBy.CHAMPION
        : ServedBy.CHALLENGER;
  }
}
