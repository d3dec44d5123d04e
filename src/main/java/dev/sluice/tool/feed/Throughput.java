package dev.sluice.tool.feed;

import java.util.OptionalLong;

/** Turns a count that is refreshed now and then into a rate: between its last two refreshes. */
final class Throughput {

  private static final double NS_PER_SECOND = 1e9;

  /** Flink refreshes its counts every 10 s; one that did not change for longer is stalled. */
  private static final long STANDSTILL_NS = 15_000_000_000L;

  private long count = -1;
  private long atNs;
  private OptionalLong perSecond = OptionalLong.empty();

  /** Takes a reading; the answer is the rate, empty before the count has moved twice. */
  OptionalLong at(long newCount, long nowNs) {
    if (newCount == count) {
      return nowNs - atNs > STANDSTILL_NS && perSecond.isPresent() ? OptionalLong.of(0) : perSecond;
    }
    if (count > 0 && newCount > count) {
      perSecond =
          OptionalLong.of(Math.round((newCount - count) / ((nowNs - atNs) / NS_PER_SECOND)));
    }
    count = newCount;
    atNs = nowNs;
    return perSecond;
  }
}
