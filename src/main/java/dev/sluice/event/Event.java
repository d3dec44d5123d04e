package dev.sluice.event;

/** One input record, as far as it has been decoded. */
public sealed interface Event {

  /** The record as it came, kept because a dead letter or a deferral returns it untouched. */
  RawRecord raw();

  /**
   * Asks for a prediction.
   *
   * @param raw the record as it came
   * @param id joins the observation to its outcome; unique within the key while it is pending
   * @param key the entity whose model answers
   * @param timeMs when it happened, epoch milliseconds
   * @param features what the model sees
   */
  record Observation(RawRecord raw, String id, String key, long timeMs, Features features)
      implements Event {}

  /**
   * Reports what an observation turned out to be.
   *
   * @param raw the record as it came
   * @param id the observation's id
   * @param key the entity whose model learns
   * @param timeMs when it became known, epoch milliseconds
   * @param target the label or the value
   */
  record Outcome(RawRecord raw, String id, String key, long timeMs, Target target)
      implements Event {}

  /**
   * An observation that is not to be scored now; it leaves the job as {@link Answer.Deferred}.
   *
   * @param raw the record as it came
   */
  record DeferRequested(RawRecord raw) implements Event {}

  /**
   * A record on its way to the task that decodes it.
   *
   * @param raw the record as it came
   */
  record Undecoded(RawRecord raw) implements Event {}

  /**
   * An input record that can't be used; it leaves the job as a dead letter.
   *
   * @param raw the record as it came
   * @param reason the fixed code
   * @param detail for people: what was found and what was expected
   */
  record Malformed(RawRecord raw, Reason reason, String detail) implements Event {}
}
