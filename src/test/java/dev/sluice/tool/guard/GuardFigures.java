package dev.sluice.tool.guard;

import java.time.Clock;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a guard publishes, read off one that has nothing to watch. */
public final class GuardFigures {

  private GuardFigures() {}

  /** Every name with what it means. */
  public static SortedMap<String, String> published() {
    SortedMap<String, String> published = new TreeMap<>();
    try (GuardMetrics metrics = new GuardMetrics(Clock.systemUTC(), Duration.ofMinutes(1))) {
      metrics.watch(() -> null, () -> null);
      metrics.watch(() -> null);
      metrics.watchOutput(() -> null);
      metrics.signalled("TERM");
      metrics
          .text()
          .lines()
          .filter(line -> line.startsWith("# HELP "))
          .map(line -> line.split(" ", 4))
          .forEach(words -> published.put(words[2], words[3].strip()));
    }
    return published;
  }
}
