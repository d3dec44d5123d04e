package dev.sluice.bench.throughput;

import org.jspecify.annotations.Nullable;

/**
 * One run of a contender.
 *
 * @param round from 1
 * @param figures null if the run was refused
 * @param refusal why it was refused; null if it was not
 * @param load the machine's load average at its begin
 */
record Measured(
    Contender contender,
    int round,
    double load,
    @Nullable Figures figures,
    @Nullable String refusal) {

  /**
   * What a run gave.
   *
   * @param eventsPerSecond within the window
   * @param cpuMicros CPU time of the contender's process an event, within the window
   * @param brokerMicros CPU time of the broker an event, within the window
   * @param startSeconds from the start of the process to the begin of the window
   * @param peakMib the most memory that the process had at once
   * @param digest of all answers
   */
  record Figures(
      double eventsPerSecond,
      double cpuMicros,
      double brokerMicros,
      double startSeconds,
      long peakMib,
      long digest) {}
}
