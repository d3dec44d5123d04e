package dev.sluice.ledger;

import java.util.List;

/**
 * What one subtask brings to the meeting after a restore.
 *
 * @param note merged over all subtasks of the snapshot
 * @param open the snapshot's open intervals that this subtask was given: each is given to one
 * @param committed what is committed in this subtask's share of the output partitions, from the
 *     noted ends on
 * @param restored what the snapshot itself holds as ahead; from one subtask, empty from the others
 * @param foreign committed records in its share that the job can't have written
 * @param problems why its share can't be trusted, one sentence each; usually none
 */
public record FenceReport(
    FenceNote note,
    List<OpenInterval> open,
    AheadAnswers committed,
    AheadAnswers restored,
    Foreign foreign,
    List<String> problems) {

  /**
   * Records of other programs.
   *
   * @param records how many
   * @param examples some of them, in words
   */
  public record Foreign(long records, List<String> examples) {}
}
