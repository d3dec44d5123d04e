package dev.sluice.tool.scoring;

import dev.sluice.codec.Details;
import dev.sluice.codec.Headers;
import dev.sluice.event.Reason;
import dev.sluice.tool.broker.CommittedTopic;
import dev.sluice.tool.broker.ReadingProgress;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Sums up the dead-letter topic by reason. Keeps some examples of each reason and nothing else, so
 * its memory does not grow with the topic. What it shows of inputs is cut and printable: they may
 * hold anything.
 */
public final class DeadLetters {

  /** The entry for records that name no reason that this release knows. */
  public static final String UNKNOWN = "unknown";

  private static final int KEPT_BYTES = 400;

  private final Properties client;
  private final String topic;

  /**
   * Dead letters in a topic.
   *
   * @param client properties of a Kafka client, {@code bootstrap.servers} among them
   * @param topic its name
   */
  public DeadLetters(Properties client, String topic) {
    this.client = client;
    this.topic = topic;
  }

  /**
   * Which dead letters count.
   *
   * @param since only those that were written at this time or later; null for all
   * @param reason only those of this {@link Reason#code()}; null for all
   * @param examples how many of each reason are kept, the newest
   */
  public record Wanted(@Nullable Instant since, @Nullable String reason, int examples) {}

  /**
   * All dead letters of one reason.
   *
   * @param reason its code, or {@link #UNKNOWN}
   * @param count how many
   * @param first when the first one was written
   * @param last when the last one was written
   * @param examples the newest, newest first
   */
  public record OfReason(
      String reason, long count, Instant first, Instant last, List<Example> examples) {}

  /**
   * One dead letter, as far as it can be shown: all texts are cut, and printable.
   *
   * @param time when it was written
   * @param origin the input that it answers
   * @param detail what was found and what was expected
   * @param key the input's key; null if it had none
   * @param value the beginning of the input's value; null if it had none
   * @param bytes how long the input's value was
   */
  public record Example(
      Instant time,
      String origin,
      String detail,
      @Nullable String key,
      @Nullable String value,
      long bytes) {}

  /**
   * Reads all that is committed now.
   *
   * @return the most frequent reason first
   * @throws IOException if the topic can't be read
   */
  public List<OfReason> read(Wanted wanted, ReadingProgress progress) throws IOException {
    Book book = new Book(wanted);
    Instant since = wanted.since();
    new CommittedTopic(client, topic)
        .read(
            since == null ? (consumer, all) -> Map.of() : CommittedTopic.since(since),
            progress,
            book::add);
    return book.reasons();
  }

  /** What has been read so far. */
  static final class Book {
    private final Wanted wanted;
    private final Map<String, Page> pages = new HashMap<>();

    Book(Wanted wanted) {
      this.wanted = wanted;
    }

    /** Takes one record of the topic. */
    void add(ConsumerRecord<byte[], byte[]> letter) {
      Instant since = wanted.since();
      String reason = reason(letter);
      if ((since == null || letter.timestamp() >= since.toEpochMilli())
          && (wanted.reason() == null || reason.equals(wanted.reason()))) {
        pages.computeIfAbsent(reason, r -> new Page()).add(letter, wanted.examples());
      }
    }

    List<OfReason> reasons() {
      return pages.entrySet().stream()
          .map(page -> page.getValue().sum(page.getKey()))
          .sorted(
              Comparator.comparingLong(OfReason::count).reversed().thenComparing(OfReason::reason))
          .toList();
    }
  }

  /** Of one reason. */
  private static final class Page {
    private static final Comparator<Kept> OLDEST =
        Comparator.comparing((Kept kept) -> kept.example().time()).thenComparing(Kept::offset);

    private final PriorityQueue<Kept> newest = new PriorityQueue<>(OLDEST);
    private final LongSummaryStatistics times = new LongSummaryStatistics();

    void add(ConsumerRecord<byte[], byte[]> letter, int examples) {
      times.accept(letter.timestamp());
      newest.add(new Kept(letter.offset(), example(letter)));
      if (newest.size() > examples) {
        newest.remove();
      }
    }

    OfReason sum(String reason) {
      return new OfReason(
          reason,
          times.getCount(),
          Instant.ofEpochMilli(times.getMin()),
          Instant.ofEpochMilli(times.getMax()),
          newest.stream().sorted(OLDEST.reversed()).map(Kept::example).toList());
    }
  }

  private record Kept(long offset, Example example) {}

  private static Example example(ConsumerRecord<byte[], byte[]> letter) {
    String whole = header(letter, Headers.VALUE_LENGTH);
    byte[] value = letter.value();
    int there = value == null ? 0 : value.length;
    return new Example(
        Instant.ofEpochMilli(letter.timestamp()),
        shown(headerBytes(letter, Headers.ORIGIN)),
        shown(headerBytes(letter, Headers.DETAIL)),
        letter.key() == null ? null : shown(letter.key()),
        value == null ? null : shown(value),
        whole.matches("\\d{1,18}") ? Long.parseLong(whole) : there);
  }

  private static String reason(ConsumerRecord<byte[], byte[]> letter) {
    String code = header(letter, Headers.REASON);
    boolean known = Arrays.stream(Reason.values()).anyMatch(one -> one.code().equals(code));
    return known ? code : UNKNOWN;
  }

  /** Of the beginning, which is more than is shown, for the mark that there is more. */
  private static String shown(byte[] bytes) {
    return Details.clipped(
        Headers.text(bytes.length <= KEPT_BYTES ? bytes : Arrays.copyOf(bytes, KEPT_BYTES)));
  }

  private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
    byte[] value = headerBytes(letter, name);
    return value.length > KEPT_BYTES ? "" : Headers.text(value);
  }

  private static byte[] headerBytes(ConsumerRecord<byte[], byte[]> letter, String name) {
    Header header = letter.headers().lastHeader(name);
    return header == null || header.value() == null ? new byte[0] : header.value();
  }
}
