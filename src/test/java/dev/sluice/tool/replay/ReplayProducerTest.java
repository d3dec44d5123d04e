package dev.sluice.tool.replay;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a replay says when its transaction can't be written. Before transaction.version 2 the
 * brokers inform a fenced producer when they refuse a record; if its next request to the
 * coordinator is queued at that moment, Kafka's client never answers it, and all that its caller
 * gets is a timeout.
 */
class ReplayProducerTest {

  private final ConsumerGroupMetadata group = new MockConsumer<>("earliest").groupMetadata();
  private final MockProducer<byte[], byte[]> producer =
      new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final ReplayProducer feed = new ReplayProducer(producer, group);

  @BeforeEach
  void init() {
    producer.initTransactions();
    producer.sendOffsetsToTransactionException =
        new TimeoutException("Timeout expired after 60000ms while awaiting AddOffsetsToTxn");
  }

  @Test
  void aRecordRefusedForItsEpochIsATakeover() throws Exception {
    feed.send(record());
    producer.errorNext(new InvalidProducerEpochException("another epoch"));
    assertThatThrownBy(() -> feed.commit(Map.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("another replay has taken over from this one")
        .hasMessageContaining(group.groupId());
  }

  @Test
  void aRecordRefusedForAFenceIsATakeover() throws Exception {
    feed.send(record());
    producer.errorNext(new ProducerFencedException("fenced"));
    assertThatThrownBy(() -> feed.commit(Map.of()))
        .hasMessageContaining("another replay has taken over from this one");
  }

  @Test
  void anotherRefusedRecordIsNamed() throws Exception {
    feed.send(record());
    producer.errorNext(new RecordTooLargeException("17 MiB"));
    assertThatThrownBy(() -> feed.commit(Map.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("can't be written: 17 MiB");
  }

  @Test
  void brokersThatAreAwayAreNoTakeover() throws Exception {
    feed.send(record());
    assertThatThrownBy(() -> feed.commit(Map.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Timeout expired after 60000ms")
        .hasMessageNotContaining("another replay");
  }

  private static ProducerRecord<byte[], byte[]> record() {
    return new ProducerRecord<>("events", new byte[1]);
  }
}
