package dev.sluice.tool.audit;

import dev.sluice.event.Origin;
import dev.sluice.ledger.OriginSet;
import dev.sluice.tool.audit.AuditReport.Anomaly;
import dev.sluice.tool.audit.AuditReport.Finding;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
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
      example(anomaly, null, text.get());
    }
  }

  /** Counts one whose example is as {@link #example} takes it. */
  void add(Anomaly anomaly, Origin wanted, String text) {
    if (count(anomaly, 1)) {
      example(anomaly, wanted, text);
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

  /**
   * Takes an example of what was counted.
   *
   * @param wanted the input of which it names every place where it is answered; null for none
   * @param text with {@code %s} for these places
   */
  void example(Anomaly anomaly, @Nullable Origin wanted, String text) {
    List<Example> kept = kept(anomaly);
    Example example = new Example(wanted, text);
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
    examples.values().stream()
        .flatMap(List::stream)
        .flatMap(example -> Stream.ofNullable(example.wanted()))
        .forEach(wanted::add);
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
