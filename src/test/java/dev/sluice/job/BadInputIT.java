package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.model.Champion;
import dev.sluice.support.Eventually;
import dev.sluice.support.cluster.ControlTopic;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.SavepointModels;
import dev.sluice.support.ledger.Answers;
import dev.sluice.support.ledger.Ledger;
import dev.sluice.support.ledger.Place;
import dev.sluice.support.ledger.Verdict;
import dev.sluice.support.traffic.HostileCase;
import dev.sluice.support.traffic.HostileTraffic;
import dev.sluice.support.traffic.TargetKind;
import dev.sluice.tool.broker.CommittedTopic;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Input of which a third is broken in every way leaves the job running and the ledger clean. */
class BadInputIT {

  private final LocalCluster cluster = LocalCluster.shared();
  private final String broker = cluster.bootstrapServers();

  @ParameterizedTest
  @CsvSource({"LABELS, log, 100000, 20", "VALUES, huber, 10000, 8"})
  void everyBrokenRecordIsADeadLetterWithItsReasonAndNothingElseIs(
      TargetKind goal, String objective, int n, int timeoutSeconds) throws Exception {
    String name = "bad-input-" + objective;
    JobTopics topics = JobTopics.named(name).create(broker, 4);
    JobUnderTest job =
        JobUnderTest.inProcess(
            cluster,
            JobSpec.named(name, topics)
                .set("sluice.model.objective", objective)
                .set("sluice.outcome.timeout", timeoutSeconds + " s"));
    job.run(2);
    Map<Place, HostileCase> sent = new HostileTraffic(31, n, goal).produce(broker, topics.events());
    Map<Place, String> expected = new TreeMap<>(Place.ORDER);
    sent.forEach(
        (place, record) -> {
          if (!record.expected().equals(HostileCase.GOOD)) {
            expected.put(place, record.expected());
          }
        });
    job.awaitNoLagReported();
    Answers.awaitCount(broker, topics.deadLetters(), expected.size(), Duration.ofMinutes(4));

    assertThat(job.state()).isEqualTo("RUNNING");
    assertThat(job.failures()).isZero();
    Eventually.until(
        "Flink has fetched the tasks' figures, which it does every 10 s: events of 1970 are among them",
        Duration.ofMinutes(3),
        () -> deadLetters(job).at("/suspectEvents/far-time").asLong() > 0);
    JsonNode reported = deadLetters(job);
    String savepoint = job.stop();

    assertThat(counts(reported)).isEqualTo(counts(expected));
    Verdict verdict =
        new Ledger(broker, topics, name)
            .below(SavepointModels.offsets(savepoint))
            .read()
            .assertClean();
    assertThat(verdict.inputs()).isEqualTo(sent.size()).isGreaterThanOrEqualTo(n);
    Map<Place, String> found = Answers.reasons(broker, topics.deadLetters());
    assertThat(surprises(sent, expected, found)).isEmpty();
  }

  private JsonNode deadLetters(JobUnderTest job) {
    return cluster
        .sluice("dead-letters", job.id(), "--limit", "1", "-o", "json")
        .requireSuccess()
        .json();
  }

  private static Map<String, Long> counts(JsonNode reported) {
    Map<String, Long> counts = new TreeMap<>();
    reported
        .path("reasons")
        .forEach(one -> counts.put(one.path("reason").asText(), one.path("count").asLong()));
    return counts;
  }

  private static Map<String, Long> counts(Map<Place, String> expected) {
    return expected.values().stream()
        .collect(Collectors.groupingBy(reason -> reason, TreeMap::new, Collectors.counting()));
  }

  /** With fewer tasks than partitions, and with more. */
  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void aQuietPartitionWithAnOldRecordHoldsNoTimeoutBack(int parallelism) throws Exception {
    String name = "quiet-partition-" + parallelism;
    JobTopics topics = JobTopics.named(name).create(broker, 3);
    JobUnderTest job =
        JobUnderTest.inProcess(
            cluster, JobSpec.named(name, topics).set("sluice.outcome.timeout", "5 s"));
    job.run(parallelism);
    try (KafkaProducer<byte[], byte[]> producer = producer(Map.of())) {
      outcome(producer, topics, 0, System.currentTimeMillis() - Duration.ofHours(1).toMillis());
      Eventually.until(
          "outcomes of the other partitions are given up",
          Duration.ofMinutes(1),
          () -> {
            outcome(producer, topics, 1, System.currentTimeMillis());
            outcome(producer, topics, 2, System.currentTimeMillis());
            return Answers.reasons(broker, topics.deadLetters()).keySet().stream()
                .map(Place::partition)
                .collect(Collectors.toSet())
                .equals(Set.of(0, 1, 2));
          });
    }
    assertThat(job.failures()).isZero();
    job.stop();
  }

  private static void outcome(
      KafkaProducer<byte[], byte[]> producer, JobTopics topics, int partition, long timestampMs)
      throws Exception {
    String key = "k-" + partition;
    String json =
        """
        {"type":"outcome","id":"%s","key":"%s","time":1,"label":"late"}"""
            .formatted(UUID.randomUUID(), key);
    producer
        .send(
            new ProducerRecord<>(
                topics.events(), partition, timestampMs, key.getBytes(UTF_8), json.getBytes(UTF_8)))
        .get();
  }

