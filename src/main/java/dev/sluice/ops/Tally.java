package dev.sluice.ops;

/** Counts how well one model did, one evaluation after the other. */
sealed interface Tally permits LabelTally, ValueTally {

  /** Counts one evaluation. */
  void add(Judgement judgement, Judgement.Said said);

  /** The figures so far. */
  Score score();
}
