package dev.sluice.ledger;

/** A barrier of a checkpoint. */
record Barrier(long checkpointId) implements Element {}
