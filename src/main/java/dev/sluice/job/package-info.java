/**
 * The Flink job: start checks, the graph, the source of events, the control gate and the keyed
 * operator. Bytes come in from Kafka and go out to Kafka. This package sees every package of the
 * core and nothing of {@code tool}.
 */
@NullMarked
package dev.sluice.job;

import org.jspecify.annotations.NullMarked;
