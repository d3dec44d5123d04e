package dev.sluice.tool.replay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.codec.Headers;
import dev.sluice.event.Origin;
import dev.sluice.support.Eventually;
import dev.sluice.support.cluster.Freezer;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.ToolProcess;
import dev.sluice.support.cluster.Topics;
import dev.sluice.tool.broker.CommittedTopic;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Replays on a real broker: killed, fenced, for one key, for all, and with their marks lost. */
class ReplayIT {

  private static final String EVENTS = "replay-events";
  private static final String DEFERRED = "replay-deferred";
  private static final String NAME = DEFERRED + "-replay";
  private static final int RECORDS = 20_000;
  private static final int KEYS = 40;
  private static final int PARTITIONS = 3;
  private static final int BATCH = 25;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final LocalCluster cluster = LocalCluster.shared();
  private final Map<String, List<String>> valuesOfKeys = new HashMap<>();

  /** What lies in the input: each deferred record's copies, and each key's values in order. */
  private static final class Found {
    final Map<Origin, Integer> copies = new HashMap<>();
    final Map<String, List<String>> valuesOfKeys = new HashMap<>();
    int inWrongPartition;
  }

  @Test
  void everyRecordIsFedBackOnceWhoeverIsKilledOrFenced() throws Exception {
    Topics.create(cluster, Map.of(EVENTS, PARTITIONS, DEFERRED, 2));
    defer();
    try (Admin admin = Admin.create(cluster.kafkaClient())) {
      killedWhile(TransactionState.ONGOING, admin);
      killedWhile(TransactionState.COMPLETE_COMMIT, admin);
      assertThat(read().copies).isNotEmpty().hasSizeLessThan(RECORDS);
      Replay.Result ofOneKey = anotherTakesOver();
      assertThat(ofOneKey.otherKeys()).isPositive();
      assertThat(read().valuesOfKeys.get("K7")).isEqualTo(valuesOfKeys.get("K7"));

      Replay.Result rest = replay(null, false);
      assertThat(rest.replayed()).isEqualTo(ofOneKey.otherKeys()).isPositive();
      assertOneCopyEach();
      assertThat(replay(null, false)).isEqualTo(new Replay.Result(0, 0, 0, 0, 0, new TreeMap<>()));

      admin.deleteConsumerGroups(List.of(NAME)).all().get(); // As their retention does.
      assertThat(replay("K3", false).replayed()).isZero();
      admin.deleteConsumerGroups(List.of(NAME)).all().get();
      assertThat(replay(null, false))
          .isEqualTo(new Replay.Result(0, RECORDS, 0, 0, 1, new TreeMap<>()));
      assertOneCopyEach();
      deletedInputsAreNotGuessed(admin);
    }
  }

