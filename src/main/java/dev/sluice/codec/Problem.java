package dev.sluice.codec;

import dev.sluice.event.Reason;

/**
 * Why an input can't be used.
 *
 * @param reason the fixed code
 * @param detail for people; clipped to the length of a header when the event is made
 */
record Problem(Reason reason, String detail) {}
