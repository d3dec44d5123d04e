package dev.sluice.bench.throughput;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.TopicPartition;

/**
 * Measures how old events are when their answers become visible. The contender starts on a first
 * thousand events; when these are answered, events come at a steady pace, of which those after the
 * warm-up count. Every answer that counts must come.
 */
final class LatencyRun {

  private static final int FIRST = 1_000;
  private static final int WARM_UP_SECONDS = 20;
  private static final int COUNTED_SECONDS = 30;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final BenchBroker broker;
  private final BenchOptions options;
  private final Path directory;

  LatencyRun(BenchBroker broker, BenchOptions options, Path directory) {
    this.broker = broker;
    this.options = options;
    this.directory = directory;
  }

  /**
   * Measures one contender under one load.
   *
   * @param most events a second that it can answer
   * @param share of these that are sent
   */
  Latency run(Contender contender, double most, double share) throws Exception {
    String name = "latency-%s-%.0f".formatted(contender.code(), share * 100);
    String events = broker.create(name + ".events", name).events();
    double perSecond = most * share;
    long paced = (long) (perSecond * (WARM_UP_SECONDS + COUNTED_SECONDS));
    // The last outcomes come in a row behind the last observation: the pace ends before them.
    long all = 2 * ((FIRST + paced + BenchStream.LAG + 1) / 2);
    BenchOptions.Stream shape = options.stream().of(all);
    try (Workplace place = Workplace.start(broker, options, contender, name, events, directory);
        PacedProducer producer =
            new PacedProducer(
                broker.bootstrapServers(), events, shape, System.currentTimeMillis() - all)) {
      return measured(contender, place, producer, perSecond, share, paced);
    } catch (RefusedRun e) {
      return new Latency(contender, perSecond, share, null, null, e.getMessage());
    }
  }

  private Latency measured(
      Contender contender,
      Workplace place,
      PacedProducer producer,
      double perSecond,
      double share,
      long paced)
      throws Exception {
    String brokers = broker.bootstrapServers();
    AnswerReader all = new AnswerReader(brokers, place.topics(), producer, "read_uncommitted");
    AnswerReader committed = new AnswerReader(brokers, place.topics(), producer, "read_committed");
    all.start();
    committed.start();
    producer.sendAtOnce(FIRST);
    // One of two partitions holds about half.
    awaitSeen(place, all, FIRST / 4);
    long counted = System.nanoTime() + Duration.ofSeconds(WARM_UP_SECONDS).toNanos();
    all.countFrom(counted);
    committed.countFrom(counted);
    producer.send(paced, perSecond);
    // Keys have the same partition here and there.
    long expected = broker.end(new TopicPartition(place.topics().events(), 0));
    awaitSeen(place, committed, expected);
    return new Latency(
        contender,
        perSecond,
        share,
        Latency.Percentiles.of(all.end()),
        Latency.Percentiles.of(committed.end()),
        null);
  }

  private void awaitSeen(Workplace place, AnswerReader reader, long goal) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (reader.seen() < goal) {
      place.requireAlive();
      if (!reader.isAlive()) {
        throw new IllegalStateException(reader.getName() + " has failed: see above");
      }
      if (System.nanoTime() > deadline) {
        throw new RefusedRun(
            "%,d of %,d answers %s s after the last event: it does not keep up"
                .formatted(reader.seen(), goal, PATIENCE.toSeconds()));
      }
      LockSupport.parkNanos(20_000_000);
    }
  }
}
