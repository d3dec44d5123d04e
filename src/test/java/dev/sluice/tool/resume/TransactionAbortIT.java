package dev.sluice.tool.resume;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.Eventually;
import dev.sluice.support.cluster.CommandResult;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.Topics;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.broker.LiveTransaction;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sluice transactions abort} of real brokers' transactions. */
class TransactionAbortIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final int ORPHANS_TIMEOUT_MS = 600_000;

  @TempDir Path journal;

  private final LocalCluster cluster = LocalCluster.shared();

  @Test
  void readersGoOnBehindAnOrphanAndItsProducerIsFenced() throws Exception {
    String topic = "abort-orphan";
    Topics.create(cluster, Map.of(topic, 1));
    try (KafkaProducer<byte[], byte[]> orphan = begin("abort-orphan-0-1", topic, "orphaned");
        KafkaProducer<byte[], byte[]> other = begin("behind-0-1", topic, "behind");
        KafkaConsumer<String, String> reader = reader(topic)) {
      other.commitTransaction();
      assertThat(read(reader)).as("held back").isEmpty();

      JsonNode would = abort(0, "abort-orphan", "abort-orphan-0-1", "--dry-run");
      assertThat(would.at("/transactions/0/outcome").asText()).isEqualTo("abortable");
      JsonNode partition = would.at("/transactions/0/partitions/0");
      assertThat(partition.path("partition").asText()).isEqualTo(topic + "/0");
      assertThat(partition.path("lastStableOffset").asLong(-1)).isZero();
      assertThat(partition.path("behind").asLong()).as("two records and a marker").isEqualTo(3);
      assertThat(read(reader)).as("a dry run touches nothing").isEmpty();
      assertThat(live("abort-orphan")).hasSize(1);

      JsonNode done = abort(0, "abort-orphan", "abort-orphan-0-1", "--yes");
      assertThat(done.at("/transactions/0/outcome").asText()).isEqualTo("aborted");
      assertThat(done.at("/transactions/0/text").asText()).contains(topic + "/0 can be read up to");
      List<String> seen = new ArrayList<>();
      Eventually.until("what lies behind is read", LIMIT, () -> seen.addAll(read(reader)));
      assertThat(seen).containsExactly("behind");
      assertThat(endOf(orphan)).as("its producer can't commit it any more").isNotEmpty();

      JsonNode again = abort(0, "abort-orphan", "abort-orphan-0-1", "--yes");
      assertThat(again.at("/transactions/0/outcome").asText()).isEqualTo("ended");
    }
  }

  @Test
  void oneThatAReceiptNamesIsLeft() throws Exception {
    String topic = "abort-named";
    Topics.create(cluster, Map.of(topic, 1));
    try (KafkaProducer<byte[], byte[]> named = begin("abort-named-0-1", topic, "answered")) {
      LiveTransaction open = live("abort-named").get(0);
      Path receipt = receipt(open);
      JsonNode json = abort(1, "abort-named", "abort-named-0-1", "--yes");
      assertThat(json.at("/transactions/0/codes/0/code").asText()).isEqualTo("SLU-ABORT-NAMED");
      assertThat(json.at("/transactions/0/resume").asText()).isEqualTo(receipt.toString());
      assertThat(live("abort-named")).singleElement().matches(open::isSame);
      named.commitTransaction();
    }
  }

  @Test
  void oneOfAProducerThatMovesIsLeft() throws Exception {
    String topic = "abort-moves";
    Topics.create(cluster, Map.of(topic, 1));
    AtomicBoolean over = new AtomicBoolean();
    try (KafkaProducer<byte[], byte[]> mover = begin("abort-moves-0-1", topic, "first")) {
      CompletableFuture<Integer> commits =
          CompletableFuture.supplyAsync(() -> move(mover, topic, over));
      JsonNode json;
      try {
        json = abort(1, "abort-moves", "abort-moves-0-1", "--yes");
      } finally {
        over.set(true);
      }
      assertThat(json.at("/transactions/0/codes/0/code").asText()).isEqualTo("SLU-ABORT-WRITES");
      assertThat(commits.get()).as("commits, of which none failed").isPositive();
    }
  }

  /** A record and a new transaction now and then, as a job's checkpoints make them. */
  private static int move(
      KafkaProducer<byte[], byte[]> producer, String topic, AtomicBoolean over) {
    int commits = 0;
    long next = System.nanoTime();
    while (!over.get()) {
      if (System.nanoTime() - next >= 0) {
        next = System.nanoTime() + Duration.ofSeconds(1).toNanos();
        producer.commitTransaction();
        commits++;
        producer.beginTransaction();
        var unused = producer.send(new ProducerRecord<>(topic, "more".getBytes(UTF_8)));
        producer.flush();
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    producer.commitTransaction();
    return commits + 1;
  }

  private JsonNode abort(int code, String prefix, String id, String flag) throws IOException {
    CommandResult result =
        cluster.sluice(
            "transactions",
            "abort",
            "--prefix",
            prefix,
            "--id",
            id,
            flag,
            "--watch",
            "4s",
            "--journal",
            journal.toString(),
            "-o",
            "json");
    assertThat(result.exitCode()).as("%s", result).isEqualTo(code);
    return result.json();
  }

  /** Why a producer can't commit; empty if it could. */
  private static String endOf(KafkaProducer<byte[], byte[]> producer) {
    try {
      producer.commitTransaction();
      return "";
    } catch (KafkaException fenced) {
      return fenced.toString();
    }
  }

  private List<LiveTransaction> live(String prefix) throws Exception {
    try (Brokers brokers = new Brokers(cluster.kafkaClient(), PATIENCE)) {
      return brokers.live(prefix);
    }
  }

  private static List<String> read(KafkaConsumer<String, String> reader) {
    List<String> values = new ArrayList<>();
    reader.poll(Duration.ofSeconds(1)).forEach(record -> values.add(record.value()));
    return values;
  }

  private KafkaConsumer<String, String> reader(String topic) {
    Properties properties = cluster.kafkaClient();
    properties.put("isolation.level", "read_committed");
    KafkaConsumer<String, String> reader =
        new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
    TopicPartition partition = new TopicPartition(topic, 0);
    reader.assign(List.of(partition));
    reader.seekToBeginning(List.of(partition));
    return reader;
  }

  private KafkaProducer<byte[], byte[]> begin(String id, String topic, String value)
      throws Exception {
    Properties properties = cluster.kafkaClient();
    properties.put("transactional.id", id);
    properties.put("transaction.timeout.ms", ORPHANS_TIMEOUT_MS);
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    producer.initTransactions();
    producer.beginTransaction();
    producer.send(new ProducerRecord<>(topic, value.getBytes(UTF_8))).get();
    return producer;
  }

  private Path receipt(LiveTransaction names) throws IOException {
    Path file = journal.resolve("receipt-named.json");
    Instant now = Instant.now();
    ReceiptFile.write(
        file,
        new Receipt(
            Receipt.VERSION,
            "sluice",
            StopResult.Kind.PROVED,
            now,
            now,
            new Receipt.Job(
                "0".repeat(32), "named", "2.2.1", "1", 1, new TreeMap<>(), "", new TreeMap<>(), ""),
            new Receipt.Snapshot("file:/s", "savepoint", 1, "canonical", false, 0, List.of()),
            new TreeMap<>(),
            List.of(
                new Receipt.Transaction(
                    names.transactionalId(), names.producerId(), names.epoch(), "open")),
            null,
            List.of(),
            List.of(),
            List.of(),
            new Receipt.Resume("sluice resume x", "flink run x"),
            List.of(),
            false,
            List.of()),
        ReceiptKeys.NONE);
    return file;
  }
}
