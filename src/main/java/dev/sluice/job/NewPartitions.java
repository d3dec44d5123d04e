package dev.sluice.job;

import dev.sluice.kafka.Partitions;
import dev.sluice.ledger.Partition;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.enumerator.SplitAndAssignmentStatus;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where partitions begin that a snapshot does not know.
 *
 * <p>A partition that was added to a topic of the job's is read from offset 0: each of its records
 * is an input of the job, and nothing has answered one. Where retention has deleted the first of
 * them the restore is refused for good. By default the connector would begin at whatever is left,
 * without a warning.
 *
 * <p>A topic that the job has not read before is another matter, as at a first start: it begins
 * where its log begins now, because what was deleted from it never was an input of this job.
 */
final class NewPartitions {

  private static final Logger LOG = LoggerFactory.getLogger(NewPartitions.class);

  private static final int NAMED = 10;

  private final Set<Partition> known = new HashSet<>();
  private final Set<String> topics = new HashSet<>();
  private final Map<Partition, Long> begins = new TreeMap<>();

  private NewPartitions() {}

  /** Everything that the snapshot does not contain. */
  static NewPartitions since(KafkaSourceEnumState snapshot) {
    NewPartitions added = new NewPartitions();
    for (SplitAndAssignmentStatus split : snapshot.splits()) {
      Partition partition = Partitions.of(split.split().getTopicPartition());
      added.known.add(partition);
      added.topics.add(partition.topic());
    }
    return added;
  }

  /**
   * Decides where new partitions begin.
   *
   * @param beginnings the first offset of each partition that is not deleted
   * @throws SuppressRestartsException if inputs of one are deleted
   */
  void judge(SortedMap<Partition, Long> beginnings) {
    List<String> deleted = new ArrayList<>();
    beginnings.forEach(
        (partition, begin) -> {
          if (known.contains(partition)) {
            return;
          }
          boolean newTopic = !topics.contains(partition.topic());
          if (begin > 0 && !newTopic) {
            deleted.add("%s begins at offset %s".formatted(partition, begin));
          } else {
            LOG.info("Partition {} is new and is read from offset {}", partition, begin);
            begins.put(partition, begin);
          }
        });
    if (!deleted.isEmpty()) {
      throw new SuppressRestartsException(
          new IllegalStateException(
              "partitions were added to the input topics since the snapshot was taken, and their first records are"
                  + " deleted (retention), which nothing has answered: %s. The restore is refused."
                      .formatted(named(deleted))
                  + " They are lost; to continue without them start once with"
                  + " --sluice.source.skip-deleted-inputs true"));
    }
  }

  private static String named(List<String> all) {
    String first = String.join(", ", all.subList(0, Math.min(NAMED, all.size())));
    return all.size() > NAMED ? first + " and %s more".formatted(all.size() - NAMED) : first;
  }

  /**
   * A split as it is given to a reader. The connector marks new ones as "from the earliest", which
   * the reader would only resolve when it reads the partition, and again after every restore until
   * it has read a record; an offset, once deleted, stops it.
   */
  KafkaPartitionSplit pinned(KafkaPartitionSplit split) {
    Partition partition = Partitions.of(split.getTopicPartition());
    if (known.contains(partition)
        || split.getStartingOffset() != KafkaPartitionSplit.EARLIEST_OFFSET) {
      return split;
    }
    return new KafkaPartitionSplit(
        split.getTopicPartition(),
        begins.getOrDefault(partition, 0L),
        split.getStoppingOffset().orElse(KafkaPartitionSplit.NO_STOPPING_OFFSET));
  }
}
