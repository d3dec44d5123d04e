/**
 * The source of events: Flink's {@code KafkaSource}, and beside its enumerator, in the JobManager,
 * the watch over partitions that are added to the input topics. Imports {@code kafka}, {@code
 * ledger}, and of {@code job} the metrics' names.
 */
@NullMarked
package dev.sluice.job.source;

import org.jspecify.annotations.NullMarked;
