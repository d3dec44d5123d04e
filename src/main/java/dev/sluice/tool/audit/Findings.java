package dev.sluice.tool.audit;

import dev.sluice.event.Origin;
import dev.sluice.ledger.OriginSet;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Counts anomalies and keeps the first examples of each. Used by one thread. */
final class Findings {

  private final int most;
  private final EnumMap<Anomaly, Long> counts = new EnumMap<>(Anomaly.class);
  private final EnumMap<Anomaly, List<Example>> examples = new EnumMap<>(Anomaly.class);

  /**
   * An example.
   *
   * @param wanted the input whose answers' places are still to be found; null for none
   * @param text with {@code %s} for these places
   */
  private record Example(@Nullable Origin wanted, String text) {

    String text(Map<Origin, List<String>> places) {
      return wanted == null
          ? text
          : text.formatted(String.join(" and ", places.getOrDefault(wanted, List.of("?"))));
    }
  }

  /**
   * Nothing found yet.
   *
   * @param most examples to keep of each anomaly
   */
  Findings(int most) {
    this.most = most;
  }

  /** How many examples are kept of each anomaly. */
  int most() {
    return most;
  }

  /** Counts one; its text is asked for only if it becomes an example. */
  void add(Anomaly anomaly, Supplier<String> text) {
    if (count(anomaly, 1)) {
      keep(anomaly, new Example(null, text.get()));
    }
  }

  /**
   * Counts one whose example has to name every place where an input is answered.
   *
   * @param text with {@code %s} for these places
   */
  void addToLocate(Anomaly anomaly, Origin origin, String text) {
    if (count(anomaly, 1)) {
      keep(anomaly, new Example(origin, text));
    }
  }

  /**
   * Counts more of an anomaly than there are examples.
   *
   * @return whether an example is still wanted
   */
  boolean count(Anomaly anomaly, long count) {
    counts.merge(anomaly, count, Long::sum);
    return kept(anomaly).size() < most;
  }

  /** Takes an example of what was counted. */
  void example(Anomaly anomaly, String text) {
    keep(anomaly, new Example(null, text));
  }

  /** Takes an example of what was counted, which has to name every place where it is answered. */
  void exampleToLocate(Anomaly anomaly, Origin origin, String text) {
    keep(anomaly, new Example(origin, text));
  }

  private void keep(Anomaly anomaly, Example example) {
    List<Example> kept = kept(anomaly);
    // A third answer to an input is counted, but its example would be the same.
    if (kept.size() < most && !kept.contains(example)) {
      kept.add(example);
    }
  }

  private List<Example> kept(Anomaly anomaly) {
    return examples.computeIfAbsent(anomaly, a -> new ArrayList<>());
  }

  /** The inputs whose answers' places the examples have to name. */
  OriginSet wanted() {
    OriginSet wanted = new OriginSet();
    for (List<Example> kept : examples.values()) {
      for (Example example : kept) {
        if (example.wanted() != null) {
          wanted.add(example.wanted());
        }
      }
    }
    return wanted;
  }

  /**
   * Everything that was found, in the order of the anomalies.
   *
   * @param places where each of the {@link #wanted} inputs is answered
   */
  List<Finding> found(Map<Origin, List<String>> places) {
    List<Finding> found = new ArrayList<>();
    counts.forEach(
        (anomaly, count) ->
            found.add(
                new Finding(
                    anomaly,
                    count,
                    kept(anomaly).stream().map(example -> example.text(places)).toList())));
    return found;
  }
}
