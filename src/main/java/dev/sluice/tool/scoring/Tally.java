package dev.sluice.tool.scoring;

import java.util.List;

/** Counts how well one model did, one evaluation after the other, in bounded memory. */
sealed interface Tally permits LabelTally, ValueTally {

  /**
   * A new one.
   *
   * @param labels the labels in the job's order; empty in regression
   * @param atOnce how many tallies share the memory; the more, the coarser each counts its ranks
   */
  static Tally of(List<String> labels, int atOnce) {
    return labels.isEmpty() ? new ValueTally() : new LabelTally(labels, atOnce);
  }

  /** Counts one evaluation. */
  void add(Truth truth, Column column);

  /** The figures so far. */
  Score score();
}
