package dev.sluice.ledger;

/**
 * What one subtask passed on between two snapshots while it is not known yet whether it was
 * committed.
 *
 * @param checkpointId the snapshot that ends the interval
 * @param answered the origins of the answers; owned by the record
 */
public record OpenInterval(long checkpointId, OriginSet answered) {}
