package dev.sluice.tool.flink;

import java.time.Instant;

/**
 * A completed checkpoint.
 *
 * @param id its number
 * @param completedAt when its last part was acknowledged
 * @param uri where it is; empty if nobody could restore it
 */
public record SavedCheckpoint(long id, Instant completedAt, String uri) {}
