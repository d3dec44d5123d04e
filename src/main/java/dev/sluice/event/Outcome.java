package dev.sluice.event;

/**
 * Reports what an observation turned out to be.
 *
 * @param raw the record as it came
 * @param id the observation's id
 * @param key the entity whose model learns
 * @param timeMs when it became known, epoch milliseconds
 * @param target the label or the value
 */
public record Outcome(RawRecord raw, String id, String key, long timeMs, Target target)
    implements Event {}
