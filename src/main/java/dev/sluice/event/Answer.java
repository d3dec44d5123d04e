package dev.sluice.event;

import org.jspecify.annotations.Nullable;

/** What the job says to one input record: exactly one answer each, in exactly one output topic. */
public sealed interface Answer {

  /** The input record that this answers. */
  Origin origin();

  /**
   * The answer to an observation.
   *
   * @param origin the observation's origin
   * @param id the observation's id
   * @param key the entity
   * @param timeMs the observation's time, epoch milliseconds
   * @param outputs the served model's outputs: one score a label in the job's label order, or one
   *     predicted value; owned by the record
   * @param servedBy which model made it
   * @param championVersion the champion's version, null if the job has no champion
   * @param updates how many outcomes this key's challenger had learned
   */
  record Prediction(
      Origin origin,
      String id,
      String key,
      long timeMs,
      double[] outputs,
      ServedBy servedBy,
      @Nullable Integer championVersion,
      long updates)
      implements Answer {}

  /**
   * The answer to an outcome that met its observation; all as predicted when the observation came,
   * before learning from it.
   *
   * @param origin the outcome's origin
   * @param id the observation's id
   * @param key the entity
   * @param timeMs the outcome's time, epoch milliseconds
   * @param target what it turned out to be
   * @param servedBy which model's prediction was served
   * @param learned whether the challenger learned from it
   * @param delayMs the outcome's time minus the observation's, milliseconds
   * @param served what was served
   * @param champion what the champion predicted, null if the job had none
   * @param challenger what the mixture of the challengers predicted
   * @param shadow what the shadow predicted, null if there was none
   */
  record Evaluation(
      Origin origin,
      String id,
      String key,
      long timeMs,
      Target target,
      ServedBy servedBy,
      boolean learned,
      long delayMs,
      Scored served,
      @Nullable Scored champion,
      Scored challenger,
      @Nullable Shadow shadow)
      implements Answer {

    /**
     * The prediction of a champion to be, scored; it was not served.
     *
     * @param version the shadow's
     */
    public record Shadow(int version, Scored scored) {}

    /**
     * One model's prediction, scored.
     *
     * @param outputs as {@link Prediction#outputs()}
     * @param loss log loss in nats (classification) or the objective's own loss (regression)
     */
    public record Scored(double[] outputs, double loss) {}
  }

  /**
   * The answer to an observation that is not to be scored now: the record as it came, to be fed
   * back later.
   *
   * @param raw the record as it came
   */
  record Deferred(RawRecord raw) implements Answer {

    @Override
    public Origin origin() {
      return raw.origin();
    }
  }

  /**
   * The answer to an input record that can't be used: the record as it came, and why.
   *
   * @param raw the record as it came
   * @param reason the fixed code
   * @param detail for people
   */
  record DeadLetter(RawRecord raw, Reason reason, String detail) implements Answer {

    @Override
    public Origin origin() {
      return raw.origin();
    }
  }

  /**
   * The answer to a record of the control topic.
   *
   * @param origin the record's origin
   * @param echo the command's own fields
   * @param reason why it was rejected, null if it was accepted
   * @param repeated whether its id was answered before: nothing has changed now, and this repeats
   *     the earlier reply
   */
  record ControlReply(Origin origin, ControlEcho echo, @Nullable String reason, boolean repeated)
      implements Answer {

    /** Whether the command was carried out. */
    public boolean accepted() {
      return reason == null;
    }

    /** The key that is to be forgotten now; null if this is no answer to such a command. */
    public @Nullable String forgotten() {
      return accepted() && !repeated && "forget".equals(echo.command()) ? echo.key() : null;
    }

    /** The same answer to another record with the same id. */
    public ControlReply again(Origin other) {
      return new ControlReply(other, echo, reason, true);
    }
  }
}
