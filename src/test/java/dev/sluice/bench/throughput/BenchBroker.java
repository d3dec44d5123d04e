package dev.sluice.bench.throughput;

import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.traffic.TrafficRun;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** The broker that all contenders use, in a process of its own, and its topics. */
final class BenchBroker implements AutoCloseable {

  /** Partitions of each topic, and workers of each contender. */
  static final int PARTITIONS = 2;

  private static final int PORT_OFFSET = 900;

  private final LocalCluster cluster;
  private final Admin admin;

  /**
   * Starts it, empty.
   *
   * @param directory for its files; what is in it is deleted
   */
  BenchBroker(Path directory) throws InterruptedException {
    cluster =
        LocalCluster.startEmpty(
            directory, LocalCluster.firstTestOffset() + PORT_OFFSET, 1, PARTITIONS);
    // The contenders bring a Flink of their own; an idle one would only take memory.
    cluster.kill("taskmanager-1");
    cluster.kill("jobmanager");
    admin = Admin.create(cluster.kafkaClient());
  }

  /** For a Kafka client. */
  String bootstrapServers() {
    return cluster.bootstrapServers();
  }

  /** Of its process. */
  long processId() {
    return cluster.processIds().get(0);
  }

  /** Makes the topics of a run; the events' may be there already. */
  JobTopics create(String events, String run) throws ExecutionException, InterruptedException {
    return JobTopics.reading(events, run).create(bootstrapServers(), PARTITIONS);
  }

  /** Sends all events; returns how many observations and outcomes these were. */
  @SuppressWarnings("FutureReturnValueIgnored") // the callback keeps what fails
  long fill(String topic, BenchStream stream) {
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    long sent = 0;
    try (KafkaProducer<byte[], byte[]> producer = TrafficRun.producer(bootstrapServers())) {
      while (stream.hasNext() && failure.get() == null) {
        BenchStream.Item item = stream.next();
        producer.send(
            new ProducerRecord<>(topic, null, item.timeMs(), item.key(), item.value()),
            (metadata, e) -> failure.compareAndSet(null, e));
        sent++;
      }
    }
    Exception failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("the input can't be written to " + topic, failed);
    }
    return sent;
  }

  /** The sum of the ends of all partitions of these topics, markers of transactions included. */
  long ends(List<String> topics, IsolationLevel isolation)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    partitions(topics).forEach(partition -> latest.put(partition, OffsetSpec.latest()));
    return admin
        .listOffsets(latest, new ListOffsetsOptions(isolation))
        .all()
        .get()
        .values()
        .stream()
        .mapToLong(end -> end.offset())
        .sum();
  }

  /** The end of one partition. */
  long end(TopicPartition partition) throws ExecutionException, InterruptedException {
    return admin
        .listOffsets(Map.of(partition, OffsetSpec.latest()))
        .partitionResult(partition)
        .get()
        .offset();
  }

  /** All partitions of these topics. */
  static List<TopicPartition> partitions(Collection<String> topics) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : topics) {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        partitions.add(new TopicPartition(topic, partition));
      }
    }
    return partitions;
  }

  /** Deletes the topics of a run, and whatever else has its name: changelogs. */
  void deleteTopics(String run) throws ExecutionException, InterruptedException {
    List<String> own =
        admin.listTopics().names().get().stream().filter(name -> name.startsWith(run)).toList();
    admin.deleteTopics(own).all().get();
  }

  @Override
  public void close() {
    admin.close();
    cluster.close();
  }
}
