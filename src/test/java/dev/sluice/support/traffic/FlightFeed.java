package dev.sluice.support.traffic;

import dev.sluice.tool.demo.FlightEvent;
import dev.sluice.tool.demo.FlightEvents;
import dev.sluice.tool.demo.Flights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Real flights on their way into {@code sluice.events}, by a thread of its own. */
public final class FlightFeed implements AutoCloseable {

  private static final String TOPIC = "sluice.events";
  private static final Path DATA = Path.of("notebooks", "data", "flights-2001-500k.csv.gz");

  private final KafkaProducer<byte[], byte[]> producer;
  private final Flights flights;
  private final Thread thread;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private volatile boolean stopped;
  private volatile long sent;

  private FlightFeed(Properties client, int fromRow, int perSecond) throws IOException {
    this.producer =
        new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer());
    this.flights = Flights.open(DATA);
    this.thread =
        new Thread(
            () -> run(new FlightEvents(flights, fromRow, Integer.MAX_VALUE), perSecond), "flights");
    this.thread.setDaemon(true);
  }

  /**
   * Starts sending.
   *
   * @param fromRow the first flight, counted from 0
   * @param perSecond the pace
   */
  public static FlightFeed start(Properties kafka, int fromRow, int perSecond) throws IOException {
    Properties client = new Properties();
    client.putAll(kafka);
    client.put(ProducerConfig.ACKS_CONFIG, "all");
    FlightFeed feed = new FlightFeed(client, fromRow, perSecond);
    feed.thread.start();
    return feed;
  }

  /** Events that were sent so far. */
  public long sent() {
    return sent;
  }

  /** Ends it, and waits until what was sent is acknowledged. */
  public void stop() throws InterruptedException {
    stopped = true;
    thread.join();
    producer.flush();
    Exception e = failure.get();
    if (e != null) {
      throw new AssertionError("sending flights failed after " + sent + " events", e);
    }
  }

  @Override
  public void close() throws IOException {
    stopped = true;
    producer.close();
    flights.close();
  }

  // Only this thread counts; the callback keeps the failure that the future would report.
  @SuppressWarnings({"NonAtomicVolatileUpdate", "FutureReturnValueIgnored"})
  private void run(FlightEvents events, int perSecond) {
    long start = System.nanoTime();
    try {
      while (!stopped && events.hasNext()) {
        long ahead = start + sent * 1_000_000_000L / perSecond - System.nanoTime();
        if (ahead > 5_000_000) {
          LockSupport.parkNanos(ahead);
        }
        FlightEvent event = events.next();
        producer.send(
            new ProducerRecord<>(TOPIC, event.keyBytes(), event.json()),
            (metadata, e) -> {
              if (e != null) {
                failure.compareAndSet(null, e);
              }
            });
        sent++;
      }
    } catch (RuntimeException e) {
      failure.compareAndSet(null, e);
    }
  }
}
