package dev.sluice.event;

/** One decoded input record. */
public sealed interface Event permits Observation, Outcome, DeferRequested, Malformed {

  /** The record as it came, kept because a dead letter or a deferral returns it untouched. */
  RawRecord raw();
}
