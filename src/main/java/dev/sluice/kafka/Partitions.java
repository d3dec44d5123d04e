package dev.sluice.kafka;

import dev.sluice.ledger.Partition;
import org.apache.kafka.common.TopicPartition;

/** A partition by the name that Kafka's classes give it, and back. */
public final class Partitions {

  private Partitions() {}

  /** As the ledger names it. */
  public static Partition of(TopicPartition partition) {
    return new Partition(partition.topic(), partition.partition());
  }

  /** As Kafka names it. */
  public static TopicPartition kafka(Partition partition) {
    return new TopicPartition(partition.topic(), partition.partition());
  }
}
