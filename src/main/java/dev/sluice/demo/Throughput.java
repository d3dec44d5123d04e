package dev.sluice.demo;

import java.util.OptionalLong;

/** Turns a count that is refreshed now and then into a rate: between its last two refreshes. */
final class Throughput {

  private static final double NS_PER_SECOND = 1e9;

  private long count = -1;
  private long atNs;
  private OptionalLong perSecond = OptionalLong.empty();

  /** Takes a reading; the answer is the rate, empty before the count has moved twice. */
  OptionalLong at(long newCount, long nowNs) {
    if (newCount == count) {
      return perSecond;
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
