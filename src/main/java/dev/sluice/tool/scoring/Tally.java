package dev.sluice.tool.scoring;

/** Counts how well one model did, one evaluation after the other. */
sealed interface Tally permits LabelTally, ValueTally {

  /** Counts one evaluation. */
  void add(EvaluationRow judgement, EvaluationRow.Said said);

  /** The figures so far. */
  Score score();
}
