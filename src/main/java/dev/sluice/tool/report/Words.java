package dev.sluice.tool.report;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Numbers and times as the page writes them, the same wherever it is made. */
final class Words {

  private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};

  private Words() {}

  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** A number and its noun, which takes an s for more than one. */
  static String count(long number, String noun) {
    return count(number) + " " + noun + (number == 1 ? "" : "s");
  }

  /** To the second: 2026-11-22 12:00:00 UTC. */
  static String time(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString().replace('T', ' ').replace("Z", " UTC");
  }

  /** To three digits or so: 940 ms, 9.4 s, 34 s, 2 min 5 s, 3 h 20 min. */
  static String duration(double ms) {
    if (ms < 999.5) {
      return String.format(Locale.ROOT, "%.0f ms", ms);
    }
    if (ms < 59_500) {
      return String.format(Locale.ROOT, ms < 9_950 ? "%.1f s" : "%.0f s", ms / 1e3);
    }
    long seconds = Math.round(ms / 1e3);
    long minutes = seconds / 60;
    return minutes < 60
        ? "%s min %s s".formatted(minutes, seconds % 60)
        : "%s h %s min".formatted(count(minutes / 60), minutes % 60);
  }

  /** In decimal units: 73.4 MB. */
  static String size(long bytes) {
    double left = bytes;
    int unit = 0;
    while (left >= 999.5 && unit < UNITS.length - 1) {
      left /= 1000;
      unit++;
    }
    return String.format(
        Locale.ROOT, unit == 0 || left >= 99.95 ? "%.0f %s" : "%.1f %s", left, UNITS[unit]);
  }
}
