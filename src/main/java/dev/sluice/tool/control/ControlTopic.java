package dev.sluice.tool.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.codec.Headers;
import dev.sluice.codec.OriginReader;
import dev.sluice.event.Origin;
import dev.sluice.tool.broker.CommittedTopic;
import dev.sluice.tool.broker.LimitedClients;
import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends commands to a running job and waits for its answers. Used by one thread.
 *
 * <p>The answer is found by its origin, which is the command's own offset: another command with the
 * same id, or an older answer, can't be taken for it. The end of the log is read before the command
 * is written, so the answer is behind it.
 */
public final class ControlTopic {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int SEND_MS = 20_000;

  private final Properties client;
  private final String control;
  private final String log;

  /**
   * @param client properties of a Kafka client
   * @param control where commands go; of its partitions the first is used
   * @param log where the job answers
   */
  public ControlTopic(Properties client, String control, String log) {
    this.client = client;
    this.control = control;
    this.log = log;
  }

  /**
   * The result of a command.
   *
   * @param command its position
   * @param answer empty if there was none in time, or it can't be read
   * @param why the reason why it can't be read; empty otherwise
   */
  public record Sent(Origin command, Optional<Answer> answer, String why) {}

  /**
   * What the job has answered to a command.
   *
   * @param accepted whether it was carried out
   * @param reason why not; null if it was
   * @param repeated whether the id had been answered before: then nothing was done again
   * @param json all of it
   */
  public record Answer(boolean accepted, @Nullable String reason, boolean repeated, JsonNode json) {

    /**
     * Reads a record of the control log.
     *
     * @throws IOException if it is none
     */
    static Answer parse(Origin command, byte @Nullable [] value) throws IOException {
      JsonNode json;
      try {
        json = value == null ? JSON.missingNode() : JSON.readTree(value);
      } catch (IOException e) {
        throw new IOException("the answer to the command at %s is no JSON".formatted(command), e);
      }
      if (!json.path("accepted").isBoolean()) {
        throw new IOException(
            "the answer to the command at %s does not say whether it was accepted: (%s)"
                .formatted(command, json));
      }
      return new Answer(
          json.path("accepted").asBoolean(),
          json.path("reason").textValue(),
          json.path("repeated").asBoolean(),
          json);
    }
  }

  /**
   * Writes a command and waits for its answer, which is seen with the job's next checkpoint.
   *
   * @param patience how long to wait for the answer
   * @throws IOException if a topic is not there, or the brokers don't take the command
   */
  public Sent send(ControlRequest request, Duration patience)
      throws IOException, InterruptedException {
    try (Consumer<byte[], byte[]> consumer = CommittedTopic.consumer(client)) {
      requireTopic(consumer, control);
      List<TopicPartition> answers =
          requireTopic(consumer, log).stream()
              .map(p -> new TopicPartition(log, p.partition()))
              .toList();
      consumer.assign(answers);
      consumer.endOffsets(answers).forEach(consumer::seek);
      return await(consumer, write(request), patience);
    } catch (InterruptException e) {
      Thread.interrupted(); // From here on the exception reports the failure.
      throw new InterruptedException("interrupted while waiting for an answer in " + log);
    } catch (KafkaException e) {
      throw CommittedTopic.failure(
          client, "the brokers at %s can't be used".formatted(servers()), e);
    }
  }

  /** From here on the command is carried out, whatever can be seen of it. */
  private Sent await(Consumer<byte[], byte[]> consumer, Origin command, Duration patience) {
    try {
      return new Sent(command, answer(consumer, command, patience), "");
    } catch (InterruptException e) {
      throw e;
    } catch (KafkaException e) {
      IOException why = CommittedTopic.failure(client, log + " can't be read", e);
      return new Sent(command, Optional.empty(), String.valueOf(why.getMessage()));
    } catch (IOException e) {
      return new Sent(command, Optional.empty(), String.valueOf(e.getMessage()));
    }
  }

  /** What the brokers refuse the user for, which Kafka's clients wrap; null if they do not. */
  private static @Nullable KafkaException refusal(Throwable thrown) {
    for (Throwable at = thrown; at != null; at = at.getCause()) {
      if (at instanceof AuthorizationException || at instanceof AuthenticationException) {
        return (KafkaException) at;
      }
    }
    return null;
  }

  /**
   * What was refused. A connection may break after the command was sent, and before it was
   * confirmed; if the login of the next one is refused, whether it was written is not known.
   */
  static String refused(String servers, String id, KafkaException why) {
    return why instanceof AuthenticationException
        ? ("the brokers at %s refuse the login of the command with id (%s), which may have been written before "
                + "over another connection (sent again with --id %s it is carried out once)")
            .formatted(servers, id, id)
        : "the brokers at %s refuse the command with id (%s), and it was not written"
            .formatted(servers, id);
  }

  private List<PartitionInfo> requireTopic(Consumer<?, ?> consumer, String topic)
      throws IOException {
    List<PartitionInfo> found = consumer.partitionsFor(topic);
    if (found == null || found.isEmpty()) {
      throw new IOException(
          "there is no topic %s at %s; create it, or name the job's own with --control and --control-log"
              .formatted(topic, servers()));
    }
    return found;
  }

  private Origin write(ControlRequest request) throws IOException, InterruptedException {
    Properties properties = new Properties();
    properties.putAll(client);
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, "" + SEND_MS);
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "" + SEND_MS);
    properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, "" + SEND_MS / 2);
    try (KafkaProducer<byte[], byte[]> producer =
        LimitedClients.make(
            () ->
                new KafkaProducer<>(
                    properties, new ByteArraySerializer(), new ByteArraySerializer()),
            Duration.ofMillis(SEND_MS))) {
      RecordMetadata written =
          producer
              .send(new ProducerRecord<>(control, 0, request.id().getBytes(UTF_8), request.bytes()))
              .get();
      return new Origin(written.topic(), written.partition(), written.offset());
    } catch (ExecutionException | KafkaException e) {
      KafkaException refused = refusal(e);
      if (refused != null) {
        throw CommittedTopic.failure(client, refused(servers(), request.id(), refused), refused);
      } else if (e instanceof KafkaException unusable) {
        throw unusable;
      }
      throw new IOException(
          ("the brokers at %s did not confirm the command with id (%s): %s. It may still have been written: sent "
                  + "again with --id %s it is carried out once")
              .formatted(servers(), request.id(), e.getCause(), request.id()),
          e);
    }
  }

  private Optional<Answer> answer(
      Consumer<byte[], byte[]> consumer, Origin command, Duration patience) throws IOException {
    Deadline deadline = Time.system().after(patience);
    OriginReader reader = new OriginReader();
    while (!deadline.isOver()) {
      for (ConsumerRecord<byte[], byte[]> answer : consumer.poll(POLL)) {
        Header origin = answer.headers().lastHeader(Headers.ORIGIN);
        if (origin != null && command.equals(reader.read(origin.value()))) {
          return Optional.of(Answer.parse(command, answer.value()));
        }
      }
    }
    return Optional.empty();
  }

  private String servers() {
    return client.getProperty("bootstrap.servers", "");
  }
}
