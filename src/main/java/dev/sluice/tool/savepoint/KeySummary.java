package dev.sluice.tool.savepoint;

import dev.sluice.model.ModelState;
import java.util.Comparator;
import java.util.OptionalDouble;

/**
 * A key in a line.
 *
 * @param key the entity
 * @param updates outcomes learned
 * @param predictions observations predicted
 * @param evaluations outcomes evaluated
 * @param championLoss fading prequential loss of the champion; empty without a champion or outcomes
 * @param challengerLoss the same of the challenger; empty without outcomes
 * @param driftAlarms how often the drift detector has raised an alarm
 * @param served {@code champion} or {@code challenger}, as the policy {@code best} would now
 * @param pending observations and outcomes that wait for their other half
 * @param bytes of all that is stored for it
 */
public record KeySummary(
    String key,
    long updates,
    long predictions,
    long evaluations,
    OptionalDouble championLoss,
    OptionalDouble challengerLoss,
    long driftAlarms,
    String served,
    int pending,
    long bytes) {

  /** An order in which keys are shown: what wants attention comes first. */
  public enum Order {
    updates,
    loss,
    drift,
    bytes,
    key;

    /** Equal ones are ordered by key. */
    public Comparator<KeySummary> comparator() {
      Comparator<KeySummary> first =
          switch (this) {
            case updates -> Comparator.comparingLong(KeySummary::updates).reversed();
            case loss ->
                Comparator.comparingDouble((KeySummary row) -> row.challengerLoss().orElse(-1))
                    .reversed();
            case drift -> Comparator.comparingLong(KeySummary::driftAlarms).reversed();
            case bytes -> Comparator.comparingLong(KeySummary::bytes).reversed();
            case key -> Comparator.comparing(KeySummary::key);
          };
      return first.thenComparing(KeySummary::key);
    }
  }

  /** The line of a key; one that has only waiting outcomes has no losses and serves nothing. */
  public static KeySummary of(SavedKey saved) {
    ModelState model = saved.model();
    int pending = saved.pendingObservations() + saved.waitingOutcomes();
    if (model == null) {
      return new KeySummary(
          saved.key(),
          0,
          0,
          0,
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          0,
          "nothing",
          pending,
          saved.bytes());
    }
    return new KeySummary(
        saved.key(),
        model.updates,
        model.predictions,
        model.evaluations,
        model.championLossSum == 0 ? OptionalDouble.empty() : mean(model.championLossSum, model),
        mean(model.challengerLossSum, model),
        model.drift.alarms,
        model.best.code(),
        pending,
        saved.bytes());
  }

  private static OptionalDouble mean(double sum, ModelState model) {
    return model.lossWeight > 0
        ? OptionalDouble.of(sum / model.lossWeight)
        : OptionalDouble.empty();
  }
}
