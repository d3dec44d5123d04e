package dev.sluice.tool.audit;

import dev.sluice.codec.Headers;
import dev.sluice.kafka.CommittedRecords;
import dev.sluice.ledger.Partition;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Takes answers from their topics into the book, and counts them. Used by one thread. */
final class Answers {

  private final Map<String, Map<Integer, Counter>> counters = new HashMap<>();

  /** What is known of one output partition. */
  private static final class Counter {
    final long firstMs;
    long records;

    Counter(long firstMs) {
      this.firstMs = firstMs;
    }
  }

  /** The value of the origin header; null if there is none. */
  static byte @Nullable [] origin(ConsumerRecord<?, ?> record) {
    Header header = record.headers().lastHeader(Headers.ORIGIN);
    return header == null ? null : header.value();
  }

  /** Writes each record into the book. */
  CommittedRecords.Visitor into(AuditBook book) {
    return record -> {
      counters
          .computeIfAbsent(record.topic(), topic -> new HashMap<>())
          .computeIfAbsent(record.partition(), p -> new Counter(record.timestamp()))
          .records++;
      book.answer(record.topic(), record.partition(), record.offset(), origin(record));
      return true;
    };
  }

  /** Committed records in each topic that has any. */
  SortedMap<String, Long> records() {
    SortedMap<String, Long> records = new TreeMap<>();
    counters.forEach(
        (topic, partitions) ->
            records.put(topic, partitions.values().stream().mapToLong(c -> c.records).sum()));
    return records;
  }

  /** When the oldest record that is left in each partition was written, epoch milliseconds. */
  SortedMap<Partition, Long> oldest() {
    SortedMap<Partition, Long> oldest = new TreeMap<>();
    counters.forEach(
        (topic, partitions) ->
            partitions.forEach(
                (p, counter) -> oldest.put(new Partition(topic, p), counter.firstMs)));
    return oldest;
  }
}
