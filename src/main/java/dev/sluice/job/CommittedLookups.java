package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.codec.Headers;
import dev.sluice.codec.OriginReader;
import dev.sluice.event.Origin;
import dev.sluice.event.OutputTopic;
import dev.sluice.kafka.CommittedRecords;
import dev.sluice.kafka.TopicOffsets;
import dev.sluice.ledger.Partition;
import dev.sluice.settings.JobSettings;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Reads the answers that are committed beyond a snapshot for what was looked up for them. Each
 * subtask reads all of them and takes those of its keys. Used by the task's thread.
 */
final class CommittedLookups {

  private static final List<OutputTopic> TOPICS =
      List.of(OutputTopic.PREDICTIONS, OutputTopic.DEFERRED, OutputTopic.DEAD_LETTERS);

  private final JobSettings settings;
  private final Predicate<String> isMine;
  private final OriginReader origins = new OriginReader();

  /** Takes an answer of one of the subtask's keys. */
  @FunctionalInterface
  interface Keeper {
    void keep(String key, Origin input, byte[] answer) throws Exception;
  }

  CommittedLookups(JobSettings settings, Predicate<String> isMine) {
    this.settings = settings;
    this.isMine = isMine;
  }

  /**
   * Reads up to where every transaction has ended; what earlier attempts have committed is below.
   *
   * @param from the first offset of each output partition
   */
  void read(SortedMap<Partition, Long> from, Keeper keeper) throws Exception {
    Map<String, OutputTopic> kinds = new HashMap<>();
    TOPICS.forEach(kind -> kinds.put(settings.topics().of(kind), kind));
    SortedMap<Partition, Long> begin = new TreeMap<>();
    SortedMap<Partition, Long> ends;
    try (Admin admin = Admin.create(settings.kafka().clientProperties())) {
      TopicOffsets offsets = new TopicOffsets(admin);
      ends = await(offsets.stableEnds(kinds.keySet()));
      await(offsets.beginnings(kinds.keySet()))
          .forEach((p, first) -> begin.put(p, Math.max(first, from.getOrDefault(p, 0L))));
    }
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    new CommittedRecords(settings.kafka().clientProperties(), settings.sink().fence().patience())
        .visit(
            begin,
            ends,
            record -> {
              try {
                take(Objects.requireNonNull(kinds.get(record.topic())), record, keeper);
              } catch (Exception e) {
                failure.set(e);
              }
              return failure.get() == null;
            });
    Exception failed = failure.get();
    if (failed != null) {
      throw failed;
    }
  }

  private void take(OutputTopic kind, ConsumerRecord<ByteBuffer, ByteBuffer> record, Keeper keeper)
      throws Exception {
    Header header = record.headers().lastHeader(Headers.ORIGIN);
    Origin input = header == null ? null : origins.read(header.value());
    ByteBuffer key = record.key();
    if (input == null || key == null) {
      return;
    }
    String entity = UTF_8.decode(key.duplicate()).toString();
    byte[] answer = isMine.test(entity) ? PublishedLookups.kept(kind, record) : null;
    if (answer != null) {
      keeper.keep(entity, input, answer);
    }
  }

  private <T> T await(Future<T> answer) throws Exception {
    return answer.get(settings.sink().fence().patience().toMillis(), TimeUnit.MILLISECONDS);
  }
}
