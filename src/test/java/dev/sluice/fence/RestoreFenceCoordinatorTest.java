package dev.sluice.fence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Origin;
import dev.sluice.ledger.AheadAnswers;
import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.FenceReport;
import dev.sluice.ledger.OpenInterval;
import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import dev.sluice.state.FenceNoteSerializer;
import dev.sluice.support.ledger.LedgerValues;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.executiongraph.ExecutionAttemptID;
import org.apache.flink.runtime.messages.Acknowledge;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;
import org.apache.flink.streaming.api.operators.collect.CollectCoordinationResponse;
import org.apache.flink.util.SerializedThrowable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RestoreFenceCoordinatorTest {

  private final HandMadeContext context = new HandMadeContext(2);
  private final RestoreFenceCoordinator coordinator = coordinator(context, FenceMode.SUPPRESS);

  @BeforeEach
  void deploy() {
    ready(coordinator, 0, 0);
    ready(coordinator, 1, 0);
  }

  @Test
  void nobodyGoesOnBeforeAllAreHere() throws Exception {
    assertThat(here(0, 0)).isEqualTo(FenceAnswer.WAIT);
    assertThat(here(0, 0)).isEqualTo(FenceAnswer.WAIT);
    assertThat(here(1, 0)).isEqualTo(FenceAnswer.TAKEN);
    assertThat(here(0, 0)).isEqualTo(FenceAnswer.TAKEN);
  }

  @Test
  void noTaskBeginsBeforeAllHaveRestored() throws Exception {
    here(0, 0);
    here(1, 0);
    reportAll();
    assertThat(opened(0, 0)).isEqualTo(FenceAnswer.WAIT);
    assertThat(opened(1, 0)).isEqualTo(FenceAnswer.TAKEN);
    assertThat(opened(0, 0)).isEqualTo(FenceAnswer.TAKEN);

    coordinator.subtaskReset(0, 7);
    ready(coordinator, 0, 1);
    assertThat(opened(1, 0)).isEqualTo(FenceAnswer.WAIT);
    assertThat(opened(0, 1)).isEqualTo(FenceAnswer.TAKEN);

    coordinator.resetToCheckpoint(8, null);
    ready(coordinator, 0, 2);
    ready(coordinator, 1, 2);
    assertThat(opened(0, 2)).isEqualTo(FenceAnswer.WAIT);
  }

  @Test
  void nobodyGetsAnAnswerBeforeAllHaveReported() throws Exception {
    report(0, 0, report(range(0, 9)));
    assertThat(ask(0, 0, 0).getVersion()).isEqualTo(FenceAnswer.WAIT);
    report(1, 0, report(range(20, 29)));

    OriginSet both = range(0, 9);
    both.addAll(range(20, 29));
    assertThat(ahead(0, 0)).isEqualTo(both);
    assertThat(ahead(1, 0)).isEqualTo(both);
    assertThat(context.failures()).isEmpty();
  }

  @Test
  void anAttemptThatIsNotDeployedIsToldToWait() throws Exception {
    assertThat(here(0, 1)).isEqualTo(FenceAnswer.WAIT);
    assertThat(here(1, 0)).isEqualTo(FenceAnswer.WAIT);
    reportAll();
    assertThat(ask(0, 1, 0).getVersion()).isEqualTo(FenceAnswer.WAIT);
    assertThat(ask(0, 0, 0).getVersion()).isEqualTo(FenceAnswer.PART);
  }

  @Test
  void whatADeadAttemptSaysLateIsForgotten() throws Exception {
    here(0, 0);
    coordinator.executionAttemptFailed(0, 0, new IOException("lost"));
    ready(coordinator, 0, 1);
    assertThat(report(0, 0, report(range(0, 9)))).isEqualTo(FenceAnswer.WAIT);
    report(1, 0, report(range(20, 29)));
    assertThat(ask(1, 0, 0).getVersion()).isEqualTo(FenceAnswer.WAIT);

    report(0, 1, report(range(40, 49)));
    OriginSet both = range(40, 49);
    both.addAll(range(20, 29));
    assertThat(ahead(1, 0)).isEqualTo(both);
  }

  @Test
  void whoLeavesTakesWhatItBroughtWithIt() throws Exception {
    here(0, 0);
    here(1, 0);
    reportAll();
    coordinator.subtaskReset(0, 7);

    assertThat(here(1, 0)).isEqualTo(FenceAnswer.WAIT);
    assertThat(ask(1, 0, 0).getVersion()).isEqualTo(FenceAnswer.WAIT);
    ready(coordinator, 0, 1);
    report(0, 1, report(range(40, 49)));
    assertThat(ahead(1, 0).contains(new Origin("events", 0, 0))).isFalse();
  }

  @Test
  void halfAReportIsForgottenWithItsAttempt() throws Exception {
    List<byte[]> parts = FenceAnswer.cut(ReportBytes.write(report(everySecond(10_000_000))));
    assertThat(parts.size()).isGreaterThan(1);
    part(0, 0, 0, parts);
    coordinator.executionAttemptFailed(0, 0, null);
    ready(coordinator, 0, 1);
    report(0, 1, report(range(0, 9)));
    report(1, 0, report(range(20, 29)));

    assertThat(ahead(0, 1).size()).isEqualTo(20);
  }

  @Test
  void aResetForgetsEverybody() throws Exception {
    here(0, 0);
    here(1, 0);
    reportAll();
    coordinator.resetToCheckpoint(7, null);

    assertThat(here(0, 0)).isEqualTo(FenceAnswer.WAIT);
    ready(coordinator, 0, 1);
    ready(coordinator, 1, 1);
    assertThat(here(0, 1)).isEqualTo(FenceAnswer.WAIT);
    assertThat(ask(0, 1, 0).getVersion()).isEqualTo(FenceAnswer.WAIT);
    report(0, 1, report(range(0, 9)));
    assertThat(ask(0, 1, 0).getVersion()).isEqualTo(FenceAnswer.WAIT);
  }

  @Test
  void aTaskThatFailedOverItsCommitIsCounted() {
    Exception over = new LostCommitException("can't be committed", new Exception("fenced"));
    coordinator.executionAttemptFailed(0, 0, new SerializedThrowable(new Exception(over)));
    coordinator.executionAttemptFailed(1, 0, null);
    ready(coordinator, 0, 1);
    coordinator.executionAttemptFailed(0, 1, new Exception("something else"));

    assertThat(coordinator.lostCommits()).isEqualTo(1);
  }

  @Test
  void aPartThatIsSentAgainIsTakenOnceAndALargeAnswerComesInParts() throws Exception {
    OriginSet large = everySecond(10_000_000);
    List<byte[]> parts = FenceAnswer.cut(ReportBytes.write(report(large)));
    for (int i = 0; i < parts.size(); i++) {
      assertThat(part(0, 0, i, parts)).isEqualTo(FenceAnswer.TAKEN);
      assertThat(part(0, 0, i, parts)).isEqualTo(FenceAnswer.TAKEN);
      assertThat(part(0, 0, 0, parts)).isEqualTo(FenceAnswer.TAKEN);
    }
    report(1, 0, report(new OriginSet()));

    assertThat(ask(0, 0, 0).getLastCheckpointedOffset()).isGreaterThan(1);
    assertThat(ahead(0, 0)).isEqualTo(large);
  }

  @Test
  void whatTheSnapshotHoldsAsAheadIsWaitedForToo() throws Exception {
    AheadAnswers restored = AheadAnswers.of(range(30, 39));
    restored.journal().noteAll(range(30, 34), 7);
    report(0, 0, report(new OriginSet(), restored));
    report(1, 0, report(new OriginSet()));

    assertThat(ahead(0, 0)).isEqualTo(range(30, 39));
    assertThat(passed(0)).isEqualTo(FenceAnswer.WAIT);
    progress(0, 39);
    progress(1, 20);
    assertThat(passed(0)).isEqualTo(FenceAnswer.PASSED);
  }

  @Test
  void aSnapshotWithoutNotesLeavesNothingAhead() throws Exception {
    FenceRequest unchecked = new FenceRequest.Unchecked(0, 0);
    assertThat(answer(coordinator, unchecked).getVersion()).isEqualTo(FenceAnswer.TAKEN);

    assertThat(ahead(0, 0)).isEqualTo(new OriginSet());
  }

  @Test
  void aCompleteCheckpointFreesWhatEverySubtaskHasFetched() throws Exception {
    reportAll();
    assertThat(ask(0, 0, 0).getVersion()).isEqualTo(FenceAnswer.PART);
    coordinator.notifyCheckpointComplete(8);

    assertThat(ask(0, 0, 0).getVersion()).isEqualTo(FenceAnswer.WAIT);
    assertThat(passed(0)).isEqualTo(FenceAnswer.WAIT);
    progress(0, 29);
    progress(1, 29);
    assertThat(passed(0)).isEqualTo(FenceAnswer.PASSED);
  }

  @Test
  void missingAnswersFailTheJobOnceAndForGood() throws Exception {
    FenceReport lost =
        LedgerValues.report(
            note(0), List.of(new OpenInterval(7, range(0, 9))), range(0, 4), List.of());
    report(0, 0, lost);
    report(1, 0, report(new OriginSet()));

    assertThat(context.awaitFailure())
        .isInstanceOf(SuppressRestartsException.class)
        .rootCause()
        .hasMessageContaining("5 answers that checkpoint 7 counts as given were never committed")
        .hasMessageContaining("events/0: 5-9");
    assertThat(ask(0, 0, 0).getVersion()).isEqualTo(FenceAnswer.WAIT);

    coordinator.subtaskReset(0, 7);
    ready(coordinator, 0, 1);
    report(0, 1, lost);
    assertThat(context.failures()).hasSize(1);
    assertThat(ask(0, 1, 0).getVersion()).isEqualTo(FenceAnswer.WAIT);
  }

  @Test
  void answersAheadFailTheJobInModeFailOnly() throws Exception {
    reportAll();
    assertThat(context.failures()).isEmpty();

    HandMadeContext strict = new HandMadeContext(1);
    RestoreFenceCoordinator one = coordinator(strict, FenceMode.FAIL);
    ready(one, 0, 0);
    byte[] whole = ReportBytes.write(report(range(100, 109)));
    answer(one, new FenceRequest.Report(0, 0, 0, 1, whole));
    assertThat(strict.awaitFailure())
        .rootCause()
        .hasMessageContaining("10 answers are committed beyond checkpoint 7");
  }

  @Test
  void itIsOverWhenTheSourcesHavePassedAllThatWasAhead() throws Exception {
    report(0, 0, report(range(100, 109)));
    report(1, 0, report(new OriginSet()));

    assertThat(progress(0, 105)).isEqualTo(FenceAnswer.WAIT);
    assertThat(progress(1, 50)).isEqualTo(FenceAnswer.WAIT);
    assertThat(progress(0, 109)).isEqualTo(FenceAnswer.PASSED);
  }

  private void reportAll() throws Exception {
    report(0, 0, report(range(0, 9)));
    report(1, 0, report(range(20, 29)));
  }

  private static RestoreFenceCoordinator coordinator(HandMadeContext context, FenceMode mode) {
    Properties client = new Properties();
    return new RestoreFenceCoordinator(
        context,
        new FenceSettings(
            mode,
            true,
            false,
            Duration.ofSeconds(1),
            "sluice",
            "",
            new FenceSettings.Topics(new String[] {"out"}, "log", new String[] {"events"}),
            client));
  }

  private static void ready(RestoreFenceCoordinator coordinator, int subtask, int attempt) {
    coordinator.executionAttemptReady(subtask, attempt, new Silent(subtask));
  }

  private String here(int subtask, int attempt) throws Exception {
    return answer(coordinator, new FenceRequest.Here(subtask, attempt)).getVersion();
  }

  private String opened(int subtask, int attempt) throws Exception {
    return answer(coordinator, new FenceRequest.Opened(subtask, attempt)).getVersion();
  }

  /** Sends a whole report in order; what the last part was answered. */
  private String report(int subtask, int attempt, FenceReport report) throws Exception {
    List<byte[]> parts = FenceAnswer.cut(ReportBytes.write(report));
    String last = "";
    for (int i = 0; i < parts.size(); i++) {
      last = part(subtask, attempt, i, parts);
    }
    return last;
  }

  private String part(int subtask, int attempt, int index, List<byte[]> parts) throws Exception {
    return answer(
            coordinator,
            new FenceRequest.Report(subtask, attempt, index, parts.size(), parts.get(index)))
        .getVersion();
  }

  private CollectCoordinationResponse ask(int subtask, int attempt, int index) throws Exception {
    return answer(coordinator, new FenceRequest.Ask(subtask, attempt, index));
  }

  /** All that is ahead, as a subtask puts it together. */
  private OriginSet ahead(int subtask, int attempt) throws Exception {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    long count = 1;
    for (int i = 0; i < count; i++) {
      CollectCoordinationResponse part = ask(subtask, attempt, i);
      assertThat(part.getVersion()).isEqualTo(FenceAnswer.PART);
      whole.writeBytes(FenceAnswer.bytes(part));
      count = part.getLastCheckpointedOffset();
    }
    return ReportBytes.readAhead(whole.toByteArray()).origins();
  }

  private String progress(int subtask, long passed) throws Exception {
    byte[] note = FenceAnswer.write(note(passed), new FenceNoteSerializer());
    return answer(coordinator, new FenceRequest.Progress(subtask, 0, note, 0)).getVersion();
  }

  private static CollectCoordinationResponse answer(
      RestoreFenceCoordinator coordinator, FenceRequest request) throws Exception {
    return (CollectCoordinationResponse) coordinator.handleCoordinationRequest(request).get();
  }

  private String passed(int subtask) throws Exception {
    return answer(coordinator, new FenceRequest.AskPassed(subtask, 0)).getVersion();
  }

  private static FenceReport report(OriginSet committed, AheadAnswers restored) {
    return new FenceReport(
        note(-1),
        List.of(),
        AheadAnswers.of(committed),
        restored,
        new FenceReport.Foreign(2, List.of("out/0 offset 3 names x/0/1")),
        List.of());
  }

  private static FenceReport report(OriginSet committed) {
    return LedgerValues.report(note(-1), List.of(), committed, List.of());
  }

  private static FenceNote note(long passed) {
    TreeMap<Partition, Long> seen = new TreeMap<>();
    if (passed >= 0) {
      seen.put(new Partition("events", 0), passed);
    }
    return new FenceNote("0".repeat(32), 7, 6, true, new TreeMap<>(), seen);
  }

  private static OriginSet range(long first, long last) {
    OriginSet set = new OriginSet();
    set.addRange("events", 0, first, last);
    return set;
  }

  /** So scattered that it is larger than one message. */
  private static OriginSet everySecond(int below) {
    OriginSet set = new OriginSet();
    for (int offset = 0; offset < below; offset += 2) {
      set.add(new Origin("events", 0, offset));
    }
    return set;
  }

  /** A subtask that receives no events. */
  private record Silent(int subtask) implements OperatorCoordinator.SubtaskGateway {

    @Override
    public CompletableFuture<Acknowledge> sendEvent(OperatorEvent event) {
      throw new AssertionError("the restore fence sends no events: " + event);
    }

    @Override
    public ExecutionAttemptID getExecution() {
      throw new UnsupportedOperationException();
    }

    @Override
    public int getSubtask() {
      return subtask;
    }
  }
}
