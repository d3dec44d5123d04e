package dev.sluice.ledger;

/** What flows from a source to a subtask. */
sealed interface Element permits Input, Barrier {}
