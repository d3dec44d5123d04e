/**
 * Applies control commands to the state of the job: pauses, the serving policy, which models are
 * reset, and the answers given. Knows neither Flink nor Kafka nor any model; imports {@code event}.
 */
@NullMarked
package dev.sluice.control;

import org.jspecify.annotations.NullMarked;
