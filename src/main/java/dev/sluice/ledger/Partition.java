package dev.sluice.ledger;

import java.util.Comparator;

/**
 * A partition of an input or output topic.
 *
 * @param topic the topic
 * @param partition the number, from 0
 */
public record Partition(String topic, int partition) implements Comparable<Partition> {

  private static final Comparator<Partition> ORDER =
      Comparator.comparing(Partition::topic).thenComparingInt(Partition::partition);

  public Partition {
    if (topic.isEmpty() || partition < 0) {
      throw new IllegalArgumentException("not a partition: " + topic + "/" + partition);
    }
  }

  @Override
  public int compareTo(Partition other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return topic + "/" + partition;
  }
}
