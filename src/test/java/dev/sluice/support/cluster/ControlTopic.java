package dev.sluice.support.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.ledger.Ledger;
import dev.sluice.support.ledger.Place;
import dev.sluice.support.traffic.TrafficRun;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Sends commands to a job and reads what it answers. Used by one thread. */
public final class ControlTopic implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final JobTopics topics;
  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaConsumer<byte[], byte[]> log;
  private final Map<Place, JsonNode> answers = new HashMap<>();

  /** The control topic of the job with these topics, which exist. */
  public ControlTopic(String bootstrapServers, JobTopics topics) {
    this.topics = topics;
    this.producer = TrafficRun.producer(bootstrapServers);
    this.log =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        log.partitionsFor(topics.controlLog()).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    log.assign(partitions);
    log.seekToBeginning(partitions);
  }

  /** Sends a command, in JSON with single quotes, and waits for its answer. */
  public JsonNode ask(String command) throws Exception {
    byte[] value = command.replace('\'', '"').getBytes(UTF_8);
    long offset = producer.send(new ProducerRecord<>(topics.control(), null, value)).get().offset();
    Place place = new Place(topics.control(), 0, offset);
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!answers.containsKey(place)) {
      if (System.nanoTime() > end) {
        throw new AssertionError("no answer within %s to %s".formatted(LIMIT, command));
      }
      for (ConsumerRecord<byte[], byte[]> record : log.poll(Duration.ofMillis(100))) {
        answers.put(
            Place.parse(Ledger.header(record, "sluice-origin")).orElseThrow(),
            JSON.readTree(record.value()));
      }
    }
    return answers.get(place);
  }

  @Override
  public void close() {
    producer.close();
    log.close();
  }
}
