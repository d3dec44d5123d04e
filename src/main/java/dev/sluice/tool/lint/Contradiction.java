package dev.sluice.tool.lint;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Numbers that can't hold together.
 *
 * @param check which found it
 * @param left the number that is too short
 * @param right those that it is too short for
 */
record Contradiction(Check check, Reading left, List<Reading> right) {

  /** How long it would have to be. */
  Duration needed() {
    return right.stream().map(Reading::value).reduce(check.margin(), Duration::plus);
  }

  Map<String, Object> figures() {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("check", check.name());
    figures.put("left", left.figures());
    figures.put("relation", check.relation().words());
    figures.put("right", right.stream().map(Reading::figures).toList());
    figures.put("marginSeconds", check.margin().toSeconds());
    figures.put("neededSeconds", needed().toMillis() / 1000.0);
    figures.put("consequence", check.otherwise());
    figures.put("wayOut", wayOut());
    return figures;
  }

  private String wayOut() {
    return "raise %s to %s%s, or %s"
        .formatted(
            left.key().text(),
            check.relation() == Check.Relation.LONGER ? "more than " : "",
            words(needed()),
            check.wayOut());
  }

  private static String words(Duration duration) {
    return duration.toMillisPart() == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
  }

  @Override
  public String toString() {
    String margin = check.margin().isZero() ? "" : " + " + words(check.margin());
    String sum = right.stream().map(Reading::toString).collect(Collectors.joining(" + "));
    return "%s: %s must be %s %s%s, which is %s. Otherwise %s. Remedy: %s."
        .formatted(
            check.name(),
            left,
            check.relation().words(),
            sum,
            margin,
            words(needed()),
            check.otherwise(),
            wayOut());
  }
}
