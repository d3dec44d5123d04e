package dev.sluice.bench.stop;

import dev.sluice.bench.throughput.BenchStream;
import dev.sluice.support.cluster.JobTopics;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** A program under steady load, whose committed answers are watched. */
final class Observed implements AutoCloseable {

  /** Partitions of each topic, and workers of each program. */
  static final int PARTITIONS = 2;

  private static final Duration STEADY = Duration.ofSeconds(5);
  private static final Duration LIMIT = Duration.ofMinutes(6);

  /** More than come in. */
  private static final long EVENTS = 100_000_000;

  private final SilenceReader reader;
  private final SteadyLoad load;

  /**
   * Begins both.
   *
   * @param number of this load; no other one has its events' ids
   */
  Observed(String bootstrapServers, JobTopics topics, int keys, int perSecond, int number) {
    reader = new SilenceReader(bootstrapServers, topics, PARTITIONS);
    load =
        new SteadyLoad(
            bootstrapServers,
            topics.events(),
            BenchStream.ofAnyKey(keys, EVENTS, number * EVENTS, System.currentTimeMillis()),
            perSecond);
    reader.start();
    load.start();
  }

  /** Waits until every partition has answers, and a while longer. */
  void awaitSteady() {
    reader.await(System.nanoTime(), LIMIT);
    LockSupport.parkNanos(STEADY.toNanos());
  }

  /**
   * Waits until every partition has answers again.
   *
   * @param sinceNanos the moment of the request to stop
   * @return the longest silence since then, in seconds
   */
  double silence(long sinceNanos) {
    reader.await(System.nanoTime(), LIMIT);
    return reader.longest(sinceNanos);
  }

  @Override
  public void close() {
    load.close();
    reader.close();
  }
}
