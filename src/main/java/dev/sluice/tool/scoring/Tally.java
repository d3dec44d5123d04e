package dev.sluice.tool.scoring;

/** Counts how well one model did, one evaluation after the other, in bounded memory. */
sealed interface Tally permits LabelTally, ValueTally {

  /**
   * A new one.
   *
   * @param ids the labels in the job's order; none in regression
   * @param atOnce how many tallies share the memory; the more, the coarser each counts its ranks
   */
  static Tally of(LabelIds ids, int atOnce) {
    return ids.labels().isEmpty() ? new ValueTally() : new LabelTally(ids, atOnce);
  }

  /** Counts one evaluation. */
  void add(Truth truth, Column column);

  /** The figures so far. */
  Score score();
}
