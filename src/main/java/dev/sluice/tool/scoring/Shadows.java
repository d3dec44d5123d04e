package dev.sluice.tool.scoring;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Compares each shadow with what predicted at the same time: figures over other evaluations say
 * nothing of which is better. Only the newest versions are kept.
 */
public final class Shadows {

  /** Versions that are kept. */
  static final int MOST = 4;

  private final TreeMap<Integer, Losses> versions = new TreeMap<>();
  private long older;

  /**
   * Mean losses over the evaluations with a shadow.
   *
   * @param version the shadow's
   * @param evaluations how many there were
   * @param shadow the shadow's
   * @param champion the champion's; NaN if it was not always there
   * @param challenger the challengers'
   * @param served whatever was served
   */
  public record Compared(
      int version,
      long evaluations,
      double shadow,
      double champion,
      double challenger,
      double served) {}

  /** Sums. */
  private static final class Losses {
    private long n;
    private double shadow;
    private double champion;
    private double challenger;
    private double served;

    private Compared mean(int version) {
      return new Compared(version, n, shadow / n, champion / n, challenger / n, served / n);
    }
  }

  Shadows() {}

  /** What a version is called among the models. */
  static String name(int version) {
    return "shadow " + version;
  }

  /** Whether it is none of those that are too old. */
  boolean takes(int version) {
    return versions.size() < MOST || version >= versions.firstKey();
  }

  /**
   * Counts an evaluation, with a shadow or not.
   *
   * @return the name of a version that is not kept any more
   */
  Optional<String> add(EvaluationRow row) {
    EvaluationRow.Shadow shadow = row.shadow();
    if (shadow == null) {
      return Optional.empty();
    }
    if (!takes(shadow.version())) {
      older++;
      return Optional.empty();
    }
    Losses sums = versions.computeIfAbsent(shadow.version(), v -> new Losses());
    EvaluationRow.Said champion = row.champion();
    sums.n++;
    sums.shadow += shadow.said().loss();
    sums.champion += champion == null ? Double.NaN : champion.loss();
    sums.challenger += row.challenger().loss();
    sums.served += row.served().loss();
    if (versions.size() <= MOST) {
      return Optional.empty();
    }
    Map.Entry<Integer, Losses> oldest = versions.firstEntry();
    versions.remove(oldest.getKey());
    older += oldest.getValue().n;
    return Optional.of(name(oldest.getKey()));
  }

  /** Of the versions that are kept, the newest first. */
  List<Compared> compared() {
    return versions.descendingMap().entrySet().stream()
        .map(version -> version.getValue().mean(version.getKey()))
        .toList();
  }

  /** How many evaluations had a shadow that is not kept. */
  long older() {
    return older;
  }
}
