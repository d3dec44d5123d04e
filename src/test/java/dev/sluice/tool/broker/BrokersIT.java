package dev.sluice.tool.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.ledger.Partition;
import dev.sluice.ledger.PendingTransaction;
import dev.sluice.support.Eventually;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.Topics;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** What real brokers say, with transactions that end in every way. */
class BrokersIT {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final LocalCluster cluster = LocalCluster.shared();

  @Test
  @SuppressWarnings("try") // Some producers only hold their transactions open.
  void everyFateIsTold() throws Exception {
    String topic = "fates";
    Topics.create(cluster, Map.of(topic, 1));
    Instant before = Instant.now().minusMillis(1);
    try (Brokers brokers = brokers();
        KafkaProducer<byte[], byte[]> slow = begin("fates-0-1", topic, 1_000);
        KafkaProducer<byte[], byte[]> committing = begin("fates-0-2", topic, 60_000);
        KafkaProducer<byte[], byte[]> aborting = begin("fates-0-3", topic, 60_000);
        KafkaProducer<byte[], byte[]> fenced = begin("fates-0-4", topic, 60_000);
        KafkaProducer<byte[], byte[]> foreign = begin("fates-4", topic, 60_000)) {
      PendingTransaction timedOut = pending("fates-0-1");
      PendingTransaction committed = pending("fates-0-2");
      PendingTransaction aborted = pending("fates-0-3");
      PendingTransaction takenOver = pending("fates-0-4");
      PendingTransaction unknown = new PendingTransaction("fates-0-5", 1, 0);
      assertThat(brokers.fates(List.of(committed, unknown)))
          .containsExactly(Map.entry(committed, Fate.OPEN), Map.entry(unknown, Fate.EXPIRED));
      assertThat(brokers.open("fates"))
          .extracting(Brokers.OpenTransaction::transactionalId)
          .contains("fates-0-2", "fates-0-3", "fates-0-4")
          .doesNotContain("fates-4");
      assertThat(brokers.openSince("fates"))
          .hasSize(brokers.open("fates").size())
          .allSatisfy(begun -> assertThat(begun).isBetween(before, Instant.now()));
      assertHeldBack(brokers, topic);

      LiveTransaction first = live(brokers, "fates-0-2");
      assertThat(first.partitions()).containsExactly(new Partition(topic, 0));
      assertThat(live(brokers, "fates-0-2")).matches(first::isSame, "the same, read again");
      committing.commitTransaction();
      aborting.abortTransaction();
      foreign.abortTransaction();
      awaitFate(brokers, committed, Fate.COMMITTED);
      awaitFate(brokers, aborted, Fate.ABORTED);
      try (KafkaProducer<byte[], byte[]> thief = producer("fates-0-4", 60_000)) {
        awaitFate(brokers, takenOver, Fate.FENCED);
        commitOne(thief, topic);
        assertThat(brokers.fates(List.of(takenOver))).containsEntry(takenOver, Fate.FENCED);
      }
      // The same name commits once more. The brokers no longer report the first, except those
      // that leave the epoch as it was: there, both are committed.
      commitOne(committing, topic);
      Eventually.until("the second commit", LIMIT, () -> brokers.open("fates").isEmpty());
      assertThat(brokers.fates(List.of(committed)))
          .containsEntry(committed, epochRisesWithEachEnd() ? Fate.FENCED : Fate.COMMITTED);
      PendingTransaction foreigner = new PendingTransaction("fates-0-2", 1L << 40, 0);
      assertThat(brokers.fates(List.of(foreigner))).containsEntry(foreigner, Fate.EXPIRED);
      committing.beginTransaction();
      committing.send(new ProducerRecord<>(topic, new byte[1])).get();
      assertThat(live(brokers, "fates-0-2")).matches(one -> !one.isSame(first), "another one");
      committing.abortTransaction();
      Eventually.until("the abort", LIMIT, () -> brokers.open("fates").isEmpty());
      awaitFate(brokers, timedOut, Fate.ABORTED);
      assertThat(brokers.stableEnds(List.of(topic))).isEqualTo(brokers.ends(List.of(topic)));
      assertThat(brokers.holdingBack(List.of(new Partition(topic, 0)))).isEmpty();
    }
  }

  /** Whether the brokers' transaction.version is 2 or higher. */
  private boolean epochRisesWithEachEnd() throws Exception {
    try (Admin admin = Admin.create(cluster.kafkaClient())) {
      FinalizedVersionRange version =
          admin
              .describeFeatures()
              .featureMetadata()
              .get()
              .finalizedFeatures()
              .get("transaction.version");
      return version != null && version.maxVersionLevel() >= 2;
    }
  }

