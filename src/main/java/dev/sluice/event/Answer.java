package dev.sluice.event;

/** What the job says to one input record: exactly one answer each, in exactly one output topic. */
public sealed interface Answer permits Prediction, Evaluation, Deferred, DeadLetter, ControlReply {

  /** The input record that this answers. */
  Origin origin();
}
