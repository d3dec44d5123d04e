package dev.sluice.ops.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DeletedInputsTest {

  private static final Span LEFT = new Span(100, 200, 200);

  private final Findings findings = new Findings(2);
  private final OriginSet held = new OriginSet();
  private final OriginSet answered = new OriginSet();
  private final OriginSet read = new OriginSet();

  @Test
  void whatWasDeletedUnansweredIsAGap() {
    answered.addRange("events", 0, 40, 89);
    held.addRange("events", 0, 90, 92);
    read.addRange("events", 0, 100, 199);

    assertThat(judge(true, true)).isEmpty();
    assertThat(findings.found(Map.of()))
        .containsExactly(
            new Finding(
                Anomaly.GAP,
                7,
                List.of(
                    "events/0: from 40 up to 100, 7 inputs were deleted before they were answered")));
  }

  @Test
  void whatWasAnsweredBeforeItWasDeletedIsFine() {
    answered.addRange("events", 0, 40, 99);
    read.addRange("events", 0, 100, 199);

    assertThat(judge(true, true)).isEmpty();
    assertThat(findings.found(Map.of())).isEmpty();
  }

  @Test
  void amongMarkersOfTransactionsNobodyCanTell() {
    answered.addRange("events", 0, 40, 89);
    read.addRange("events", 0, 100, 150);
    read.addRange("events", 0, 152, 199);

    assertUnknown(judge(true, true));
  }

  @Test
  void withoutAllAnswersOrAllThatWaitsNobodyCanTell() {
    answered.addRange("events", 0, 40, 89);
    read.addRange("events", 0, 100, 199);

    assertUnknown(judge(false, true));
    assertUnknown(judge(true, false));
  }

  private void assertUnknown(List<String> notes) {
    assertThat(notes).singleElement().asString().contains("events/0", "10 deleted", "nobody can");
    assertThat(findings.found(Map.of())).isEmpty();
  }

  private List<String> judge(boolean wholeOutputs, boolean heldKnown) {
    Bounds bounds = new Bounds(new TreeMap<>(), new TreeMap<>(), held, heldKnown, true);
    return new DeletedInputs(bounds, wholeOutputs)
        .judge(new TreeMap<>(Map.of(new Partition("events", 0), LEFT)), answered, read, findings);
  }
}
