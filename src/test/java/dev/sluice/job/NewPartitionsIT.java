package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.Eventually;
import dev.sluice.support.cluster.CommandResult;
import dev.sluice.support.cluster.FlinkRest;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.ledger.Answers;
import dev.sluice.support.ledger.Place;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/**
 * Partitions of which the job has read nothing yet: one that is there from the beginning and empty,
 * and one that is added while the job runs. Retention may not take an unanswered input of either
 * without the resume saying so.
 */
class NewPartitionsIT {

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int EMPTY = 1;
  private static final int ADDED = 2;

  private final LocalCluster cluster = LocalCluster.shared();
  private final String broker = cluster.bootstrapServers();
  private final FlinkRest rest = new FlinkRest(cluster.rest().toString());

  @Test
  void deletedInputsOfPartitionsWithoutAReadRecordStopTheResume() throws Exception {
    JobSpec spec = spec();
    String events = spec.topics().events();
    send(events, 0, 3);
    JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
    job.run(1);
    answered(spec, 3);
    try (Admin admin = admin()) {
      admin.createPartitions(Map.of(events, NewPartitions.increaseTo(ADDED + 1))).all().get();
      send(events, ADDED, 3);
      Eventually.until("the new partition is counted", LIMIT, () -> unread(job.id()) == 1);
      String stopped = job.stop();

      send(events, EMPTY, 3);
      delete(admin, new TopicPartition(events, EMPTY), 2);
      assertThat(refused(spec, stopped)).contains("out of range", events + "-" + EMPTY);

      delete(admin, new TopicPartition(events, ADDED), 2);
      assertThat(refused(spec, stopped))
          .contains("%s/%s begins at offset 2".formatted(events, ADDED))
          .contains("--sluice.source.skip-deleted-inputs true");
      assertThat(asked(spec, stopped))
          .contains("%s/%s is new, and its first 2 records".formatted(events, ADDED));

      JobUnderTest bare =
          JobUnderTest.inProcess(cluster, spec.set("sluice.source.skip-deleted-inputs", "true"));
      bare.resume(1, stopped);
      Set<Place> places = answered(spec, 5);
      assertThat(places).contains(new Place(events, EMPTY, 2), new Place(events, ADDED, 2));
      bare.cancel();
    }
  }

  private String refused(JobSpec spec, String savepoint) throws Exception {
    JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
    job.submitFrom(1, savepoint);
    Eventually.until("the resume is refused", LIMIT, () -> job.state().equals("FAILED"));
    return rest.awaitFailed(job.id());
  }

  /** What the tool says of a resume before it begins. */
  private String asked(JobSpec spec, String savepoint) {
    List<String> command = new ArrayList<>(List.of("resume", savepoint, "--print"));
    command.addAll(spec.arguments(broker));
    CommandResult asked = cluster.sluice(command.toArray(new String[0]));
    return asked.stdout() + asked.stderr();
  }

  /** Waits until so many inputs, none of which is an event, are answered. */
  private Set<Place> answered(JobSpec spec, int count) {
    String deadLetters = spec.topics().deadLetters();
    Answers.awaitCount(broker, deadLetters, count, LIMIT);
    return Answers.reasons(broker, deadLetters).keySet();
  }

  /** The gauge of the source's enumerator, in the JobManager; -1 while there is none. */
  /**
   * As Prometheus scrapes it: what REST reports of metrics is fetched now and then, and may be old.
   */
  private int unread(String jobId) throws IOException, InterruptedException {
    URI metrics =
        URI.create("http://127.0.0.1:%s/metrics".formatted(cluster.rest().getPort() - 8081 + 9249));
    String all =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
            .body();
    return all.lines()
        .filter(line -> line.contains("unreadPartitions{") && line.contains(jobId))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .findFirst()
        .orElse(-1);
  }

  private void send(String topic, int partition, int count) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int i = 0; i < count; i++) {
        producer
            .send(new ProducerRecord<>(topic, partition, null, "no event".getBytes(UTF_8)))
            .get();
      }
    }
  }

  /** As retention does. */
  private static void delete(Admin admin, TopicPartition partition, long before) throws Exception {
    admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(before))).all().get();
  }

  private Admin admin() {
    return Admin.create(Map.<String, Object>of("bootstrap.servers", broker));
  }

  private JobSpec spec() throws Exception {
    return JobSpec.small("new-partitions", JobTopics.named("new-partitions").create(broker, 2))
        .flink("restart-strategy.type", "disable");
  }
}
