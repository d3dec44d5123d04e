package dev.sluice.tool.savepoint;

import java.time.Instant;

/**
 * A complete snapshot in a directory.
 *
 * @param uri of its directory
 * @param writtenAt when its metadata was, by the clock of its file system
 */
public record KeptSnapshot(String uri, Instant writtenAt) {}
