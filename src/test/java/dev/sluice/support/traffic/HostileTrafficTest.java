package dev.sluice.support.traffic;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HostileTrafficTest {

  private static final int N = 30_000;
  private static final Set<String> STATELESS =
      Set.of(
          "bad-feature",
          "bad-field",
          "key-mismatch",
          "malformed-json",
          "missing-field",
          "unknown-label",
          "unknown-type");

  @Test
  void aThirdIsBroken() {
    List<HostileCase> cases = cases(TargetKind.LABELS);
    assertThat(cases).hasSizeBetween(N, N + 500);
    long broken = cases.stream().filter(c -> !c.expected().equals(HostileCase.GOOD)).count();
    assertThat((double) broken / cases.size()).isBetween(0.32, 0.345);
  }

  @Test
  void everyReasonOccursManyTimes() {
    Map<String, Long> reasons =
        cases(TargetKind.LABELS).stream()
            .collect(
                Collectors.groupingBy(HostileCase::expected, TreeMap::new, Collectors.counting()));
    assertThat(reasons)
        .containsOnlyKeys(
            "bad-feature",
            "bad-field",
            "duplicate-observation",
            "duplicate-outcome",
            "good",
            "key-mismatch",
            "malformed-json",
            "missing-field",
            "outcome-without-observation",
            "too-large",
            "unknown-label",
            "unknown-type");
    assertThat(reasons.values()).allMatch(count -> count > 20);
    assertThat(cases(TargetKind.VALUES).stream().map(HostileCase::expected)).contains("bad-value");
  }

  /** A replacement that found nothing to replace would leave a good event behind. */
  @Test
  void everyBrokenRecordDiffersFromEveryGoodOne() {
    Set<String> good = new HashSet<>();
    Map<String, String> broken = new HashMap<>();
    for (HostileCase c : cases(TargetKind.LABELS)) {
      String text = text(c.key()) + "|" + text(c.value()).replaceAll("h-\\d+", "h");
      if (c.expected().equals(HostileCase.GOOD)) {
        good.add(text);
      } else if (STATELESS.contains(c.expected())) {
        broken.put(text, c.name());
      }
    }
    assertThat(broken).hasSizeGreaterThan(80);
    assertThat(broken.keySet()).doesNotContainAnyElementsOf(good);
  }

  private static String text(byte @Nullable [] bytes) {
    return bytes == null ? "none" : new String(bytes, UTF_8);
  }

  private static List<HostileCase> cases(TargetKind goal) {
    List<HostileCase> cases = new ArrayList<>();
    new HostileTraffic(3, N, goal).forEach(cases::add);
    return cases;
  }
}
