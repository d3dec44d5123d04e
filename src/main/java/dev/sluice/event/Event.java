package dev.sluice.event;

/** One decoded input record. */
public sealed interface Event permits Observation, Outcome, Malformed {

  /** The record as it came, kept because a dead letter returns it untouched. */
  RawRecord raw();
}
