package dev.sluice.tool.stop;

import java.util.List;
import java.util.stream.Stream;

/**
 * The history of a stop that the journal records.
 *
 * @param givenUp whether its command ended while the job ran on: then only a person continues it
 * @param leftBehind savepoints of the stop that its job was found to run after, the oldest first
 */
record StopHistory(boolean givenUp, List<String> leftBehind) {

  static final StopHistory NONE = new StopHistory(false, List.of());

  StopHistory {
    leftBehind = leftBehind == null ? List.of() : List.copyOf(leftBehind);
  }

  StopHistory givenUp(boolean now) {
    return new StopHistory(now, leftBehind);
  }

  StopHistory leaving(String savepoint) {
    return new StopHistory(
        givenUp, Stream.concat(leftBehind.stream(), Stream.of(savepoint)).toList());
  }

  boolean hasLeft(String savepoint) {
    return leftBehind.stream().anyMatch(one -> isSame(one, savepoint));
  }

  /** Whether two URIs are of one directory, however Flink writes it. */
  static boolean isSame(String one, String other) {
    return place(one).equals(place(other));
  }

  private static String place(String uri) {
    return uri.replaceAll("^file:/+", "/").replaceAll("/+$", "");
  }
}
