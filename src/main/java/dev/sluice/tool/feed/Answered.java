package dev.sluice.tool.feed;

import dev.sluice.ledger.Partition;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;

/**
 * Whether the job has answered all that was fed: its group's committed offsets are those of a
 * completed checkpoint, with which the answers are committed, too. Used by one thread.
 */
final class Answered {

  private final ToolServices services;
  private final Properties client;
  private final FeedRun.Topics topics;
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
   * @param ends behind the last event that was fed to each partition; not where the topic ends, as
   *     markers of transactions are at its end, which no reader passes
   * @return true if it has, or if the brokers do not say
   */
  boolean isOver(SortedMap<Partition, Long> ends) throws InterruptedException {
    try (Brokers brokers = services.brokers(client, ToolServices.GLANCE)) {
      answered = isRead(ends, brokers.committedOffsets(topics.groupId()));
    } catch (IOException | IllegalArgumentException e) {
      unknown = true; // the user may not see groups; what was fed is fed
    }
    return answered || unknown;
  }

  /** Whether it was seen to have answered. */
  boolean answered() {
    return answered;
  }

  static boolean isRead(SortedMap<Partition, Long> ends, Map<Partition, Long> committed) {
    return ends.entrySet().stream()
        .allMatch(end -> committed.getOrDefault(end.getKey(), -1L) >= end.getValue());
  }
}
