package dev.sluice.tool.scoring;

import java.time.Instant;

/** How times are shown: ISO-8601 in UTC. */
final class Times {

  private Times() {}

  static String iso(long epochMs) {
    return Instant.ofEpochMilli(epochMs).toString();
  }
}