  private static LiveTransaction live(Brokers brokers, String id) throws Exception {
    return brokers.live("fates").stream()
        .filter(one -> one.transactionalId().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private static void assertHeldBack(Brokers brokers, String topic) throws Exception {
    Partition partition = new Partition(topic, 0);
    assertThat(brokers.beginnings(List.of(topic))).containsEntry(partition, 0L);
    assertThat(brokers.stableEnds(List.of(topic))).containsEntry(partition, 0L);
    assertThat(brokers.ends(List.of(topic)).get(partition)).isPositive();
    assertThat(String.join("\n", brokers.holdingBack(List.of(partition))))
        .contains("transaction (fates-0-2)")
        .contains("open in fates/0 from offset ");
  }

  @Test
  void groupsAndLimitsAreTold() throws Exception {
    String topic = "group-offsets";
    Topics.create(cluster, Map.of(topic, 2));
    try (Brokers brokers = brokers();
        Admin admin = Admin.create(cluster.kafkaClient())) {
      brokers.ping();
      admin
          .alterConsumerGroupOffsets(
              "reader", Map.of(new TopicPartition(topic, 1), new OffsetAndMetadata(42)))
          .all()
          .get();
      assertThat(brokers.committedOffsets("reader"))
          .isEqualTo(Map.of(new Partition(topic, 1), 42L));
      assertThat(brokers.committedOffsets("never-heard-of")).isEmpty();
      assertThat(brokers.since(List.of(topic), 0)).containsEntry(new Partition(topic, 0), -1L);
    }
  }

  @Test
  void behindAMarkerNothingWaits() throws Exception {
    String topic = "waiting";
    Topics.create(cluster, Map.of(topic, 1));
    Partition partition = new Partition(topic, 0);
    try (Brokers brokers = brokers();
        KafkaProducer<byte[], byte[]> producer = producer("waiting-0-1", 60_000)) {
      commitOne(producer, topic); // 0, and a marker at 1
      commitOne(producer, topic); // 2, and a marker at 3
      Eventually.until(
          "both are committed",
          LIMIT,
          () -> brokers.stableEnds(List.of(topic)).equals(Map.of(partition, 4L)));
      assertThat(brokers.waiting(new TreeMap<>(Map.of(partition, 3L)))).isEqualTo(Waiting.NONE);
      assertThat(brokers.waiting(new TreeMap<>(Map.of(partition, 1L))).records()).isOne();
      assertThat(brokers.waiting(new TreeMap<>(Map.of(partition, 0L))).records()).isEqualTo(2);
    }
  }

  @Test
  void failuresNameServersQuestionCauseAndWayOut() throws Exception {
    Properties nobody = new Properties();
    try (ServerSocket free = new ServerSocket(0)) {
      nobody.put("bootstrap.servers", "127.0.0.1:" + free.getLocalPort());
    }
    nobody.put("sasl.jaas.config", "secret");
    try (Brokers brokers = new Brokers(nobody, Duration.ofSeconds(2));
        Brokers there = brokers()) {
      assertThatThrownBy(brokers::ping)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("the brokers at " + nobody.getProperty("bootstrap.servers"))
          .hasMessageContaining("whether they are there")
          .hasMessageContaining("no answer within 2.0 s")
          .hasMessageContaining("check that they run there")
          .hasMessageNotContaining("secret");
      assertThat(brokers.holdingBack(List.of(new Partition("t", 0))))
          .singleElement()
          .asString()
          .contains("no answer within");
      assertThatThrownBy(() -> there.ends(List.of("no-such-topic")))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("where [no-such-topic] end")
          .hasMessageContaining("create the topic");
    }
    nobody.put("bootstrap.servers", "no such host:1");
    assertThatThrownBy(() -> new Brokers(nobody, PATIENCE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no such host");
  }

  private static void awaitFate(Brokers brokers, PendingTransaction pending, Fate fate) {
    Eventually.until(
        pending + " is " + fate, LIMIT, () -> brokers.fates(List.of(pending)).get(pending) == fate);
  }

  private PendingTransaction pending(String transactionalId) throws Exception {
    try (Admin admin = Admin.create(cluster.kafkaClient())) {
      TransactionDescription found =
          admin.describeTransactions(List.of(transactionalId)).description(transactionalId).get();
      return new PendingTransaction(transactionalId, found.producerId(), found.producerEpoch());
    }
  }

  private static void commitOne(KafkaProducer<byte[], byte[]> producer, String topic)
      throws Exception {
    producer.beginTransaction();
    producer.send(new ProducerRecord<>(topic, "more".getBytes(UTF_8))).get();
    producer.commitTransaction();
  }

  private KafkaProducer<byte[], byte[]> begin(String transactionalId, String topic, int timeoutMs)
      throws Exception {
    KafkaProducer<byte[], byte[]> producer = producer(transactionalId, timeoutMs);
    producer.beginTransaction();
    producer.send(new ProducerRecord<>(topic, "one".getBytes(UTF_8))).get();
    return producer;
  }

  private KafkaProducer<byte[], byte[]> producer(String transactionalId, int timeoutMs) {
    Properties properties = cluster.kafkaClient();
    properties.put("transactional.id", transactionalId);
    properties.put("transaction.timeout.ms", timeoutMs);
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    producer.initTransactions();
    return producer;
  }

  private Brokers brokers() {
    return new Brokers(cluster.kafkaClient(), PATIENCE);
  }
}
