package dev.sluice.tool.replay;

import dev.sluice.tool.broker.LimitedClients;
import dev.sluice.tool.refusal.RefusalCode;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes records in transactions. Opening one aborts what an earlier run of the same name left open
 * and keeps that from ever writing again. Used by one thread.
 */
final class ReplayProducer implements AutoCloseable {

  /** What a killed run leaves open holds back readers of the input no longer than this. */
  private static final Duration TRANSACTION = Duration.ofSeconds(60);

  private static final int MAX_REQUEST = 16 << 20;

  private final Producer<byte[], byte[]> producer;
  private final ConsumerGroupMetadata group;
  private boolean open;

  /** The first record that the brokers have refused; set by the producer's thread. */
  private volatile @Nullable Exception refused;

  ReplayProducer(Producer<byte[], byte[]> producer, ConsumerGroupMetadata group) {
    this.producer = producer;
    this.group = group;
  }

  /**
   * Takes over from any other run.
   *
   * @param name the transactional id, and the consumer group
   * @throws IOException if the brokers don't let it
   */
  static ReplayProducer open(Properties client, String name, Duration patience) throws IOException {
    Properties properties = new Properties();
    properties.putAll(client);
    properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, name);
    properties.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, "" + TRANSACTION.toMillis());
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, "" + patience.toMillis());
    properties.putIfAbsent(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, "" + MAX_REQUEST);
    try {
      ReplayProducer feed =
          new ReplayProducer(
              LimitedClients.make(
                  () ->
                      new KafkaProducer<>(
                          properties, new ByteArraySerializer(), new ByteArraySerializer()),
                  patience),
              group(client, name, patience));
      try {
        feed.producer.initTransactions();
        return feed;
      } catch (KafkaException e) {
        feed.close();
        throw e;
      }
    } catch (KafkaException e) {
      throw failure(e, name);
    }
  }

  /** A group without members, which only consumers can make. */
  private static ConsumerGroupMetadata group(Properties client, String name, Duration patience) {
    Properties properties = new Properties();
    properties.putAll(client);
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, name);
    try (KafkaConsumer<byte[], byte[]> consumer =
        LimitedClients.make(
            () ->
                new KafkaConsumer<>(
                    properties, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
            patience)) {
      return consumer.groupMetadata();
    }
  }

  /** Adds a record to the transaction that is open; opens one if none is. */
  @SuppressWarnings("FutureReturnValueIgnored") // The callback is called for every record.
  void send(ProducerRecord<byte[], byte[]> record) throws IOException {
    try {
      if (!open) {
        producer.beginTransaction();
        open = true;
      }
      producer.send(record, (sent, e) -> keepFirst(e));
    } catch (KafkaException e) {
      throw failure(e, group.groupId());
    }
  }

  private void keepFirst(@Nullable Exception e) {
    if (refused == null && e != null) {
      refused = e;
    }
  }

  /**
   * Commits what was sent together with the group's offsets; nothing need have been sent.
   *
   * <p>Waits for the records first: a request to the coordinator that is queued while the producer
   * fails for good, because a record was refused for its epoch, is never answered by the client,
   * and times out with a message that says nothing of the fence.
   */
  void commit(Map<TopicPartition, OffsetAndMetadata> offsets) throws IOException {
    try {
      if (!open) {
        producer.beginTransaction();
        open = true;
      }
      producer.flush();
      Exception first = refused;
      if (first != null) {
        throw new KafkaException(first.getMessage(), first);
      }
      producer.sendOffsetsToTransaction(offsets, group);
      producer.commitTransaction();
      open = false;
    } catch (KafkaException e) {
      throw failure(e, group.groupId());
    }
  }

  private static IOException failure(KafkaException e, String name) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof ProducerFencedException
          || cause instanceof InvalidProducerEpochException) {
        return new IOException(
            RefusalCode.REPLAY_TAKEN_OVER.in(
                ("another replay has taken over from this one (transactional id %s): it continues where this one's "
                        + "last transaction ended, and nothing is replayed twice")
                    .formatted(name)),
            e);
      }
    }
    return new IOException(
        "what was to be replayed can't be written: %s. Whatever was committed stays replayed; run it again to continue"
            .formatted(e.getMessage()),
        e);
  }

  @Override
  public void close() {
    try {
      if (open) {
        producer.abortTransaction();
      }
    } catch (KafkaException fencedOrGone) {
      // The producer that has taken over has aborted it; a broker that is down does so in time.
      open = false;
    }
    producer.close(Duration.ofSeconds(1));
  }
}
