package dev.sluice.bench.throughput;

import dev.sluice.support.cluster.JobTopics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.IsolationLevel;

/**
 * Runs one contender over the whole input. Counted are the answers that it writes, committed or
 * not, from the first fifth to the fourth of all: what comes before is start-up for everyone, and
 * at the end one worker may have less left than the other. A run counts only if as many predictions
 * and evaluations are committed as there were observations and outcomes.
 */
final class ThroughputRun {

  private static final double BEGIN = 0.4;
  private static final double END = 0.9;

  /** Nothing written for so long: the contender has got stuck. */
  private static final Duration STUCK = Duration.ofSeconds(90);

  private static final long POLL_NANOS = 50_000_000;

  private final BenchBroker broker;
  private final BenchOptions options;
  private final String events;
  private final Path directory;

  /**
   * @param events the topic with the input
   * @param directory where each run gets a folder, deleted at its end, and leaves its log
   */
  ThroughputRun(BenchBroker broker, BenchOptions options, String events, Path directory) {
    this.broker = broker;
    this.options = options;
    this.events = events;
    this.directory = directory;
  }

  /** A contender's whole run; refused runs are results, too. */
  Measured run(Contender contender, int round) throws Exception {
    String name = "%s-%s".formatted(contender.code(), round);
    double load = Machine.load();
    try (Workplace place = Workplace.start(broker, options, contender, name, events, directory)) {
      return new Measured(contender, round, load, figures(place), null);
    } catch (RefusedRun e) {
      return new Measured(contender, round, load, null, e.getMessage());
    }
  }

  /** Where a run was at a moment. */
  private record Mark(double seconds, long answers, double cpu, double brokerCpu) {}

  private Measured.Figures figures(Workplace place) throws Exception {
    JobTopics topics = place.topics();
    double started = System.nanoTime() / 1e9;
    List<String> answers = List.of(topics.predictions(), topics.evaluations());
    Mark begin = await(place, answers, (long) (BEGIN * options.stream().events()));
    Mark end = await(place, answers, (long) (END * options.stream().events()));
    await(place, answers, options.stream().events());
    awaitCommitted(place, answers);
    long peak = place.process().peakMib();
    place.process().close();
    CommittedAnswers predictions = complete(topics.predictions());
    CommittedAnswers evaluations = complete(topics.evaluations());
    long counted = end.answers() - begin.answers();
    return new Measured.Figures(
        counted / (end.seconds() - begin.seconds()),
        (end.cpu() - begin.cpu()) * 1e6 / counted,
        (end.brokerCpu() - begin.brokerCpu()) * 1e6 / counted,
        begin.seconds() - started,
        peak,
        predictions.digest() * 31 + evaluations.digest());
  }

  private Mark await(Workplace place, List<String> topics, long goal) throws Exception {
    long last = 0;
    long moved = System.nanoTime();
    while (true) {
      place.requireAlive();
      long seen = broker.ends(topics, IsolationLevel.READ_UNCOMMITTED);
      if (seen >= goal) {
        return new Mark(
            System.nanoTime() / 1e9,
            seen,
            ContenderProcess.cpuSeconds(place.process().processId()),
            ContenderProcess.cpuSeconds(broker.processId()));
      }
      if (seen > last) {
        last = seen;
        moved = System.nanoTime();
      } else if (System.nanoTime() - moved > STUCK.toNanos()) {
        throw new RefusedRun(
            "nothing written for %s s, %,d of %,d answers; its last words:%n%s"
                .formatted(STUCK.toSeconds(), seen, goal, place.process().lastWords()));
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  /** Until no transaction holds answers back, twice in a row with a commit between. */
  private void awaitCommitted(Workplace place, List<String> topics) throws Exception {
    long deadline = System.nanoTime() + STUCK.toNanos();
    long settled = -1;
    while (true) {
      place.requireAlive();
      long written = broker.ends(topics, IsolationLevel.READ_UNCOMMITTED);
      long committed = broker.ends(topics, IsolationLevel.READ_COMMITTED);
      if (written == committed && committed == settled) {
        return;
      }
      settled = written == committed ? committed : -1;
      if (System.nanoTime() > deadline) {
        throw new RefusedRun(
            "%,d of %,d records of its output are not committed after %s s"
                .formatted(written - committed, written, STUCK.toSeconds()));
      }
      LockSupport.parkNanos(Duration.ofMillis(Workplace.COMMIT_MS / 2).toNanos());
    }
  }

  private CommittedAnswers complete(String topic) throws RefusedRun {
    CommittedAnswers found = CommittedAnswers.read(broker.bootstrapServers(), topic);
    long expected = options.stream().events() / 2;
    if (found.records() != expected) {
      throw new RefusedRun(
          "%s has %,d committed records for %,d events"
              .formatted(topic, found.records(), expected));
    }
    return found;
  }
}
