package dev.sluice.support.traffic;

import dev.sluice.support.cluster.JobSpec;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Seeded traffic on its way into a topic, sent by a thread of its own at a steady pace. Each key's
 * events keep their order. Ends with every pair shut that is not left open for good.
 */
public final class TrafficRun implements AutoCloseable {

  private static final int STEADY = 500;

  private final KafkaProducer<byte[], byte[]> producer;
  private final SeededTraffic traffic;
  private final String topic;
  private final Thread thread;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private volatile boolean stopped;
  private volatile long observations;
  private volatile long outcomes;

  private TrafficRun(
      String bootstrapServers, SeededTraffic traffic, String topic, long n, int perSecond) {
    this.producer = producer(bootstrapServers);
    this.traffic = traffic;
    this.topic = topic;
    this.thread = new Thread(() -> run(n, perSecond), "traffic-" + topic);
    this.thread.setDaemon(true);
  }

  /**
   * Starts sending.
   *
   * @param n how many events to draw before the outstanding ones are sent
   * @param perSecond the pace
   */
  public static TrafficRun start(
      String bootstrapServers, SeededTraffic traffic, String topic, long n, int perSecond) {
    TrafficRun run = new TrafficRun(bootstrapServers, traffic, topic, n, perSecond);
    run.thread.start();
    return run;
  }

  /** Endless traffic of good events into a job's input, until it is stopped. */
  public static TrafficRun into(JobSpec spec, String bootstrapServers, long seed, int keys) {
    return start(
        bootstrapServers,
        new SeededTraffic(seed, keys, TargetKind.LABELS),
        spec.topics().events(),
        Long.MAX_VALUE,
        STEADY);
  }

  /** A producer that keeps the order, loses nothing, and sends values of several MiB. */
  public static KafkaProducer<byte[], byte[]> producer(String bootstrapServers) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 8 << 20);
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L << 20);
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Observations sent so far. */
  public long observations() {
    return observations;
  }

  /** Outcomes sent so far. */
  public long outcomes() {
    return outcomes;
  }

  /** Everything sent so far. */
  public long sent() {
    return observations + outcomes;
  }

  /** Whether more is being sent. */
  public boolean isRunning() {
    return thread.isAlive() && !stopped && failure.get() == null;
  }

  /** Ends the traffic early, as {@link #await()} ends it in time. */
  public TrafficRun stop() throws InterruptedException {
    stopped = true;
    return await();
  }

  /** Waits until all is sent and acknowledged. */
  public TrafficRun await() throws InterruptedException {
    thread.join();
    Exception e = failure.get();
    if (e != null) {
      throw new AssertionError("sending to " + topic + " failed after " + sent() + " events", e);
    }
    return this;
  }

  /** Gives up what is not sent yet. */
  @Override
  public void close() {
    stopped = true;
    producer.close();
  }

  private void run(long n, int perSecond) {
    try {
      long start = System.nanoTime();
      for (long i = 0; i < n && !stopped; i++) {
        long ahead = start + i * 1_000_000_000L / perSecond - System.nanoTime();
        if (ahead > 5_000_000) {
          LockSupport.parkNanos(ahead);
        }
        send(traffic.next());
      }
      Optional<SeededTraffic.Event> outstanding = traffic.nextOutstanding();
      while (outstanding.isPresent()) {
        send(outstanding.get());
        outstanding = traffic.nextOutstanding();
      }
      producer.flush();
    } catch (RuntimeException e) {
      failure.compareAndSet(null, e);
    }
  }

  // Only this thread counts; the callback keeps the failure that the future would report.
  @SuppressWarnings({"NonAtomicVolatileUpdate", "FutureReturnValueIgnored"})
  private void send(SeededTraffic.Event event) {
    if (event.isOutcome()) {
      outcomes++;
    } else {
      observations++;
    }
    producer.send(
        new ProducerRecord<>(topic, event.keyBytes(), event.valueBytes()),
        (metadata, e) -> {
          if (e != null) {
            failure.compareAndSet(null, e);
          }
        });
  }
}
