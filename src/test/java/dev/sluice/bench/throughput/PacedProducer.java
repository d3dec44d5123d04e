package dev.sluice.bench.throughput;

import dev.sluice.support.traffic.TrafficRun;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Sends events at a steady pace. The time of an event is when it was due: one that is sent late,
 * because machine or broker were busy, was late for whoever waits for its answer, too.
 */
final class PacedProducer implements AutoCloseable {

  private static final long AHEAD_NANOS = 1_000_000;

  private final KafkaProducer<byte[], byte[]> producer;
  private final String topic;
  private final BenchStream stream;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

  /** {@link System#nanoTime} when each was due, by {@link #index}; 0 for not yet. */
  private final AtomicLongArray due;

  PacedProducer(String bootstrapServers, String topic, BenchOptions.Stream shape, long firstMs) {
    this.producer = TrafficRun.producer(bootstrapServers);
    this.topic = topic;
    this.stream = new BenchStream(shape, firstMs);
    this.due = new AtomicLongArray(Math.toIntExact(shape.events()));
  }

  private static int index(long pair, boolean outcome) {
    return Math.toIntExact(2 * pair + (outcome ? 1 : 0));
  }

  /** When an event was due; 0 for one that was not sent at a pace. */
  long dueNanos(long pair, boolean outcome) {
    return due.get(index(pair, outcome));
  }

  /** Sends as fast as it goes, without times. */
  void sendAtOnce(int events) {
    for (int i = 0; i < events; i++) {
      send(stream.next());
    }
    producer.flush();
    requireSent();
  }

  /** Sends at a pace; returns when all are sent. */
  void send(long events, double perSecond) {
    long start = System.nanoTime();
    for (long i = 0; i < events; i++) {
      long at = start + (long) (i * 1e9 / perSecond);
      while (at - System.nanoTime() > AHEAD_NANOS) {
        LockSupport.parkNanos(at - System.nanoTime());
      }
      BenchStream.Item item = stream.next();
      due.set(index(item.pair(), item.outcome()), at);
      send(item);
    }
    producer.flush();
    requireSent();
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the callback keeps what fails
  private void send(BenchStream.Item item) {
    producer.send(
        new ProducerRecord<>(topic, null, item.timeMs(), item.key(), item.value()),
        (metadata, e) -> failure.compareAndSet(null, e));
  }

  private void requireSent() {
    Exception failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("events can't be sent to " + topic, failed);
    }
  }

  @Override
  public void close() {
    producer.close();
  }
}
