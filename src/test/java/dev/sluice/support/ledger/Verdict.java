package dev.sluice.support.ledger;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What the judge of the ledger found.
 *
 * @param inputs input records read
 * @param answers answers read, by kind
 * @param anomalies every anomaly found, each with its cases in words; absent if there is none
 */
public record Verdict(
    long inputs, Map<OutputKind, Long> answers, Map<Anomaly, List<String>> anomalies) {

  private static final int EXAMPLES = 5;

  /** How many answers of this kind there are. */
  public long answers(OutputKind kind) {
    return answers.getOrDefault(kind, 0L);
  }

  /** How many cases of this anomaly there are. */
  public int count(Anomaly anomaly) {
    return anomalies.getOrDefault(anomaly, List.of()).size();
  }

  /**
   * Returns this verdict if there is no anomaly.
   *
   * @throws AssertionError with the count and the first cases of each anomaly if there is one
   */
  public Verdict assertClean() {
    if (!anomalies.isEmpty()) {
      throw new AssertionError(this.toString());
    }
    return this;
  }

  @Override
  public String toString() {
    StringBuilder text =
        new StringBuilder("%,d input records, answers %s".formatted(inputs, answers));
    anomalies.forEach(
        (anomaly, cases) ->
            text.append(
                "%n%,d %s: %s%s"
                    .formatted(
                        cases.size(),
                        anomaly.words(),
                        String.join("; ", cases.subList(0, Math.min(EXAMPLES, cases.size()))),
                        cases.size() > EXAMPLES ? "; …" : "")));
    return text.toString();
  }

  /** Gathers the cases. */
  static final class Builder {

    private final Map<OutputKind, Long> answers = new EnumMap<>(OutputKind.class);
    private final Map<Anomaly, List<String>> anomalies = new EnumMap<>(Anomaly.class);
    private long inputs;

    Builder inputs(long count) {
      inputs = count;
      return this;
    }

    void count(OutputKind kind) {
      answers.merge(kind, 1L, Long::sum);
    }

    void add(Anomaly anomaly, String words) {
      anomalies.computeIfAbsent(anomaly, a -> new ArrayList<>()).add(words);
    }

    Verdict build() {
      return new Verdict(inputs, Map.copyOf(answers), new EnumMap<>(anomalies));
    }
  }

  /** This verdict with further cases of one anomaly. */
  Verdict with(Anomaly anomaly, List<String> cases) {
    if (cases.isEmpty()) {
      return this;
    }
    Map<Anomaly, List<String>> all = new EnumMap<>(Anomaly.class);
    all.putAll(anomalies);
    all.put(anomaly, List.copyOf(cases));
    return new Verdict(inputs, answers, all);
  }
}
