package dev.sluice.tool.feed;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.codec.Details;
import dev.sluice.codec.Headers;
import dev.sluice.tool.events.OpenRow;
import java.io.IOException;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Reads the marks of a topic's records. Used by one thread. */
final class FeedMarks {

  private static final String DECIMAL = "[1-9]\\d{0,17}";

  private final String topic;
  private final Feed feed;
  private final String ownIds;
  private @Nullable String sameIds;

  FeedMarks(String topic, Feed feed) {
    this.topic = topic;
    this.feed = feed;
    this.ownIds = "\"id\":\"" + feed.idPrefix();
  }

  /** How many events of this feed the partition holds with this record; 0 if it is none of them. */
  long count(ConsumerRecord<byte[], byte[]> fed, long before) {
    if (fed.headers().lastHeader(Headers.REPLAY_OF) != null) {
      return 0;
    }
    Header mark = fed.headers().lastHeader(Headers.FEED);
    if (feed.name().isEmpty() || mark == null || mark.value() == null) {
      return feed.name().isEmpty() && mark == null ? before + 1 : 0;
    }
    String text = Headers.text(mark.value());
    int slash = text.lastIndexOf('/');
    if (slash < 0 || !text.substring(slash + 1).matches(DECIMAL)) {
      return 0;
    }
    String name = text.substring(0, slash);
    if (name.equals(feed.name())) {
      return Long.parseLong(text.substring(slash + 1));
    }
    if (!feed.idPrefix().isEmpty()
        && Feed.idPrefix(name).equals(feed.idPrefix())
        && fed.value() != null
        && new String(fed.value(), UTF_8).contains(ownIds)) {
      sameIds = name;
    }
    return 0;
  }

  /** How many rows the file had where this event came since it ended. */
  Optional<Long> end(ConsumerRecord<byte[], byte[]> own) {
    Header end = own.headers().lastHeader(Headers.FEED_END);
    String text = end == null || end.value() == null ? "" : Headers.text(end.value());
    return text.matches(DECIMAL) ? Optional.of(Long.parseLong(text)) : Optional.empty();
  }

  /** The mark of a row that had no line end. */
  Optional<String> openRow(ConsumerRecord<byte[], byte[]> own) {
    Header mark = own.headers().lastHeader(Headers.FEED_OPEN_ROW);
    String text = mark == null || mark.value() == null ? "" : Headers.text(mark.value());
    return text.matches(OpenRow.MARK) ? Optional.of(text) : Optional.empty();
  }

  /**
   * Refuses a file whose rows would get the ids of another file's, as sales.csv and sales.csv.gz.
   * One of which the topic holds events already is continued.
   *
   * @param held how many events of this feed the topic holds
   */
  void requireOwnIds(long held) throws IOException {
    String other = sameIds;
    if (held == 0 && other != null) {
      throw new IOException(
          ("nothing was fed: %s holds (%s), and the rows of (%s) would get the same ids (%s0, ...). If it is the"
                  + " same file, --as %s continues it; if it is another one, give it another name with --as NAME")
              .formatted(
                  topic,
                  Details.clipped(other),
                  Details.clipped(feed.name()),
                  Details.clipped(feed.idPrefix()),
                  Details.clipped(other)));
    }
  }
}
