package dev.sluice.fence;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.codec.Headers;
import dev.sluice.event.Origin;
import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.OpenInterval;
import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import dev.sluice.support.Eventually;
import dev.sluice.support.cluster.LocalCluster;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** What the fence reads of a real broker, with transactions of every kind in its way. */
class OutputReadingIT {

  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final String broker = LocalCluster.shared().bootstrapServers();
  private String topic = "";

  @BeforeEach
  void createTopic(TestInfo test) throws Exception {
    topic = "reading-" + test.getTestMethod().orElseThrow().getName();
    try (Admin admin = admin()) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    }
    try (OutputOffsets log = new OutputOffsets(settings(broker))) {
      // A producer that writes before the log is there may never be heard.
      Eventually.until("a log of " + topic, Duration.ofSeconds(30), () -> log.ends().size() == 1);
    }
  }

  @Test
  void readsTheOriginsOfWhatIsCommittedAndNothingElse() throws Exception {
    try (KafkaProducer<byte[], byte[]> one = producer("other-one")) {
      answer(one, 0, 100, true);
      answer(one, 100, 150, false);
      answer(one, 200, 210, true);
    }
    try (OutputOffsets log = new OutputOffsets(settings(broker))) {
      OriginSet expected = new OriginSet();
      expected.addRange("events", 0, 0, 99);
      expected.addRange("events", 0, 200, 209);
      assertThat(read(log)).isEqualTo(expected);
    }
  }

  @Test
  void waitsForAnOpenTransactionAndCountsHowItEnds() throws Exception {
    try (KafkaProducer<byte[], byte[]> one = producer("other-two");
        OutputOffsets log = new OutputOffsets(settings(broker))) {
      begin(one, 0, 10);
      CompletableFuture<Void> later =
          CompletableFuture.runAsync(
              one::commitTransaction, CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS));
      assertThat(read(log).size()).isEqualTo(10);
      later.get();
    }
  }

  @Test
  void namesATransactionOfSomebodyElseThatDoesNotEnd() throws Exception {
    try (KafkaProducer<byte[], byte[]> wedged = producer("somebody-else");
        OutputOffsets log = new OutputOffsets(settings(broker))) {
      begin(wedged, 0, 10);
      log.transactions().abortOurs();
      assertThatThrownBy(() -> read(log))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("has waited 3 s")
          .hasMessageContaining(topic + "-0=0 of 10")
          .hasMessageContaining("transaction (somebody-else)")
          .hasMessageContaining("open in " + topic + "/0 from offset 0");
      wedged.abortTransaction();
      assertThat(read(log).isEmpty()).isTrue();
    }
  }

  @Test
  void abortsWhatEarlierAttemptsLeftOpen() throws Exception {
    try (KafkaProducer<byte[], byte[]> lost = producer("sluice-3-17");
        OutputOffsets log = new OutputOffsets(settings(broker))) {
      begin(lost, 0, 10);
      assertThat(log.await(log.stableEnds())).containsEntry(new Partition(topic, 0), 0L);
      log.transactions().abortOurs();
      assertThat(read(log).isEmpty()).isTrue();
      assertThat(log.await(log.stableEnds())).isEqualTo(log.ends());
      assertThatThrownBy(lost::commitTransaction).isInstanceOf(RuntimeException.class);
    }
  }

  @Test
  void knowsPartitionsThatAreNewAndRecordsThatAreDeleted() throws Exception {
    try (KafkaProducer<byte[], byte[]> one = producer("other-three");
        Admin admin = admin();
        OutputOffsets log = new OutputOffsets(settings(broker))) {
      answer(one, 0, 20, true);
      admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(2))).all().get();
      admin
          .deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(5)))
          .all()
          .get();
      SortedMap<Partition, Long> ends = log.ends();
      assertThat(ends).containsEntry(new Partition(topic, 1), 0L);
      OutputRange range = OutputRange.share(0, 1, note(), log.beginnings(), ends);
      assertThat(range.problems()).singleElement().asString().contains("below 5 are deleted");
    }
  }

  @Test
  void findsTheFirstAnswerAmongRecordsWithoutAnOrigin() throws Exception {
    try (KafkaProducer<byte[], byte[]> one = producer("other-four")) {
      one.beginTransaction();
      one.send(new ProducerRecord<>(topic, "no answer".getBytes(UTF_8))).get();
      one.commitTransaction();
      ExistingAnswers.refuse(settings(broker));
      answer(one, 7, 8, true);
    }
    assertThatThrownBy(() -> ExistingAnswers.refuse(settings(broker)))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining(topic + "/0 holds the answer to events/0/7");
  }

  @Test
  void foresightTellsWhatTheFenceWouldFindAndEndsNoTransaction() throws Exception {
    OpenInterval lately = new OpenInterval(1, range(90, 99));
    try (KafkaProducer<byte[], byte[]> one = producer("sluice-0-1");
        KafkaProducer<byte[], byte[]> two = producer("sluice-0-2");
        OutputOffsets log = new OutputOffsets(settings(broker))) {
      answer(one, 0, 95, true);
      begin(two, 95, 120);
      RestorePreview.Result open = foresee(lately);
      assertThat(open.verdict().allMissing()).isEqualTo(range(95, 99));
      assertThat(open.isUndecided()).isTrue();
      assertThat(open.heldBack().get(new Partition(topic, 0))).contains("transaction (sluice-0-2)");

      two.commitTransaction();
      Eventually.until(
          "the commit", PATIENCE, () -> log.await(log.stableEnds()).equals(log.ends()));
      RestorePreview.Result whole = foresee(lately);
      assertThat(whole.isClean()).isTrue();
      assertThat(whole.suppressedAnswers()).isEqualTo(20);
      assertThat(whole.heldBack()).isEmpty();
    }
  }

  private RestorePreview.Result foresee(OpenInterval open) throws Exception {
    FenceNote note =
        new FenceNote("0".repeat(32), 1, 0, true, new TreeMap<>(), open.answered().highest());
    return RestorePreview.of(settings(broker), note, List.of(open), new OriginSet());
  }

  private static OriginSet range(long first, long last) {
    OriginSet set = new OriginSet();
    set.addRange("events", 0, first, last);
    return set;
  }

  @Test
  void aBrokerThatIsAwayIsToldInTime() throws Exception {
    String nobody;
    try (ServerSocket free = new ServerSocket(0)) {
      nobody = "127.0.0.1:" + free.getLocalPort();
    }
    try (OutputOffsets log = new OutputOffsets(settings(nobody))) {
      assertThatThrownBy(log::ends)
          .isInstanceOf(IOException.class)
          .hasMessageContaining(topic)
          .hasMessageContaining("within 3 s");
    }
  }

  private OriginSet read(OutputOffsets log) throws Exception {
    CommittedOrigins origins =
        new CommittedOrigins(settings(broker), log.transactions(), origin -> true);
    return origins.read(new TreeMap<>(), log.ends()).origins();
  }

  private void answer(KafkaProducer<byte[], byte[]> producer, int from, int to, boolean commit) {
    begin(producer, from, to);
    if (commit) {
      producer.commitTransaction();
    } else {
      producer.abortTransaction();
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // flush and the transaction report it
  private void begin(KafkaProducer<byte[], byte[]> producer, int from, int to) {
    producer.beginTransaction();
    for (int offset = from; offset < to; offset++) {
      ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, 0, null, new byte[] {1});
      record.headers().add(Headers.ORIGIN, Headers.originBytes(new Origin("events", 0, offset)));
      producer.send(record);
    }
    producer.flush();
  }

  private KafkaProducer<byte[], byte[]> producer(String transactionalId) {
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker, "transactional.id", transactionalId),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    producer.initTransactions();
    return producer;
  }

  private FenceSettings settings(String bootstrapServers) {
    Properties client = new Properties();
    client.put("bootstrap.servers", bootstrapServers);
    return new FenceSettings(
        FenceMode.SUPPRESS,
        true,
        false,
        PATIENCE,
        "sluice",
        "",
        new FenceSettings.Topics(new String[] {topic}, "log", new String[0]),
        client);
  }

  private Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", broker));
  }

  private static FenceNote note() {
    return new FenceNote("0".repeat(32), 1, 0, true, new TreeMap<>(), new TreeMap<>());
  }
}
