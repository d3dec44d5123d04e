package dev.sluice.support.traffic;

import static dev.sluice.support.traffic.HostileCase.GOOD;

import dev.sluice.support.ledger.Place;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Traffic of which a third is broken, in every way of {@link HostileKinds} by turns, between good
 * events of {@link SeededTraffic}. The same for the same seed. Not thread-safe.
 */
public final class HostileTraffic {

  /** How many of the records are 1 MiB and larger. */
  static final int LARGE = 36;

  private static final int ENTITIES = 40;

  private final int n;
  private final SeededTraffic good;
  private final List<HostileCase.Maker> small;
  private final List<HostileCase.Maker> large;
  private final Deque<HostileCase> queue = new ArrayDeque<>();
  private long sent;
  private long broken;
  private int made;
  private int madeLarge;

  /** About {@code n} records; a few more, because pairs are sent whole. */
  public HostileTraffic(long seed, int n, TargetKind goal) {
    this.n = n;
    this.good = new SeededTraffic(seed, 60, goal);
    this.small = List.copyOf(HostileKinds.of(goal).values());
    this.large = List.copyOf(HostileKinds.large(goal).values());
  }

  /** Hands every record to {@code each}, in the order in which they must be sent. */
  void forEach(Consumer<HostileCase> each) {
    while (sent < n) {
      hand(next(), each);
    }
    queue.forEach(rest -> hand(rest, each));
    for (Optional<SeededTraffic.Event> event = good.nextOutstanding();
        event.isPresent();
        event = good.nextOutstanding()) {
      hand(harmless(event.get()), each);
    }
  }

  /**
   * Sends every record and waits until all are there.
   *
   * @return what must come of each, by its place
   */
  public Map<Place, HostileCase> produce(String bootstrapServers, String topic) {
    Map<Place, HostileCase> expected = new ConcurrentHashMap<>();
    List<Exception> failures = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer = TrafficRun.producer(bootstrapServers)) {
      forEach(record -> send(producer, topic, record, expected, failures));
      producer.flush();
    }
    if (!failures.isEmpty() || expected.size() != sent) {
      throw new AssertionError(
          "of %s records to %s only %s were acknowledged: %s"
              .formatted(sent, topic, expected.size(), failures));
    }
    return expected;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the callback keeps what the future would report
  private static void send(
      KafkaProducer<byte[], byte[]> producer,
      String topic,
      HostileCase record,
      Map<Place, HostileCase> expected,
      List<Exception> failures) {
    producer.send(
        new ProducerRecord<byte[], byte[]>(topic, record.key(), record.value()),
        (metadata, e) -> {
          if (e == null) {
            expected.put(new Place(topic, metadata.partition(), metadata.offset()), record);
          } else {
            failures.add(e);
          }
        });
  }

  private HostileCase next() {
    if (queue.isEmpty() && madeLarge < LARGE * sent / n) {
      queue.addAll(large.get(madeLarge++ % large.size()).make(entity(), "large-" + madeLarge));
    } else if (queue.isEmpty() && broken * 3 < sent) {
      queue.addAll(small.get(made++ % small.size()).make(entity(), "h-" + made));
    }
    HostileCase queued = queue.poll();
    return queued == null ? harmless(good.next()) : queued;
  }

  private void hand(HostileCase record, Consumer<HostileCase> each) {
    sent++;
    broken += record.expected().equals(GOOD) ? 0 : 1;
    each.accept(record);
  }

  private String entity() {
    return "h-" + made % ENTITIES;
  }

  private static HostileCase harmless(SeededTraffic.Event event) {
    return new HostileCase("seeded", event.keyBytes(), event.valueBytes(), GOOD);
  }
}
