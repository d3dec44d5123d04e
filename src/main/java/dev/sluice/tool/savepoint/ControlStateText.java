package dev.sluice.tool.savepoint;

import dev.sluice.control.ControlState;
import dev.sluice.control.Pauses;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Says what control commands have left standing. */
final class ControlStateText {

  private static final int NAMED = 5;

  private ControlStateText() {}

  /**
   * A sentence for each; empty if nothing differs from a job that was never commanded.
   *
   * @param shadowVersions of the champion to be, none or one
   */
  static List<String> of(ControlState orders, List<Integer> shadowVersions) {
    List<String> words = new ArrayList<>();
    paused("learning", orders.learning(), words);
    paused("scoring", orders.scoring(), words);
    if (orders.policy() != null) {
      words.add("serving by command: " + orders.policy());
    }
    shadowVersions.forEach(version -> words.add("version " + version + " predicts as a shadow"));
    return words;
  }

  private static void paused(String part, Pauses pauses, List<String> words) {
    if (pauses.everyKey()) {
      words.add(part + " is paused for every key");
    }
    if (!pauses.keys().isEmpty()) {
      int more = pauses.keys().size() - NAMED;
      words.add(
          "%s is paused for %s%s"
              .formatted(
                  part,
                  pauses.keys().stream().limit(NAMED).collect(Collectors.joining(", ")),
                  more > 0 ? " and " + more + " more keys" : ""));
    }
  }
}
