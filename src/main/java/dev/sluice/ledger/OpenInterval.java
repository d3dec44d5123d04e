package dev.sluice.ledger;

/**
 * What one subtask passed on between two snapshots while nobody knows yet whether it was committed.
 *
 * @param checkpointId the snapshot that ends the interval
 * @param answered the origins of the answers; owned by the record
 */
public record OpenInterval(long checkpointId, OriginSet answered) {}
