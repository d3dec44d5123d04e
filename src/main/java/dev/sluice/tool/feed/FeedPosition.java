package dev.sluice.tool.feed;

import dev.sluice.tool.events.InputEvent;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.Queue;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * Where feeding continues: how many of the events each partition holds already.
 *
 * <p>Why a count for each partition and not one for the topic: an idempotent producer keeps the
 * order within a partition, so after any failure of the feeder each partition holds a prefix of the
 * events that belong there. Across partitions there is no such promise: a later event may be in one
 * while an earlier one never reached another. Passing over, for each partition, as many of its
 * events as it holds therefore neither repeats nor skips any.
 */
final class FeedPosition {

  private final String topic;
  private final String wayOut;
  private final long[] held;
  private final long[] passed;

  /**
   * @param wayOut what to do where the topic holds something else, for the message
   * @param held how many events each partition holds, replayed ones left out
   */
  FeedPosition(String topic, String wayOut, long[] held) {
    this.topic = topic;
    this.wayOut = wayOut;
    this.held = held.clone();
    this.passed = new long[held.length];
  }

  /** The last record of a partition. */
  record Last(byte[] key, byte[] value) {}

  /** Counts one more event of a partition, which it then holds; the answer is how many it holds. */
  long add(int partition) {
    return ++held[partition];
  }

  /** How many events the topic holds. */
  long total() {
    return Arrays.stream(held).sum();
  }

  /** The partition of a key: the one that Kafka's own clients choose. */
  int partitionOf(byte[] key) {
    return Utils.toPositive(Utils.murmur2(key)) % held.length;
  }

  /**
   * Moves {@code events} forward past everything that the topic holds.
   *
   * @param lasts the last record of each partition that holds any
   * @return events that were met on the way but are not in the topic, in their order; they come
   *     before the rest of {@code events}
   * @throws IOException if the topic holds anything else than these events
   */
  Queue<InputEvent> passOver(Iterator<? extends InputEvent> events, Map<Integer, Last> lasts)
      throws IOException {
    Queue<InputEvent> missing = new ArrayDeque<>();
    long toPass = total();
    while (toPass > 0) {
      if (!events.hasNext()) {
        throw foreign("it holds %s more events than the data".formatted(toPass));
      }
      InputEvent event = events.next();
      int partition = partitionOf(event.keyBytes());
      if (passed[partition] == held[partition]) {
        missing.add(event);
        continue;
      }
      passed[partition]++;
      toPass--;
      if (passed[partition] == held[partition]) {
        requireSame(event, partition, lasts.get(partition));
      }
    }
    return missing;
  }

  private void requireSame(InputEvent event, int partition, @Nullable Last last)
      throws IOException {
    if (last == null
        || !Arrays.equals(last.key(), event.keyBytes())
        || !Arrays.equals(last.value(), event.json())) {
      throw foreign(
          "event %s of %s/%s is not event %s of the data"
              .formatted(held[partition], topic, partition, event.id()));
    }
  }

  private IOException foreign(String found) {
    return new IOException(
        "feeding can't continue, it would repeat or skip events: %s. %s"
            .formatted(found, wayOut.formatted(topic)));
  }
}
