package dev.sluice.ledger;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one subtask brings to the meeting after a restore.
 *
 * @param note merged over all subtasks of the snapshot
 * @param open the snapshot's open intervals that this subtask was given: each is given to one
 * @param committed what is committed in this subtask's share of the output partitions, from the
 *     noted ends on
 * @param restored what the snapshot itself holds as ahead; from one subtask, empty from the others
 * @param inputEnds the end of each input partition, asked for after the last attempt had ended;
 *     from one subtask, empty from the others
 * @param problems why its share can't be trusted, one sentence each; usually none
 */
public record FenceReport(
    FenceNote note,
    List<OpenInterval> open,
    AheadAnswers committed,
    AheadAnswers restored,
    SortedMap<Partition, Long> inputEnds,
    List<String> problems) {

  /** Of a subtask that reports its share only. */
  public FenceReport(
      FenceNote note, List<OpenInterval> open, OriginSet committed, List<String> problems) {
    this(note, open, AheadAnswers.of(committed), new AheadAnswers(), new TreeMap<>(), problems);
  }
}
