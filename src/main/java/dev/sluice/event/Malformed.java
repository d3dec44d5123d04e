package dev.sluice.event;

/**
 * An input record that can't be used; it leaves the job as a dead letter.
 *
 * @param raw the record as it came
 * @param reason the fixed code
 * @param detail for people: what was found and what was expected
 */
public record Malformed(RawRecord raw, Reason reason, String detail) implements Event {}
