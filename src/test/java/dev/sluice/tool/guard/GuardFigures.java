package dev.sluice.tool.guard;

import java.util.SortedMap;
import java.util.TreeMap;

/** What a guard publishes, read off one that has nothing to watch. */
public final class GuardFigures {

  private GuardFigures() {}

  /** Every name with what it means. */
  public static SortedMap<String, String> published() {
    SortedMap<String, String> published = new TreeMap<>();
    try (GuardParts parts = new GuardParts()) {
      parts.metrics.signalled("TERM");
      parts
          .metrics
          .text()
          .lines()
          .filter(line -> line.startsWith("# HELP "))
          .map(line -> line.split(" ", 4))
          .forEach(words -> published.put(words[2], words[3].strip()));
    }
    return published;
  }
}
