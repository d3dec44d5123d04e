package dev.sluice.tool.savepoint;

/**
 * A file that a snapshot needs.
 *
 * @param uri where it is
 * @param bytes how long it is, as the snapshot's metadata says
 */
public record StoredFile(String uri, long bytes) {}
