package dev.sluice.bench.stop;

import dev.sluice.bench.throughput.BenchStream;
import dev.sluice.support.traffic.TrafficRun;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Sends events into a topic, at a steady pace or as fast as it goes. */
final class SteadyLoad extends Thread implements AutoCloseable {

  private final KafkaProducer<byte[], byte[]> producer;
  private final String topic;
  private final BenchStream stream;
  private final int perSecond;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private volatile boolean ended;

  /** Prepares it; {@link #start()} begins. */
  SteadyLoad(String bootstrapServers, String topic, BenchStream stream, int perSecond) {
    super("load");
    setDaemon(true);
    this.producer = TrafficRun.producer(bootstrapServers);
    this.topic = topic;
    this.stream = stream;
    this.perSecond = perSecond;
  }

  /** Sends a whole stream. */
  static void sendAll(String bootstrapServers, String topic, BenchStream stream) {
    try (SteadyLoad load = new SteadyLoad(bootstrapServers, topic, stream, 0)) {
      while (stream.hasNext() && load.failure.get() == null) {
        load.send();
      }
    }
  }

  @Override
  public void run() {
    long start = System.nanoTime();
    for (long sent = 0; !ended; sent++) {
      long at = start + (long) (sent * 1e9 / perSecond);
      while (at - System.nanoTime() > 0) {
        LockSupport.parkNanos(Math.max(at - System.nanoTime(), 1_000_000));
      }
      send();
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the callback keeps what fails
  private void send() {
    BenchStream.Item item = stream.next();
    producer.send(
        new ProducerRecord<>(topic, null, item.timeMs(), item.key(), item.value()),
        (metadata, e) -> failure.compareAndSet(null, e));
  }

  /** Ends it; all that it sent is in the topic. */
  @Override
  public void close() {
    ended = true;
    try {
      join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    producer.close();
    Exception failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("events can't be sent to " + topic, failed);
    }
  }
}
