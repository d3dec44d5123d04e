package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class StartingOffsetsTest {

  private static final TopicPartition ONE = new TopicPartition("sluice.control", 0);

  /** A partition of which nothing was read yet is in a snapshot as where it began. */
  @Test
  void theBeginningIsAnOffsetThatDeletionsAreSeenBy() {
    assertThat(offsets(OffsetsInitializer.earliest())).isEqualTo(Map.of(ONE, 7L));
    assertThat(offsets(OffsetsInitializer.latest())).isEqualTo(Map.of(ONE, 9L));
  }

  private static Map<TopicPartition, Long> offsets(OffsetsInitializer first) {
    return new StartingOffsets(first, false).getPartitionOffsets(List.of(ONE), new SevenToNine());
  }

  private static final class SevenToNine implements OffsetsInitializer.PartitionOffsetsRetriever {

    @Override
    public Map<TopicPartition, Long> committedOffsets(Collection<TopicPartition> partitions) {
      throw new AssertionError("the group's offsets are not the truth");
    }

    @Override
    public Map<TopicPartition, Long> endOffsets(Collection<TopicPartition> partitions) {
      return all(partitions, 9);
    }

    @Override
    public Map<TopicPartition, Long> beginningOffsets(Collection<TopicPartition> partitions) {
      return all(partitions, 7);
    }

    @Override
    public Map<TopicPartition, OffsetAndTimestamp> offsetsForTimes(
        Map<TopicPartition, Long> timestampsToSearch) {
      throw new AssertionError("no setting names a time");
    }

    private static Map<TopicPartition, Long> all(
        Collection<TopicPartition> partitions, long offset) {
      return partitions.stream().collect(Collectors.toMap(p -> p, p -> offset));
    }
  }
}
