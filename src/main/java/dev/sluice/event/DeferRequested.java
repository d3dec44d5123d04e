package dev.sluice.event;

/**
 * An observation that is not to be scored now; it leaves the job as {@link Deferred}.
 *
 * @param raw the record as it came
 */
public record DeferRequested(RawRecord raw) implements Event {}
