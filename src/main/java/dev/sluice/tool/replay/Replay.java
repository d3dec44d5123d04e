package dev.sluice.tool.replay;

import dev.sluice.codec.Headers;
import dev.sluice.codec.OriginReader;
import dev.sluice.event.Origin;
import dev.sluice.kafka.CommittedRecords;
import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.broker.ReadingProgress;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Feeds deferred records back into the topics that they came from, each exactly once, however many
 * runs there are at once, and if any is killed. Used by one thread.
 *
 * <p>Why exactly once: every record that is fed back names the deferred one in a header, so the
 * input topics themselves say what was replayed. A run first opens its transactional id, which
 * aborts what an earlier run left open and fences it; from then on no other run can write. Then it
 * reads these headers up to the ends of the input, and feeds back what none of them names. {@link
 * ReplayOffsets} keep it from reading the whole input for that, and show it where the input has
 * deleted such headers.
 *
 * <p>A record goes to the partition that it came from, at its end, so the order of each key's
 * deferred records stays.
 *
 * @param services whose clock gives replayed records their times
 */
public record Replay(ToolServices services, ReplayPolicy policy) {

  private static final Duration CLOCKS = Duration.ofHours(1);
  private static final int PROGRESS_EVERY = 1 << 14;

  /**
   * What was done.
   *
   * @param replayed records fed back by this run
   * @param earlier records that were fed back before
   * @param otherKeys records with another key than was asked for, not fed back yet
   * @param foreign records without an origin, which no job has deferred
   * @param cut dead letters that hold the beginning of their input only, never fed back
   * @param otherTopics how many records name each topic that the job does not read, not fed back
   */
  public record Result(
      long replayed,
      long earlier,
      long otherKeys,
      long foreign,
      long cut,
      SortedMap<String, Long> otherTopics) {}

  /**
   * Runs it.
   *
   * @throws IOException if the brokers don't let it, another run takes over, every record names
   *     topics that the job does not read, or it is not known any more what was replayed; whatever
   *     was committed until then stays replayed
   */
  public Result run(ReadingProgress progress) throws IOException, InterruptedException {
    try (Brokers brokers = services.brokers(policy.client(), policy.patience())) {
      brokers.ends(Set.of(policy.deferred())); // So that an absent topic is not waited for.
      try (ReplayProducer feed =
          ReplayProducer.open(policy.client(), policy.name(), policy.patience())) {
        return run(brokers, feed, progress);
      }
    }
  }

  private Result run(Brokers brokers, ReplayProducer feed, ReadingProgress progress)
      throws IOException, InterruptedException {
    Set<String> topic = Set.of(policy.deferred());
    SortedMap<Partition, Long> ends = brokers.stableEnds(topic);
    SortedMap<Partition, Long> begin = brokers.beginnings(topic);
    ReplayOffsets marks = ReplayOffsets.of(brokers.committed(policy.name()), begin, ends);
    ReplayOffsets start = marks.above(begin);
    SortedMap<Partition, Long> from = start.readFrom();
    Contents contents = new Contents(policy, start);
    read("deferred records", from, ends, contents, progress);
    if (contents.anyNew) { // what is left was reported before
      policy.refuseOtherTopics(contents.named.keySet());
    }
    if (contents.inputs.isEmpty()) {
      return new Result(0, 0, 0, contents.foreign, 0, contents.named);
    }
    SortedMap<Partition, Long> inputEnds = brokers.ends(contents.inputs);
    SortedMap<Partition, Long> lookFrom =
        new ScanRange(
                brokers.beginnings(contents.inputs),
                inputEnds,
                brokers.since(contents.inputs, Math.max(0, contents.oldestMs - CLOCKS.toMillis())))
            .from(marks, policy.firstTime(), policy.deferred());
    OriginSet replayed = new OriginSet();
    read("earlier replays", lookFrom, inputEnds, headers(replayed), progress);
    ReplayVisitor feeding =
        new ReplayVisitor(
            feed,
            policy,
            services.time().clock(),
            replayed,
            inputEnds.keySet(),
            start.lookingFrom(lookFrom));
    read("what to replay", from, ends, feeding, progress);
    return feeding.finish(ends, inputEnds);
  }

  private void read(
      String phase,
      SortedMap<Partition, Long> from,
      SortedMap<Partition, Long> to,
      CommittedRecords.Visitor visitor,
      ReadingProgress progress)
      throws IOException, InterruptedException {
    CommittedRecords records = new CommittedRecords(policy.client(), policy.patience());
    try {
      progress.visit(records, phase, from, to, PROGRESS_EVERY, visitor);
    } catch (CommittedRecords.StalledException e) {
      throw new IOException(
          ("%s can't be read to their ends: %s. A transaction that is open there holds them back; run it again "
                  + "when it has ended")
              .formatted(phase, e.getMessage()),
          e);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** The origin in a header of a record; null if it has none that can be read. */
  static @Nullable Origin origin(OriginReader reader, ConsumerRecord<?, ?> record, String header) {
    Header found = record.headers().lastHeader(header);
    return found == null ? null : reader.read(found.value());
  }

  /** Takes down which deferred records are named as replayed. */
  private CommittedRecords.Visitor headers(OriginSet replayed) {
    OriginReader reader = new OriginReader();
    return input -> {
      Origin deferred = origin(reader, input, Headers.REPLAY_OF);
      if (deferred != null && deferred.topic().equals(policy.deferred())) {
        replayed.add(deferred);
      }
      return true;
    };
  }

  /** Which topics what is not settled came from, and when the oldest of the job's came. */
  private static final class Contents implements CommittedRecords.Visitor {

    private final ReplayPolicy policy;
    private final ReplayOffsets start;
    private final OriginReader reader = new OriginReader();
    private final SortedMap<String, Long> named = new TreeMap<>();
    private final Set<String> inputs = new TreeSet<>();
    private long oldestMs = Long.MAX_VALUE;
    private long foreign;
    private boolean anyNew;

    Contents(ReplayPolicy policy, ReplayOffsets start) {
      this.policy = policy;
      this.start = start;
    }

    @Override
    public boolean visit(ConsumerRecord<ByteBuffer, ByteBuffer> deferred) {
      Partition partition = new Partition(deferred.topic(), deferred.partition());
      if (start.isSettled(partition, deferred.offset())) {
        return true;
      }
      Origin origin = origin(reader, deferred, Headers.ORIGIN);
      if (origin == null) {
        foreign++;
        return true;
      }
      anyNew |= deferred.offset() >= start.settled().getOrDefault(partition, 0L);
      named.merge(policy.nameOf(origin, named.keySet()), 1L, Long::sum);
      if (policy.isOfTheJob(origin)) {
        inputs.add(origin.topic());
        oldestMs = Math.min(oldestMs, deferred.timestamp());
      }
      return true;
    }
  }
}
