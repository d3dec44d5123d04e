/**
 * Predicts from vectors and learns from them: Tribuo's maths over arrays that the caller stores.
 * Knows neither Flink nor Kafka.
 */
@NullMarked
package dev.sluice.model;

import org.jspecify.annotations.NullMarked;
