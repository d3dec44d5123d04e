package dev.sluice.tool.resume;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.cluster.CommandResult;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.SavepointModels;
import dev.sluice.support.ledger.Answers;
import dev.sluice.support.traffic.TrafficRun;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** What a resume refuses, each in a world that is broken for real, and what would come of it. */
class ResumeRefusalsIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PARTITIONS = 4;
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final LocalCluster cluster = LocalCluster.shared();
  private final String broker = cluster.bootstrapServers();

  @Test
  void whatWouldLoseOrDoubleAnswersIsRefusedAndTouchesNothing() throws Exception {
    JobSpec spec = spec("refused");
    try (TrafficRun traffic = TrafficRun.into(spec, broker, 81, 200)) {
      JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
      job.run(2);
      job.awaitCheckpoints(2);
      String first = drilled(spec);
      assertRefused(first, "two copies would end each other's transactions");
      CommandResult forked = sluice("resume", first, "--fork", "refused-2");
      assertThat(forked.exitCode()).as(forked.toString()).isEqualTo(1);
      assertThat(forked.stdout()).contains("every input would be answered twice");
      CommandResult asked = sluice("rollback", first);
      assertThat(asked.exitCode()).as(asked.toString()).isEqualTo(1);
      assertThat(asked.stdout())
          .containsPattern("nothing was touched: [0-9,]{3,} inputs would be read again");
      JsonNode back =
          sluice("rollback", "--accept-replay", first, "-o", "json").requireSuccess().json();
      assertThat(back.path("text").asText()).contains("Resumed");
      assertRunning(spec, back.path("jobId").asText());
      onlyTheModelsGoBack(first);
      String second = receipt(sluice("stop", spec.name(), "-o", "json"));
      CommandResult audited = audit(second);
      assertThat(audited.exitCode()).as("after drill and rollback: " + audited).isZero();
      assertThat(audited.json().path("clean").asBoolean()).isTrue();

      assertRefused(first, "sluice.restore-fence is fail", "--sluice.restore-fence", "fail");
      assertRefused(first, "given a second time", "--sluice.restore-fence", "off");
      deleteAnswers(spec);
      assertRefused(first, "the output no longer covers what would be replayed");
      assertWithoutTheCheckAnswersAreDoubled(spec, first);
      traffic.stop();
    }
  }

  /** Read back by Flink's own reader, which shares no code with the tool. */
  private void onlyTheModelsGoBack(String first) throws Exception {
    CommandResult running = sluice("rollback", "--model-only", first, "--onto", first);
    assertThat(running.exitCode()).as(running.toString()).isEqualTo(1);
    assertThat(running.stdout()).contains("nothing was touched", "leave --onto out");
    CommandResult back = sluice("rollback", "--model-only", first, "-o", "json");
    JsonNode reported = JSON.readTree(back.requireSuccess().stdout());
    String newest = reported.path("undo").asText();
    String mixed = reported.path("snapshot").asText();
    assertThat(SavepointModels.offsets(mixed))
        .isEqualTo(SavepointModels.offsets(snapshot(newest)))
        .isNotEqualTo(SavepointModels.offsets(snapshot(first)));
    assertThat(SavepointModels.keys(mixed).held())
        .isEqualTo(SavepointModels.keys(snapshot(newest)).held());
    JsonNode receipt =
        JSON.readTree(Path.of(URI.create(mixed)).resolve("sluice-receipt.json").toFile());
    assertThat(receipt.path("models").path("updates"))
        .isEqualTo(JSON.readTree(Path.of(first).toFile()).path("models").path("updates"));
    assertThat(receipt.path("models").path("pendingObservations"))
        .isEqualTo(
            JSON.readTree(Path.of(newest).toFile()).path("models").path("pendingObservations"));
    assertThat(receipt.path("resumptions")).hasSize(1);
    assertThat(receipt.path("resumptions").path(0).path("suppressed").asLong()).isZero();
  }

  @Test
  void aDrainedSavepointAndDeletedInputsAreRefused() throws Exception {
    JobSpec spec = spec("refused-input");
    try (TrafficRun traffic = TrafficRun.into(spec, broker, 82, 200)) {
      JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
      job.run(2);
      job.awaitCheckpoints(2);
      String stopped = drilledInText(spec);
      CommandResult drained = sluice("stop", spec.name(), "--drain", "--final", "-o", "json");
      assertThat(drained.exitCode()).as(drained.toString()).isZero();
      JsonNode receipt = drained.json().path("receipt");
      assertThat(receipt.path("resume").isNull()).isTrue();
      assertRefused(receipt.path("snapshot").path("uri").asText(), "is drained");

      traffic.stop();
      deleteInputs(spec, stopped);
      assertRefused(stopped, "that were not answered are deleted (retention)");
    }
  }

  /** The end of the input counts the marker of a transaction, which no source is ever given. */
  @Test
  void anInputThatIsIdleBehindAMarkerIsNotWaitedFor() throws Exception {
    JobSpec spec = spec("refused-nothing");
    JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
    job.run(2);
    job.awaitCheckpoints(1);
    commitOne(spec.topics().events());
    Answers.awaitCount(broker, spec.topics().deadLetters(), 1, LIMIT);
    String stopped = receipt(sluice("stop", spec.name(), "-o", "json"));
    JsonNode resumed =
        sluice("resume", stopped, "--timeout", "2m", "-o", "json").requireSuccess().json();
    assertThat(resumed.path("waiting").asLong(-1)).isZero();
    assertThat(resumed.path("text").asText())
        .contains("Resumed")
        .doesNotContain("reads on", "reads further");
    sluice("stop", spec.name(), "-o", "json").requireSuccess();
  }

  private void commitOne(String topic) throws Exception {
    Map<String, Object> client =
        Map.of("bootstrap.servers", broker, "transactional.id", "refused-nothing-input");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, "no event".getBytes(UTF_8))).get();
      producer.commitTransaction();
    }
  }

  /** Stops the job and resumes it; the receipt of the stop. */
  private String drilled(JobSpec spec) throws IOException {
    JsonNode drill = sluice("drill", spec.name(), "-o", "json").requireSuccess().json();
    assertThat(drill.path("toEndMs").asLong()).isPositive();
    assertThat(drill.path("downtimeMs").asLong()).isGreaterThan(drill.path("toEndMs").asLong());
    assertRunning(spec, drill.path("jobId").asText());
    String receipt = drill.path("receiptFile").asText();
    CommandResult audit = audit(receipt);
    assertThat(audit.exitCode()).as("of a receipt that was resumed").isEqualTo(1);
    assertThat(audit.stderr()).contains("was resumed, at", drill.path("jobId").asText());
    return receipt;
  }

  private void assertRunning(JobSpec spec, String jobId) {
    JsonNode status = sluice("status", spec.name(), "-o", "json").requireSuccess().json();
    assertThat(status.path("id").asText()).isEqualTo(jobId);
    assertThat(status.path("state").asText()).isEqualTo("RUNNING");
  }

  /** The same, as people read it. */
  private String drilledInText(JobSpec spec) {
    CommandResult whole = sluice("drill", spec.name()).requireSuccess();
    assertThat(whole.stderr())
        .as("a resume that follows a stop waits for no copy")
        .contains("Flink runs it as")
        .doesNotContain("whether one still does");
    String drill = whole.stdout();
    assertThat(drill)
        .contains("Stopped, and proved", "Resumed: job ")
        .containsPattern("(?m)^Downtime  [0-9]+[.][0-9] s, from the request until it continued");
    Matcher receipt = Pattern.compile("(?m)^Receipt   (.+)$").matcher(drill);
    assertThat(receipt.find()).as(drill).isTrue();
    return receipt.group(1);
  }

  /** Negative control: Flink alone, with the fence off. */
  private void assertWithoutTheCheckAnswersAreDoubled(JobSpec spec, String receipt)
      throws Exception {
    JobUnderTest job = JobUnderTest.inProcess(cluster, spec.set("sluice.restore-fence", "off"));
    job.resume(2, snapshot(receipt));
    job.awaitCheckpoints(2);
    CommandResult stopped = sluice("stop", spec.name(), "-o", "json");
    CommandResult audit = audit(receipt(stopped));
    assertThat(audit.exitCode()).as(audit.toString()).isEqualTo(5);
    assertThat(audit.stdout()).contains("duplicate");
  }

  private void assertRefused(String from, String why, String... settings) {
    List<String> line = new ArrayList<>(List.of(from, "-o", "json"));
    line.addAll(List.of(settings));
    CommandResult refused = sluice("resume", line.toArray(String[]::new));
    assertThat(refused.exitCode()).as(refused.toString()).isEqualTo(1);
    assertThat(refused.json().path("text").asText()).contains("nothing was touched", why);
  }

  /** Deletes what was answered up to now, as retention does. */
  private void deleteAnswers(JobSpec spec) throws Exception {
    Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
    for (int p = 0; p < PARTITIONS; p++) {
      all.put(new TopicPartition(spec.topics().evaluations(), p), RecordsToDelete.beforeOffset(-1));
    }
    delete(all);
  }

  private void deleteInputs(JobSpec spec, String receipt) throws Exception {
    Map<TopicPartition, RecordsToDelete> beyond = new HashMap<>();
    SavepointModels.offsets(snapshot(receipt))
        .forEach((p, offset) -> beyond.put(p, RecordsToDelete.beforeOffset(-1)));
    beyond.keySet().removeIf(p -> p.topic().equals(spec.topics().control()));
    assertThat(beyond)
        .hasSize(PARTITIONS)
        .allSatisfy((p, d) -> assertThat(p.topic()).isEqualTo(spec.topics().events()));
    delete(beyond);
  }

  private void delete(Map<TopicPartition, RecordsToDelete> records) throws Exception {
    try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", broker))) {
      admin.deleteRecords(records).all().get();
    }
  }

  private static String receipt(CommandResult stopped) throws IOException {
    return stopped.requireSuccess().json().path("receiptFile").asText();
  }

  private static String snapshot(String receipt) throws IOException {
    return JSON.readTree(Path.of(receipt).toFile()).path("snapshot").path("uri").asText();
  }

  private CommandResult audit(String receipt) {
    return cluster.sluice("audit", "--receipt", receipt, "-o", "json");
  }

  private CommandResult sluice(String verb, String... arguments) {
    return cluster.sluice(
        Stream.concat(Stream.of(verb), Stream.of(arguments)).toArray(String[]::new));
  }

  private JobSpec spec(String name) throws Exception {
    return JobSpec.small(name, JobTopics.named(name).create(broker, PARTITIONS))
        .set("sluice.sink.transaction-timeout", "10 min");
  }
}
