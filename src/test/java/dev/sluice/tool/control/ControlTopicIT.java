package dev.sluice.tool.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.codec.Headers;
import dev.sluice.event.Command.Part;
import dev.sluice.event.Origin;
import dev.sluice.support.cluster.CommandResult;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.Topics;
import dev.sluice.tool.broker.CommittedTopic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands on a real broker, answered in the job's place in every way. */
class ControlTopicIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CONTROL = "control-it";
  private static final String LOG = "control-it-log";

  /** FIPS 180-2, appendix B.1. */
  private static final String SHA256_OF_ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @TempDir Path folder;

  private final LocalCluster cluster = LocalCluster.shared();

  @Test
  void anAnswerIsTakenByItsOriginAndNothingElseForIt() throws Exception {
    Topics.create(cluster, Map.of(CONTROL, 1, LOG, 4));
    ControlTopic topic = new ControlTopic(cluster.kafkaClient(), CONTROL, LOG);
    ControlRequest pause = ControlRequest.pause("c-1", Part.SCORING, "LAS");

    ControlTopic.Sent unanswered = topic.send(pause, Duration.ofSeconds(1));
    assertThat(unanswered.answer()).isEmpty();
    assertThat(unanswered.command()).isEqualTo(new Origin(CONTROL, 0, 0));

    CompletableFuture<JsonNode> first = answerNext(1, "{\"accepted\":true,\"repeated\":true}");
    ControlTopic.Answer accepted = topic.send(pause, Duration.ofSeconds(30)).answer().orElseThrow();
    assertThat(first.get())
        .isEqualTo(
            JSON.readTree(
                "{'id':'c-1','command':'pause','part':'scoring','key':'LAS'}".replace('\'', '"')));
    assertThat(accepted.accepted()).isTrue();
    assertThat(accepted.repeated()).isTrue();
    assertThat(accepted.reason()).isNull();

    CompletableFuture<JsonNode> second =
        answerNext(2, "{\"accepted\":false,\"reason\":\"no such file\"}");
    Path model = Files.writeString(folder.resolve("model.tribuo"), "abc");
    CommandResult rejected =
        cluster.sluice(
            "control",
            "promote",
            model.toString(),
            "--version",
            "2",
            "--shadow",
            "--id",
            "c-2",
            "--control",
            CONTROL,
            "--control-log",
            LOG,
            "--accept-no-job", // this test is the job
            "-o",
            "json",
            "--bootstrap-servers",
            cluster.bootstrapServers());
    assertThat(rejected.exitCode()).as(rejected.toString()).isEqualTo(1);
    JsonNode promote = second.get();
    assertThat(promote.path("shadow").asBoolean()).isTrue();
    assertThat(promote.path("uri").asText()).isEqualTo(model.toUri().toString());
    assertThat(promote.path("sha256").asText()).isEqualTo(SHA256_OF_ABC);
    JsonNode reported = JSON.readTree(rejected.stdout());
    assertThat(reported.path("id").asText()).isEqualTo("c-2");
    assertThat(reported.path("answer").path("reason").asText()).isEqualTo("no such file");

    assertThatThrownBy(
            () ->
                new ControlTopic(cluster.kafkaClient(), "no-control", LOG)
                    .send(pause, Duration.ofSeconds(1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("there is no topic no-control")
        .hasMessageContaining("--control");
  }

  /**
   * Acts as the job: waits for the command at an offset, writes answers that are not its own (to
   * another command, without an origin, in an aborted transaction) and then its own.
   *
   * @return the command
   */
  private CompletableFuture<JsonNode> answerNext(long offset, String answer) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            JsonNode command = await(offset);
            answer(offset, answer);
            return command;
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }

  private JsonNode await(long offset) throws IOException {
    TopicPartition partition = new TopicPartition(CONTROL, 0);
    try (Consumer<byte[], byte[]> consumer = CommittedTopic.consumer(cluster.kafkaClient())) {
      consumer.assign(List.of(partition));
      consumer.seek(partition, offset);
      while (true) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          assertThat(record.offset()).isEqualTo(offset);
          return JSON.readTree(record.value());
        }
      }
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the transaction reports it
  private void answer(long offset, String answer) {
    Properties properties = cluster.kafkaClient();
    properties.put("transactional.id", "control-it");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(record(Optional.of(offset), "{\"accepted\":true,\"reason\":\"aborted\"}"));
      producer.flush();
      producer.abortTransaction();
      producer.beginTransaction();
      producer.send(record(Optional.of(offset - 1), "{\"accepted\":true,\"reason\":\"other\"}"));
      producer.send(record(Optional.empty(), "{\"accepted\":true,\"reason\":\"none\"}"));
      producer.send(record(Optional.of(offset), answer));
      producer.commitTransaction();
    }
  }

  private static ProducerRecord<byte[], byte[]> record(Optional<Long> offset, String answer) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(LOG, 3, null, answer.getBytes(UTF_8));
    offset.ifPresent(
        o -> record.headers().add(Headers.ORIGIN, Headers.originBytes(new Origin(CONTROL, 0, o))));
    return record;
  }
}
