package dev.sluice.tool.flink;

import java.time.Instant;

/**
 * A completed checkpoint or savepoint.
 *
 * @param id its number
 * @param completedAt when its last part was acknowledged
 * @param uri where it is; empty if it can't be restored
 */
public record SavedCheckpoint(long id, Instant completedAt, String uri) {}
