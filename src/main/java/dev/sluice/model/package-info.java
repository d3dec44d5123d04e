/**
 * Vectors in, predictions out, learning in between: Tribuo's maths over arrays that somebody else
 * stores. Knows neither Flink nor Kafka.
 */
@NullMarked
package dev.sluice.model;

import org.jspecify.annotations.NullMarked;
