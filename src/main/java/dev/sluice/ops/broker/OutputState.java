package dev.sluice.ops.broker;

import dev.sluice.ledger.Partition;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;

/**
 * How far a job's output can be read, and what the job has not ended yet.
 *
 * @param begun when each open transaction of the job began
 * @param stableEnds the last stable offset of each partition
 * @param ends the high watermark of each partition, asked after those
 */
public record OutputState(
    List<Instant> begun, SortedMap<Partition, Long> stableEnds, SortedMap<Partition, Long> ends) {}
