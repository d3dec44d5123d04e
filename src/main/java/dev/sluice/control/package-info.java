/**
 * Control commands in, what they have made of the job out: pauses, the serving policy, which models
 * begin anew, and the answers given. Knows neither Flink nor Kafka nor any model; imports {@code
 * event}.
 */
@NullMarked
package dev.sluice.control;

import org.jspecify.annotations.NullMarked;
