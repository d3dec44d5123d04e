/**
 * What the tool asks Kafka, and the answers in the tool's own words: what became of a savepoint's
 * transactions, how far topics reach, what a consumer group has committed. Imports {@code kafka},
 * {@code ledger} and kafka-clients.
 */
@NullMarked
package dev.sluice.ops.broker;

import org.jspecify.annotations.NullMarked;
