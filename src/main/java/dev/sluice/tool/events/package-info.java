/**
 * Events of files: JSON lines as the contract has them, and the rows of a CSV by a recorded meaning
 * of its columns. Knows nothing of Kafka; imports {@code codec} and {@code event} for what the job
 * would say of an event.
 */
@NullMarked
package dev.sluice.tool.events;

import org.jspecify.annotations.NullMarked;
