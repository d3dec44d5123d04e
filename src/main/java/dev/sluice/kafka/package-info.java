/**
 * What the job's restore fence and the tool query and read from Kafka: the ends of topics, the
 * owners of open transactions, the committed records of a range. Imports {@code ledger} for the
 * names of partitions, and kafka-clients.
 */
@NullMarked
package dev.sluice.kafka;

import org.jspecify.annotations.NullMarked;
