package dev.sluice.ledger;

import java.util.List;

/**
 * What one subtask brings to the meeting after a restore.
 *
 * @param note merged over all subtasks of the snapshot
 * @param open the snapshot's open intervals that this subtask was given: each is given to one
 * @param committed the origins that are committed in this subtask's share of the output partitions,
 *     from the noted ends on
 * @param problems why its share can't be trusted, one sentence each; usually none
 */
public record FenceReport(
    FenceNote note, List<OpenInterval> open, OriginSet committed, List<String> problems) {}
