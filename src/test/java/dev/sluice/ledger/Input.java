package dev.sluice.ledger;

import dev.sluice.event.Origin;

/**
 * An input record.
 *
 * @param origin its position
 * @param key says which subtask answers it, and in which output partition
 * @param mayWait whether it may be held and answered later, in any output partition
 */
record Input(Origin origin, int key, boolean mayWait) implements Element {}