  /** The last part, which spoils the topic: without marks and headers everything is doubled. */
  private void deletedInputsAreNotGuessed(Admin admin) throws Exception {
    admin
        .deleteRecords(Map.of(new TopicPartition(EVENTS, 1), RecordsToDelete.beforeOffset(5)))
        .all()
        .get();
    admin.deleteConsumerGroups(List.of(NAME)).all().get();
    assertThatThrownBy(() -> replay(null, false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(EVENTS + "/1 below 5 are deleted")
        .hasMessageContaining("--first-time");
    assertThat(replay(null, true).replayed()).isEqualTo(RECORDS);
    assertThat(read().copies.values()).contains(2);
    assertThat(replay(null, true).replayed()).as("said twice").isZero();
  }

  private void assertOneCopyEach() throws IOException {
    Found found = read();
    assertThat(found.copies).hasSize(RECORDS);
    assertThat(found.copies.values()).containsOnly(1);
    assertThat(found.valuesOfKeys).isEqualTo(valuesOfKeys);
    assertThat(found.inWrongPartition).isZero();
  }

  /** Freezes a run at a moment when its transaction is in this state, and kills it there. */
  private void killedWhile(TransactionState state, Admin admin) throws Exception {
    int before = read().copies.size();
    try (ToolProcess doomed = process();
        Freezer freezer = doomed.freezer()) {
      Eventually.until("a replay is at work", LIMIT, () -> read().copies.size() > before);
      Eventually.until(
          "a replay is frozen with its transaction " + state,
          LIMIT,
          () -> {
            freezer.freeze();
            if (state(admin) == state) {
              return true;
            }
            freezer.thaw();
            return false;
          });
      doomed.kill();
    }
  }

  private static TransactionState state(Admin admin) throws Exception {
    return admin.describeTransactions(List.of(NAME)).description(NAME).get().state();
  }

  /** One is frozen at work, another one is run to its end; what the first one says then. */
  private Replay.Result anotherTakesOver() throws Exception {
    int before = read().copies.size();
    try (ToolProcess older = process();
        Freezer freezer = older.freezer()) {
      Eventually.until("a replay is at work", LIMIT, () -> read().copies.size() > before);
      freezer.freeze();
      Replay.Result newer = replay("K7", false);
      freezer.thaw();
      assertThat(older.await()).as(older.output()).isEqualTo(1);
      assertThat(older.output()).contains("another replay has taken over");
      return newer;
    }
  }

  private ToolProcess process() throws IOException {
    return ToolProcess.startWithoutTrail(
        cluster,
        "replay",
        "--deferred",
        DEFERRED,
        "--events",
        EVENTS,
        "--batch",
        "" + BATCH,
        "--bootstrap-servers",
        cluster.bootstrapServers());
  }

  private Replay.Result replay(@Nullable String key, boolean firstTime)
      throws IOException, InterruptedException {
    return new Replay(
            ToolServices.real(),
            new ReplayPolicy(
                cluster.kafkaClient(),
                DEFERRED,
                Set.of(EVENTS),
                key,
                firstTime,
                5_000,
                Duration.ofSeconds(20)))
        .run((phase, done, all) -> {});
  }

  /** Fills the deferred topic as the job does, in transactions, one of which is aborted. */
  @SuppressWarnings("FutureReturnValueIgnored") // the transaction reports it
  private void defer() throws Exception {
    Properties properties = cluster.kafkaClient();
    properties.put("transactional.id", "replay-test");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(deferred(0, "aborted"));
      producer.flush();
      producer.abortTransaction();
      producer.beginTransaction();
      for (int i = 0; i < RECORDS; i++) {
        producer.send(deferred(i, "v" + i));
        valuesOfKeys.computeIfAbsent("K" + i % KEYS, key -> new ArrayList<>()).add("v" + i);
      }
      ProducerRecord<byte[], byte[]> cut = deferred(0, "the beginning of an input");
      cut.headers().add("sluice-value-length", "11534336".getBytes(UTF_8));
      producer.send(cut);
      producer.commitTransaction();
    }
  }

  private static ProducerRecord<byte[], byte[]> deferred(int number, String value) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            DEFERRED, null, ("K" + number % KEYS).getBytes(UTF_8), value.getBytes(UTF_8));
    Origin origin = new Origin(EVENTS, number % KEYS % PARTITIONS, number);
    record.headers().add(Headers.ORIGIN, Headers.originBytes(origin));
    record.headers().add("trace", "t".getBytes(UTF_8));
    return record;
  }

  private Found read() throws IOException {
    Found found = new Found();
    new CommittedTopic(cluster.kafkaClient(), EVENTS)
        .read(
            record -> {
              Header header = record.headers().lastHeader(Headers.REPLAY_OF);
              found.copies.merge(Origin.parse(Headers.text(header.value())), 1, Integer::sum);
              String key = new String(record.key(), UTF_8);
              found
                  .valuesOfKeys
                  .computeIfAbsent(key, k -> new ArrayList<>())
                  .add(new String(record.value(), UTF_8));
              boolean asDeferred =
                  record.partition() == Integer.parseInt(key.substring(1)) % PARTITIONS
                      && record.headers().lastHeader("trace") != null
                      && record.headers().lastHeader(Headers.ORIGIN) == null;
              found.inWrongPartition += asDeferred ? 0 : 1;
            });
    return found;
  }
}
