package dev.sluice.flink;

import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Sends 0, 1, 2, … into a topic, a thousand a second. */
final class Numbers implements AutoCloseable {
  private final KafkaProducer<byte[], String> producer;
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
  private final String topic;
  private int sent; // the thread's own, until it has ended

  private Numbers(String bootstrapServers, String topic) {
    this.topic = topic;
    this.producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers, "acks", "all"),
            new ByteArraySerializer(),
            new StringSerializer());
  }

  // The task does not end, so its future would report nothing.
  @SuppressWarnings("FutureReturnValueIgnored")
  static Numbers start(String bootstrapServers, String topic) {
    Numbers numbers = new Numbers(bootstrapServers, topic);
    numbers.thread.scheduleAtFixedRate(numbers::sendTen, 0, 10, TimeUnit.MILLISECONDS);
    return numbers;
  }

  // A number that is not acknowledged would be a gap in the output.
  @SuppressWarnings("FutureReturnValueIgnored")
  private void sendTen() {
    for (int i = 0; i < 10; i++) {
      producer.send(new ProducerRecord<>(topic, Integer.toString(sent++)));
    }
  }

  /** Ends sending; how many there are, all of them acknowledged. */
  int stop() throws InterruptedException {
    thread.shutdown();
    if (!thread.awaitTermination(30, TimeUnit.SECONDS)) {
      throw new AssertionError("sending to " + topic + " does not end");
    }
    producer.flush();
    return sent;
  }

  @Override
  public void close() {
    thread.shutdownNow();
    producer.close();
  }
}
