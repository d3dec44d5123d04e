package dev.sluice.tool.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import dev.sluice.tool.audit.AuditReport.Anomaly;
import dev.sluice.tool.audit.AuditReport.Finding;
import dev.sluice.tool.audit.Input.Span;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DeletedInputsTest {

  private static final Span LEFT = new Span(100, 200, 200);

  private static final DeletedInputs.Judged NOTHING = new DeletedInputs.Judged(0, List.of());

  private final Findings findings = new Findings(2);
  private final OriginSet held = new OriginSet();
  private final OriginSet answered = new OriginSet();
  private final OriginSet read = new OriginSet();
  private final TreeMap<Partition, Long> to =
      new TreeMap<>(Map.of(new Partition("events", 0), 200L));

  @Test
  void whatWasDeletedUnansweredIsAGap() {
    answered.addRange("events", 0, 40, 89);
    held.addRange("events", 0, 90, 92);
    read.addRange("events", 0, 100, 199);

    assertThat(judge(true, true)).isEqualTo(NOTHING);
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

    assertThat(judge(true, true)).isEqualTo(NOTHING);
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

  @Test
  void withoutAnyAnswerAllThatIsNotHeldIsUnknown() {
    held.addRange("events", 0, 90, 92);
    read.addRange("events", 0, 100, 199);

    DeletedInputs.Judged reported = judge(true, true);
    assertThat(reported.unknown()).isEqualTo(97);
    assertThat(reported.notes())
        .singleElement()
        .asString()
        .contains("events/0", "97 deleted", "none", "no longer known");
    assertThat(findings.found(Map.of())).isEmpty();
  }

  @Test
  void whereAnswersAreDeletedTooOnlyANoteSaysSo() {
    read.addRange("events", 0, 100, 199);

    DeletedInputs.Judged reported = judge(false, true);
    assertThat(reported.unknown()).isZero();
    assertThat(reported.notes()).singleElement().asString().contains("events/0", "100 deleted");
  }

  @Test
  void aPartitionThatIsNotJudgedAddsNothing() {
    to.clear();

    assertThat(judge(true, true)).isEqualTo(NOTHING);
  }

  private void assertUnknown(DeletedInputs.Judged reported) {
    assertThat(reported.notes())
        .singleElement()
        .asString()
        .contains("events/0", "10 deleted", "no longer known");
    assertThat(reported.unknown()).as("what makes the verdict undecided").isEqualTo(10);
    assertThat(findings.found(Map.of())).isEmpty();
  }

  private DeletedInputs.Judged judge(boolean wholeOutputs, boolean heldKnown) {
    Bounds bounds = new Bounds(new TreeMap<>(), to, held, heldKnown, true);
    return new DeletedInputs(bounds, wholeOutputs)
        .judge(new TreeMap<>(Map.of(new Partition("events", 0), LEFT)), answered, read, findings);
  }
}