  /** Topics as Kafka makes them: what comes compressed may be longer than any of them takes. */
  @Test
  void whatIsTooLongForEveryTopicIsCutAndTheJobRunsOn() throws Exception {
    JobTopics topics = JobTopics.named("too-long");
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker))) {
      List<NewTopic> all =
          Stream.concat(Stream.of(topics.events(), topics.control()), topics.outputs().stream())
              .map(BadInputIT::asKafkaMakesIt)
              .toList();
      admin.createTopics(all).all().get();
    }
    JobUnderTest job = JobUnderTest.inProcess(cluster, JobSpec.named("too-long", topics));
    job.run(2);
    byte[] key = "LAS".getBytes(UTF_8);
    byte[] value = new byte[11 << 20];
    byte[] longKey = new byte[2 << 20];
    byte[] observation = observation(1 << 20);
    try (ControlTopic control = new ControlTopic(broker, topics)) {
      control.ask("{'id':'p','command':'pause','part':'scoring'}");
      gzipped(topics.events(), List.of(key, longKey, key), List.of(value, key, observation));
      Answers.awaitCount(broker, topics.deadLetters(), 3, Duration.ofMinutes(2));
    }

    assertThat(job.state()).isEqualTo("RUNNING");
    assertThat(job.failures()).isZero();
    Map<String, ConsumerRecord<byte[], byte[]>> letters = new TreeMap<>();
    new CommittedTopic(cluster.kafkaClient(), topics.deadLetters())
        .read(letter -> letters.put(headers(letter).getOrDefault("sluice-origin", ""), letter));
    ConsumerRecord<byte[], byte[]> longValue =
        requireNonNull(letters.get(topics.events() + "/0/0"));
    assertThat(headers(longValue))
        .containsEntry("sluice-reason", "too-large")
        .containsEntry("sluice-value-length", "" + (11 << 20))
        .containsEntry("sluice-value-sha256", Champion.sha256(value));
    assertThat(longValue.value()).hasSizeBetween(1_000_000, 1 << 20);
    ConsumerRecord<byte[], byte[]> withLongKey =
        requireNonNull(letters.get(topics.events() + "/0/1"));
    assertThat(headers(withLongKey))
        .containsEntry("sluice-reason", "malformed-json")
        .containsEntry("sluice-key-length", "" + (2 << 20))
        .containsEntry("sluice-key-sha256", Champion.sha256(longKey));
    assertThat(withLongKey.value()).isEqualTo(key);
    assertThat(headers(requireNonNull(letters.get(topics.events() + "/0/2"))))
        .as("the observation can't be deferred, nor be whole as a dead letter")
        .containsEntry("sluice-reason", "too-large")
        .containsEntry("sluice-value-length", "" + (1 << 20))
        .hasEntrySatisfying(
            "sluice-detail", detail -> assertThat(detail).contains(topics.deferred(), "1048588"));
    String receipt =
        cluster
            .sluice("stop", job.id(), "--grace", "1m", "-o", "json")
            .requireSuccess()
            .json()
            .path("receiptFile")
            .asText();
    JsonNode audit =
        cluster.sluice("audit", "--receipt", receipt, "-o", "json").requireSuccess().json();
    assertThat(audit.path("clean").asBoolean()).as("%s", audit).isTrue();
  }

  private static Map<String, String> headers(ConsumerRecord<byte[], byte[]> record) {
    Map<String, String> headers = new TreeMap<>();
    record.headers().forEach(h -> headers.put(h.key(), new String(h.value(), UTF_8)));
    return headers;
  }

  /** What SECURITY.md recommends where not every producer is trusted. */
  @Test
  void aTopicThatKeepsRecordsUncompressedRefusesThem() throws Exception {
    String topic = "kept-uncompressed";
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker))) {
      NewTopic uncompressed =
          asKafkaMakesIt(topic)
              .configs(Map.of("max.message.bytes", "1048588", "compression.type", "uncompressed"));
      admin.createTopics(List.of(uncompressed)).all().get();
    }
    byte[] key = "LAS".getBytes(UTF_8);
    gzipped(topic, List.of(key), List.of(new byte[1_000_000]));
    assertThatThrownBy(() -> gzipped(topic, List.of(key), List.of(new byte[2 << 20])))
        .hasCauseInstanceOf(RecordTooLargeException.class);
  }

  /** The cluster's broker has a larger default. */
  private static NewTopic asKafkaMakesIt(String topic) {
    return new NewTopic(topic, 1, (short) 1).configs(Map.of("max.message.bytes", "1048588"));
  }

  /** An observation whose JSON is followed by white space. */
  private static byte[] observation(int length) {
    String json =
        """
        {"type":"observation","id":"long","key":"LAS","time":1,"features":{"x":1}}""";
    return (json + " ".repeat(length - json.length())).getBytes(UTF_8);
  }

  private KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
    Map<String, Object> properties = new TreeMap<>(more);
    properties.put("bootstrap.servers", broker);
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private void gzipped(String topic, List<byte[]> keys, List<byte[]> values) throws Exception {
    Map<String, Object> properties =
        Map.of(
            "bootstrap.servers", broker, "compression.type", "gzip", "max.request.size", 16 << 20);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < keys.size(); i++) {
        producer.send(new ProducerRecord<>(topic, keys.get(i), values.get(i))).get();
      }
    }
  }

  /** Expected and found reason where they differ, counted by kind of record. */
  private static Map<String, Integer> surprises(
      Map<Place, HostileCase> sent, Map<Place, String> expected, Map<Place, String> found) {
    Map<String, Integer> surprises = new TreeMap<>();
    sent.forEach(
        (place, record) -> {
          String want = expected.getOrDefault(place, "an answer");
          String got = found.getOrDefault(place, "an answer");
          if (!want.equals(got)) {
            surprises.merge("%s: %s, not %s".formatted(record.name(), got, want), 1, Integer::sum);
          }
        });
    return surprises;
  }
}
