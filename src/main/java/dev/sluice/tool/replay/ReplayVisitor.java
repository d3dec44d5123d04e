package dev.sluice.tool.replay;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.codec.Headers;
import dev.sluice.codec.OriginReader;
import dev.sluice.event.Origin;
import dev.sluice.kafka.CommittedRecords;
import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Feeds back what was not fed back before, transaction after transaction. */
final class ReplayVisitor implements CommittedRecords.Visitor {

  private final ReplayProducer feed;
  private final ReplayPolicy policy;
  private final Clock clock;
  private final OriginSet earlier;
  private final Set<Partition> targets;
  private final ReplayOffsets start;
  private final SortedMap<Partition, Long> reached = new TreeMap<>();
  private final SortedMap<Partition, OffsetRanges> left = new TreeMap<>();
  private final byte @Nullable [] key;
  private final OriginReader reader = new OriginReader();
  private final SortedMap<String, Long> otherTopics = new TreeMap<>();

  private int inTransaction;
  private long replayed;
  private long repeated;
  private long otherKeys;
  private long foreign;
  private long cut;

  /**
   * @param clock gives replayed records their times
   * @param earlier deferred records that were fed back before
   * @param targets every partition of the input topics
   * @param start marks that hold when it begins
   */
  ReplayVisitor(
      ReplayProducer feed,
      ReplayPolicy policy,
      Clock clock,
      OriginSet earlier,
      Set<Partition> targets,
      ReplayOffsets start) {
    this.feed = feed;
    this.policy = policy;
    this.clock = clock;
    this.earlier = earlier;
    this.targets = targets;
    this.start = start;
    this.key = policy.key() == null ? null : policy.key().getBytes(UTF_8);
  }

  @Override
  public boolean visit(ConsumerRecord<ByteBuffer, ByteBuffer> deferred) {
    Partition partition = new Partition(deferred.topic(), deferred.partition());
    if (start.isSettled(partition, deferred.offset())) {
      return true;
    }
    if (isLeft(deferred)) {
      left.computeIfAbsent(partition, none -> new OffsetRanges()).add(deferred.offset());
    }
    reached.put(partition, deferred.offset() + 1);
    if (inTransaction >= policy.batch()) {
      commit();
    }
    return true;
  }

  /** Feeds one record back, or counts why not; whether it may still have to be fed back. */
  private boolean isLeft(ConsumerRecord<ByteBuffer, ByteBuffer> deferred) {
    Origin its = new Origin(deferred.topic(), deferred.partition(), deferred.offset());
    Origin input = Replay.origin(reader, deferred, Headers.ORIGIN);
    if (input == null) {
      foreign++;
    } else if (!policy.isOfTheJob(input)) {
      otherTopics.merge(policy.nameOf(input, otherTopics.keySet()), 1L, Long::sum);
      return true; // by a run that is given more topics
    } else if (isCut(deferred)) {
      cut++;
    } else if (earlier.contains(its)) {
      repeated++;
    } else if (key != null && !ByteBuffer.wrap(key).equals(deferred.key())) {
      otherKeys++;
      return true;
    } else {
      feed(record(its, input, deferred));
    }
    return false;
  }

  /** A dead letter, among what was taken for deferred records, that is not the whole input. */
  private static boolean isCut(ConsumerRecord<ByteBuffer, ByteBuffer> deferred) {
    return deferred.headers().lastHeader(Headers.VALUE_LENGTH) != null
        || deferred.headers().lastHeader(Headers.KEY_LENGTH) != null;
  }

  private ProducerRecord<byte[], byte[]> record(
      Origin its, Origin input, ConsumerRecord<ByteBuffer, ByteBuffer> deferred) {
    boolean there = targets.contains(new Partition(input.topic(), input.partition()));
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            input.topic(),
            there ? input.partition() : null,
            Math.max(clock.millis(), deferred.timestamp()),
            CommittedRecords.bytes(deferred.key()),
            CommittedRecords.bytes(deferred.value()));
    for (Header header : deferred.headers()) {
      if (!header.key().equals(Headers.ORIGIN)) {
        record.headers().add(header);
      }
    }
    record.headers().add(Headers.REPLAY_OF, Headers.originBytes(its));
    return record;
  }

  private void feed(ProducerRecord<byte[], byte[]> record) {
    try {
      feed.send(record);
      replayed++;
      inTransaction++;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Commits with the records how far they were passed, for the run that continues if this one ends.
   */
  private void commit() {
    SortedMap<Partition, Long> settled = new TreeMap<>(start.settled());
    SortedMap<Partition, OffsetRanges> still = new TreeMap<>(start.left());
    reached.forEach(
        (p, offset) -> {
          settled.merge(p, offset, Math::max);
          still.put(p, start.left(p).from(offset).with(left.getOrDefault(p, new OffsetRanges())));
        });
    ReplayOffsets soFar = new ReplayOffsets(settled, still, start.lookFrom(), start.books());
    try {
      feed.commit((soFar.fit() ? soFar : start.partial()).offsets());
      inTransaction = 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Commits the rest, with marks that name what is left. If that is in too many places, the marks
   * stay as they were.
   *
   * @param deferredEnds as far as deferred records were passed
   * @param inputEnds where the input ended before this run wrote to it
   */
  Replay.Result finish(
      SortedMap<Partition, Long> deferredEnds, SortedMap<Partition, Long> inputEnds)
      throws IOException {
    ReplayOffsets whole =
        new ReplayOffsets(deferredEnds, left, inputEnds, ReplayOffsets.Books.COMPLETE);
    feed.commit((whole.fit() ? whole : start.partial()).offsets());
    return new Replay.Result(replayed, repeated, otherKeys, foreign, cut, otherTopics);
  }
}
