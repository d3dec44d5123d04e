/**
 * What is asked of Kafka, and read from it, by the job's restore fence and by the tool alike: how
 * far topics reach, whose transactions are open, what is committed in a range. Imports {@code
 * ledger} for the names of partitions, and kafka-clients.
 */
@NullMarked
package dev.sluice.kafka;

import org.jspecify.annotations.NullMarked;
