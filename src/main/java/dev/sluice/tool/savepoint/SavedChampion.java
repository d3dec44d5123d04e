package dev.sluice.tool.savepoint;

/**
 * The champion that a snapshot brings along.
 *
 * @param version what its predictions are marked with
 * @param bytes the Tribuo protobuf file; owned by the record
 */
public record SavedChampion(int version, byte[] bytes) {}
