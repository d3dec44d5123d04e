package dev.sluice.support.ledger;

/** The kinds of answer, each with a topic of its own. */
public enum OutputKind {
  PREDICTION,
  EVALUATION,
  DEFERRAL,
  DEAD_LETTER,
  CONTROL_ANSWER
}
