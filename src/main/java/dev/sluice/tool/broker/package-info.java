/**
 * What the tool asks Kafka, as values of its own: what became of a savepoint's transactions, how
 * far topics reach, what a consumer group has committed, what a topic holds.
 */
@NullMarked
package dev.sluice.tool.broker;

import org.jspecify.annotations.NullMarked;
