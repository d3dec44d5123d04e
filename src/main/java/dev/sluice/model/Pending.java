package dev.sluice.model;

import dev.sluice.event.Event.Outcome;
import dev.sluice.event.ServedBy;
import dev.sluice.features.SparseFeatures;
import org.jspecify.annotations.Nullable;

/** One half of an observation and its outcome, waiting for the other. */
public sealed interface Pending {

  /** When the half that is here came in, epoch milliseconds; the timeout counts from it. */
  long arrivalMs();

  /** How many bytes of heap this takes, give or take the padding of objects. */
  long bytes();

  /**
   * An observation that was predicted and waits for its outcome.
   *
   * @param arrivalMs the Kafka timestamp of the observation, epoch milliseconds
   * @param timeMs the observation's own time, epoch milliseconds
   * @param features what the challengers saw; of a prediction of an earlier release, what champion
   *     and challengers saw
   * @param raw what their start and the champion saw; null for a prediction of an earlier release,
   *     where it was the same as {@code features}
   * @param championOutputs what the champion predicted, null if the job had none
   * @param challengers what each challenger predicted, by ascending rate; empty for a prediction of
   *     an earlier release
   * @param challengerOutputs what their mixture predicted
   * @param servedOutputs what was served
   * @param servedBy which model was served
   * @param generation the {@link ModelState#generation} of the model that predicted
   * @param begun the {@link ModelState#begun} of the model that predicted
   * @param shadow what a shadow predicted in addition to them, null if there was none
   */
  record Predicted(
      long arrivalMs,
      long timeMs,
      SparseFeatures features,
      @Nullable SparseFeatures raw,
      double @Nullable [] championOutputs,
      double[][] challengers,
      double[] challengerOutputs,
      double[] servedOutputs,
      ServedBy servedBy,
      long generation,
      long begun,
      @Nullable Shadow shadow)
      implements Pending {

    private static final int OBJECTS = 208;
    private static final int ARRAY = 16;

    @Override
    public long bytes() {
      long numbers = (long) features.values().length + (raw == null ? 0 : raw.values().length);
      boolean ownServed = servedOutputs != challengerOutputs && servedOutputs != championOutputs;
      long vectors =
          challengers.length + (championOutputs == null ? 1L : 2L) + (ownServed ? 1L : 0L);
      long shadows = shadow == null ? 0 : shadow.outputs().length;
      return OBJECTS
          + numbers * (Integer.BYTES + Double.BYTES)
          + vectors * (ARRAY + (long) challengerOutputs.length * Double.BYTES)
          + shadows * Double.BYTES;
    }
  }

  /**
   * What a shadow predicted.
   *
   * @param version its version
   * @param probabilities whether its outputs are probabilities; scores otherwise
   * @param outputs in the job's order
   */
  record Shadow(int version, boolean probabilities, double[] outputs) {}

  /**
   * An outcome that came before its observation.
   *
   * @param outcome the outcome, bytes and all: it may end as a dead letter
   */
  record EarlyOutcome(Outcome outcome) implements Pending {

    private static final int OBJECTS = 208;

    @Override
    public long bytes() {
      byte[] key = outcome.raw().key();
      byte[] value = outcome.raw().value();
      return (long) OBJECTS
          + (key == null ? 0 : key.length)
          + (value == null ? 0 : value.length)
          + outcome.key().length();
    }

    @Override
    public long arrivalMs() {
      return outcome.raw().arrivalMs();
    }
  }
}
