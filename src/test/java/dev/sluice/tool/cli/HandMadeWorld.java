package dev.sluice.tool.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.codec.Headers;
import dev.sluice.event.Origin;
import dev.sluice.ledger.Partition;
import dev.sluice.support.Eventually;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.tool.audit.AuditedJob;
import dev.sluice.tool.audit.Bounds;
import dev.sluice.tool.broker.Brokers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** The topics of a job that never ran: its inputs and answers are written by hand. */
final class HandMadeWorld implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final LocalCluster cluster;
  private final String name;
  private final JobTopics topics;
  private final KafkaProducer<byte[], byte[]> plain;
  private final KafkaProducer<byte[], byte[]> transactional;

  private HandMadeWorld(LocalCluster cluster, String name, JobTopics topics) {
    this.cluster = cluster;
    this.name = name;
    this.topics = topics;
    this.plain = producer(new Properties());
    this.transactional = producer(transactional(name + "-0-1"));
    transactional.initTransactions();
  }

  static HandMadeWorld create(LocalCluster cluster, String name, int partitions) throws Exception {
    return new HandMadeWorld(
        cluster, name, JobTopics.named(name).create(cluster.bootstrapServers(), partitions));
  }

  String events() {
    return topics.events();
  }

  String predictions() {
    return topics.predictions();
  }

  String evaluations() {
    return topics.evaluations();
  }

  String deferred() {
    return topics.deferred();
  }

  String deadLetters() {
    return topics.deadLetters();
  }

  /** The job, as the audit sees it. */
  AuditedJob job() {
    return job(true, false);
  }

  /** The same, begun at the beginning of its input, or later, with lookups or without. */
  AuditedJob job(boolean startAtEarliest, boolean looksUp) {
    return new AuditedJob(
        cluster.kafkaClient(),
        name,
        name,
        List.of(events()),
        startAtEarliest,
        topics.outputs(),
        deferred(),
        looksUp,
        null);
  }

  /** The job's settings, a line each. */
  List<String> line() {
    return List.of(
        "sluice.kafka.bootstrap-servers: " + cluster.bootstrapServers(),
        "sluice.kafka.group-id: " + name,
        "sluice.sink.transactional-id-prefix: " + name,
        "sluice.topics.events: " + events(),
        "sluice.topics.predictions: " + predictions(),
        "sluice.topics.evaluations: " + evaluations(),
        "sluice.topics.deferred: " + deferred(),
        "sluice.topics.dead-letters: " + deadLetters(),
        "sluice.topics.control: " + topics.control(),
        "sluice.topics.control-log: " + topics.controlLog());
  }

  Bounds runningBounds() throws Exception {
    try (Brokers brokers = brokers()) {
      return Bounds.ofRunning(job(), brokers);
    }
  }

  SortedMap<Partition, Long> ends() throws Exception {
    try (Brokers brokers = brokers()) {
      return brokers.ends(List.of(events()));
    }
  }

  /** Observations at these offsets. */
  HandMadeWorld observe(int partition, int from, int to) throws Exception {
    return input(plain, partition, from, to, "observation\",\"features\":{}");
  }

  /** Outcomes at these offsets. */
  HandMadeWorld report(int partition, int from, int to) throws Exception {
    return input(plain, partition, from, to, "outcome\",\"label\":\"late\"");
  }

  /** Inputs whose transaction is aborted, with the mark of its end behind them. */
  void abortedInput(int partition, int count) throws Exception {
    transactional.beginTransaction();
    input(transactional, partition, 0, count, "observation\",\"features\":{}");
    transactional.abortTransaction();
    try (Brokers brokers = brokers()) {
      Eventually.until(
          "the transaction's end is written",
          PATIENCE,
          () -> brokers.stableEnds(List.of(events())).equals(brokers.ends(List.of(events()))));
    }
  }

  private HandMadeWorld input(
      KafkaProducer<byte[], byte[]> producer, int partition, int from, int to, String rest)
      throws Exception {
    for (int i = from; i < to; i++) {
      String value = "{\"id\":\"%s\",\"key\":\"k\",\"time\":0,\"type\":\"%s}".formatted(i, rest);
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(events(), partition, "k".getBytes(UTF_8), value.getBytes(UTF_8));
      var sent = producer.send(record);
      if (i == to - 1) {
        sent.get();
      }
    }
    return this;
  }

  /** An observation that is fed back, at the end of a partition. */
  void replay(int partition, String deferred) throws Exception {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(events(), partition, "k".getBytes(UTF_8), "{}".getBytes(UTF_8));
    record.headers().add(Headers.REPLAY_OF, deferred.getBytes(UTF_8));
    plain.send(record).get();
  }

  /** Answers inputs {@code from} to {@code to} of a partition, in one transaction. */
  void answer(String topic, int outputPartition, int partition, int from, int to) {
    transactional.beginTransaction();
    send(transactional, topic, outputPartition, partition, from, to);
    transactional.commitTransaction();
  }

  void abortedAnswer(String topic, int outputPartition, int partition, int from, int to) {
    transactional.beginTransaction();
    send(transactional, topic, outputPartition, partition, from, to);
    transactional.abortTransaction();
  }

  /** Answers in a transaction that is open until it is closed, which aborts it. */
  AutoCloseable begin(String topic, int outputPartition, int partition, int from, int to) {
    KafkaProducer<byte[], byte[]> open = producer(transactional(name + "-0-7"));
    open.initTransactions();
    open.beginTransaction();
    send(open, topic, outputPartition, partition, from, to);
    return () -> {
      open.abortTransaction();
      open.close();
    };
  }

  @SuppressWarnings("FutureReturnValueIgnored") // flush and the transaction report it
  private void send(
      KafkaProducer<byte[], byte[]> producer,
      String topic,
      int outputPartition,
      int partition,
      int from,
      int to) {
    for (int offset = from; offset < to; offset++) {
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(topic, outputPartition, null, new byte[] {1});
      record
          .headers()
          .add(Headers.ORIGIN, Headers.originBytes(new Origin(events(), partition, offset)));
      producer.send(record);
    }
    producer.flush();
  }

  /** A record with any origin or none. */
  void foreign(String topic, int partition, @Nullable String origin) throws Exception {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, partition, null, new byte[] {1});
    if (origin != null) {
      record.headers().add(Headers.ORIGIN, origin.getBytes(UTF_8));
    }
    plain.send(record).get();
  }

  /** Reports offsets as the job's source does at a checkpoint. */
  void commitGroup(SortedMap<Partition, Long> offsets) throws Exception {
    Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
    offsets.forEach(
        (p, offset) ->
            committed.put(
                new TopicPartition(p.topic(), p.partition()), new OffsetAndMetadata(offset)));
    try (Admin admin = Admin.create(cluster.kafkaClient())) {
      admin.alterConsumerGroupOffsets(name, committed).all().get();
    }
  }

  /** Deletes the records below an offset. */
  void delete(String topic, int partition, long below) throws Exception {
    try (Admin admin = Admin.create(cluster.kafkaClient())) {
      admin
          .deleteRecords(
              Map.of(new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(below)))
          .all()
          .get();
    }
  }

  private Brokers brokers() {
    return new Brokers(cluster.kafkaClient(), PATIENCE);
  }

  private static Properties transactional(String id) {
    Properties properties = new Properties();
    properties.put("transactional.id", id);
    return properties;
  }

  private KafkaProducer<byte[], byte[]> producer(Properties more) {
    Properties properties = cluster.kafkaClient();
    properties.putAll(more);
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @Override
  public void close() {
    plain.close();
    transactional.close();
  }
}
