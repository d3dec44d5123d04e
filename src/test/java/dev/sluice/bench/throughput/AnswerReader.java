package dev.sluice.bench.throughput;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.support.cluster.JobTopics;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads answers as they become visible and notes how old their events are then. Reads one partition
 * of each topic: the reader runs on the same cores as what is measured.
 */
final class AnswerReader extends Thread {

  private static final byte[] ID = "{\"id\":\"e-".getBytes(US_ASCII);

  private final Properties properties = new Properties();
  private final JobTopics topics;
  private final PacedProducer events;

  /** From the time on from which answers count. */
  private volatile long fromNanos = Long.MAX_VALUE;

  private volatile boolean ended;
  private volatile long seen;
  private long[] micros = new long[1 << 16];
  private int count;

  /**
   * @param isolation of the consumer: read_committed or read_uncommitted
   */
  AnswerReader(String bootstrapServers, JobTopics topics, PacedProducer events, String isolation) {
    super("reader-" + isolation);
    properties.put("bootstrap.servers", bootstrapServers);
    properties.put("isolation.level", isolation);
    properties.put("max.poll.records", 10_000);
    this.topics = topics;
    this.events = events;
    setDaemon(true);
  }

  /** Lets answers count whose events are due from now on. */
  void countFrom(long nanos) {
    fromNanos = nanos;
  }

  /** All answers so far. */
  long seen() {
    return seen;
  }

  /** Ends it; the ages of the answers that count in microseconds, ascending. */
  long[] end() throws InterruptedException {
    ended = true;
    join();
    long[] sorted = Arrays.copyOf(micros, count);
    Arrays.sort(sorted);
    return sorted;
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // this thread alone writes it
  public void run() {
    List<TopicPartition> partitions =
        List.of(
            new TopicPartition(topics.predictions(), 0),
            new TopicPartition(topics.evaluations(), 0));
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (!ended) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(50))) {
          note(record, System.nanoTime());
          seen++;
        }
      }
    }
  }

  private void note(ConsumerRecord<byte[], byte[]> answer, long now) {
    long due = events.dueNanos(pair(answer.value()), answer.topic().equals(topics.evaluations()));
    if (due == 0 || due < fromNanos) {
      return;
    }
    if (count == micros.length) {
      micros = Arrays.copyOf(micros, 2 * count);
    }
    micros[count++] = (now - due) / 1_000;
  }

  /** The number in the answer's id. */
  static long pair(byte[] json) {
    if (!Arrays.equals(ID, 0, ID.length, json, 0, Math.min(ID.length, json.length))) {
      throw new IllegalArgumentException("an answer of another form: " + new String(json, UTF_8));
    }
    long pair = 0;
    for (int i = ID.length; json[i] != '"'; i++) {
      pair = pair * 10 + json[i] - '0';
    }
    return pair;
  }
}
