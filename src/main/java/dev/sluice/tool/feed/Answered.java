package dev.sluice.tool.feed;

import dev.sluice.ledger.Partition;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether the job has answered all that was fed: its group's committed offsets are those of a
 * completed checkpoint, with which the answers are committed, too. Used by one thread.
 */
final class Answered {

  private final ToolServices services;
  private final Properties client;
  private final FeedRun.Topics topics;
  private @Nullable SortedMap<Partition, Long> ends;
  private boolean answered;
  private boolean unknown;

  Answered(ToolServices services, Properties client, FeedRun.Topics topics) {
    this.services = services;
    this.client = client;
    this.topics = topics;
  }

  /**
   * Asks, once all is fed.
   *
   * @return true if it has, or if the brokers do not say
   */
  boolean isOver() throws InterruptedException {
    try (Brokers brokers = services.brokers(client, ToolServices.GLANCE)) {
      answered = isRead(brokers);
    } catch (IOException | IllegalArgumentException e) {
      unknown = true; // the user may not see groups; what was fed is fed
    }
    return answered || unknown;
  }

  /** Whether it was seen to have answered. */
  boolean answered() {
    return answered;
  }

  private boolean isRead(Brokers brokers) throws IOException, InterruptedException {
    SortedMap<Partition, Long> upTo = ends;
    if (upTo == null) {
      upTo = brokers.ends(List.of(topics.events()));
      // No offset is committed of a partition with nothing in it.
      upTo.entrySet().removeAll(brokers.beginnings(List.of(topics.events())).entrySet());
      ends = upTo;
    }
    Map<Partition, Long> read = brokers.committedOffsets(topics.groupId());
    return upTo.entrySet().stream()
        .allMatch(end -> read.getOrDefault(end.getKey(), -1L) >= end.getValue());
  }
}
