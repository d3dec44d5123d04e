package dev.sluice.ledger;

import static dev.sluice.ledger.OriginSetTest.set;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Origin;
import dev.sluice.support.ledger.LedgerValues;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RestoreBarrierTest {

  private static final Origin A = new Origin("t", 0, 1);

  private final RestoreBarrier meeting = new RestoreBarrier(2);

  @Test
  void thereIsNoVerdictBeforeAllAreHere() {
    assertThat(meeting.verdict()).isNull();
    meeting.arrive(1, report(set(A)));
    assertThat(meeting.verdict()).isNull();
    meeting.arrive(0, report(set()));

    assertThat(meeting.verdict()).isNotNull().isSameAs(meeting.verdict());
  }

  @Test
  void whatALostSubtaskHadReadDoesNotCount() {
    meeting.arrive(0, report(set(A)));
    meeting.leave(0);
    meeting.arrive(1, report(set()));
    assertThat(meeting.verdict()).isNull();
    meeting.arrive(0, report(set()));

    assertThat(meeting.verdict()).extracting(Verdict::ahead).isEqualTo(set());
  }

  @Test
  void aLossAfterTheVerdictCallsForANewOne() {
    meeting.arrive(0, report(set()));
    meeting.arrive(1, report(set()));
    assertThat(meeting.verdict()).isNotNull();
    meeting.leave(1);
    assertThat(meeting.verdict()).isNull();
    meeting.arrive(1, report(set(A)));

    assertThat(meeting.verdict()).extracting(Verdict::ahead).isEqualTo(set(A));
  }

  private static FenceReport report(OriginSet committed) {
    FenceNote note = FenceNoteTest.note(1, true, Map.of(), Map.of());
    return LedgerValues.report(note, List.of(), committed, List.of());
  }
}
