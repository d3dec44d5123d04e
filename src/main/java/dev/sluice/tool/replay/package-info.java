/**
 * Copies the records of the deferred topic to the end of their input topics, each exactly once.
 * Imports {@code event}, {@code codec}, {@code kafka}, {@code ledger}, {@code ops.broker} and
 * Kafka's clients.
 */
@NullMarked
package dev.sluice.tool.replay;

import org.jspecify.annotations.NullMarked;
