package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedLog;
import dev.sluice.support.KeyFiles;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.services.ToolServices;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A stop whose savepoint is complete, and a JobManager that is gone with its job, or seems so. */
class VanishingFlinkTest {

  private static final String NOT_TOLD = "that the job has ended";

  @TempDir Path folder;

  private StopWorld world;

  @BeforeEach
  void saveAJob() throws Exception {
    world = StopWorld.in(folder);
    world.grace = Duration.ofSeconds(1);
    world.status(StopWorld.TRIGGER, world.saved());
    world.state("FINISHED");
  }

  @AfterEach
  void endFlink() {
    world.close();
  }

  @Test
  void whatFilesAndBrokersTellIsProvedAndTheRestWhenFlinkAnswers() throws Exception {
    journal();
    world.flink.elects(10_000);
    StopResult silent = world.stop();
    assertThat(silent.exitCode()).as(silent.text()).isEqualTo(4);
    Receipt receipt = written();
    assertThat(receipt.problems())
        .singleElement()
        .asString()
        .contains(NOT_TOLD + " is not proved", "503");
    assertThat(receipt.models()).as("the savepoint was read").isNotNull();

    world.flink.elects(0);
    StopResult reported = world.stop();
    assertThat(reported.kind()).as(reported.text()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(world.receipts()).hasSize(1);
  }

  @Test
  void anotherJobManagerMayHaveRecoveredTheJob() throws Exception {
    world.guarantee = "exactly-once";
    world.highAvailability = true;
    journal();
    world.flink.close();
    StopResult outcome = world.stop();
    assertThat(outcome.exitCode()).as(outcome.text()).isEqualTo(4);
    assertThat(outcome.text()).contains("another JobManager may have recovered it");
  }

  @Test
  void withoutHighAvailabilityTheBrokersTellTheEnd() throws Exception {
    world.guarantee = "exactly-once";
    world.highAvailability = false;
    journal();
    world.flink.close();
    StopResult outcome = world.stop();
    assertThat(outcome.exitCode()).as(outcome.text()).isEqualTo(4);
    Receipt receipt = written();
    assertThat(receipt.problems())
        .as("these brokers can't be asked")
        .singleElement()
        .asString()
        .contains("no-port");
    assertThat(receipt.warnings()).anyMatch(warning -> warning.startsWith(NOT_TOLD));
  }

  @ParameterizedTest
  @CsvSource({"CompleteCommit,0,is committed", "Ongoing,4,is open", "CompleteAbort,4,is aborted"})
  void whatTheBrokersTellIsTheVerdict(String state, int exitCode, String words) throws Exception {
    try (CannedBroker broker =
        CannedBroker.start()
            .transaction("snapshot-0-3", 5, 1, state)
            .transaction("snapshot-1-3", 6, 1, "CompleteCommit")) {
      for (String topic : List.of("p", "e", "d", "l", "g")) {
        broker.topic(topic, new CannedLog().committed(3));
      }
      world.guarantee = "exactly-once";
      world.highAvailability = false;
      world.settings =
          """
          "sluice.kafka.bootstrap-servers":"%s","sluice.sink.transactional-id-prefix":"snapshot",
          "sluice.topics.predictions":"p","sluice.topics.evaluations":"e",
          "sluice.topics.deferred":"d","sluice.topics.dead-letters":"l",
          "sluice.topics.control-log":"g"
          """
              .formatted(broker.servers());
      world.patience = Duration.ofMillis(300);
      journal();
      world.flink.close();
      StopResult outcome = world.stop();
      assertThat(outcome.exitCode()).as(words + ": " + outcome.text()).isEqualTo(exitCode);
      if (exitCode == 0) {
        assertThat(outcome.written().receipt().warnings())
            .anyMatch(warning -> warning.startsWith(NOT_TOLD));
      } else {
        assertThat(outcome.text()).contains("snapshot-0-3");
      }
    }
  }

  @Test
  void aJobManagerThatEndedWithItsJobIsNotWaitedFor() throws Exception {
    world.grace = Duration.ofMinutes(2);
    world.highAvailability = false;
    journal();
    world.flink.close();
    long begun = System.nanoTime();
    StopResult outcome = world.stop();
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofMinutes(1));
    assertThat(written().models()).as("read without Flink: " + outcome.text()).isNotNull();
  }

  @Test
  void aJobThatTheJobManagerNoLongerKnowsIsProvedToo() throws Exception {
    journal();
    theJobManagerKnowsAnotherJob();
    StopResult outcome = world.stop();
    assertThat(outcome.exitCode()).as(outcome.text()).isEqualTo(4);
    assertThat(outcome.text()).contains(NOT_TOLD, "there is no job (flights)");
  }

  /** As a job that was resumed meanwhile by other means than this journal, and runs. */
  @Test
  void aFlinkThatIsSilentAfterTheProofDoesNotSayThatNoJobRuns() throws Exception {
    journal();
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
    world.flink.close();
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOT_KNOWN);
    assertThat(outcome.text())
        .contains(world.receipts().get(0).toString(), "is not known")
        .doesNotContain("stopped already");
  }

  /** As a proxy before a job that was resumed by other means than this journal, and runs. */
  @ParameterizedTest
  @ValueSource(strings = {"", "{\"status\":\"UP\"}"})
  void anotherProgramsWordDoesNotSayThatTheJobIsStopped(String foreign) throws Exception {
    journal();
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
    world.flink.tell("/jobs/overview", foreign);
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOT_KNOWN);
    assertThat(outcome.text()).contains("no answer of Flink's").doesNotContain("stopped already");
  }

  /** A script that retries on exit code 10 must not get the code of a refusal. */
  @Test
  void aStopOfLongAgoDoesNotMakeSilenceARefusal() throws Exception {
    journal();
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
    String entry = Files.readString(world.journal());
    Files.writeString(
        world.journal(),
        entry.replaceAll("\"startedAt\":\"[^\"]*\"", "\"startedAt\":\"2026-11-01T00:00:00Z\""));
    world.flink.close();
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOT_BEGUN);
    assertThat(outcome.text()).contains("[SLU-NO-ANSWER]", world.receipts().get(0).toString());
  }

  @Test
  void aJobManagerThatKnowsNoSuchJobLeavesTheReceiptToBeGivenAgain() throws Exception {
    journal();
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
    theJobManagerKnowsAnotherJob();
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(outcome.text()).contains("was stopped already", world.receipts().get(0).toString());
  }

  @Test
  void aReceiptOfAStopWithOtherFlagsIsNoAnswer() throws Exception {
    journal();
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
    theJobManagerKnowsAnotherJob();
    world.drain = true;
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOTHING_CHANGED);
    assertThat(outcome.text())
        .contains("without --drain, this one with it", world.receipts().get(0).toString());
  }

  /** Who resumes from a directory, or on another machine, writes only there. */
  @Test
  void aCopyBesideTheSavepointThatTellsOfAResumptionIsHeeded() throws Exception {
    journal();
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
    resumedBeside();
    theJobManagerKnowsAnotherJob();
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOTHING_CHANGED);
    assertThat(outcome.text()).contains("the job was resumed, at");
  }

  /** A script that retries on exit code 10 stops the current job when Flink is back. */
  @Test
  void aResumedStopDoesNotMakeSilenceARefusal() throws Exception {
    journal();
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
    Path file = world.receipts().get(0);
    ReceiptFile.write(file, ReceiptFile.read(file).with(resumption()), ReceiptKeys.NONE);
    world.flink.close();
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOT_BEGUN);
    assertThat(outcome.text())
        .contains("[SLU-NO-ANSWER]", "the job was resumed, at", file.toString())
        .doesNotContain("SLU-STOP-OTHER-RUN");
  }

  @Test
  void anUnsignedReceiptIsNoneOfAStopThatHasNotEnded() throws Exception {
    journal();
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
    theJobManagerKnowsAnotherJob();
    world.keys = ReceiptKeys.of(KeyFiles.in(folder, "ours").secret(), null);
    StopResult missing = world.stop();
    assertThat(missing.kind()).as(missing.text()).isEqualTo(StopResult.Kind.NOTHING_CHANGED);
    assertThat(missing.text())
        .contains("[SLU-NO-JOB]", "is over", "[SLU-RECEIPT-UNSIGNED]")
        .doesNotContain("has not come to its end");
    world.flink.close();
    StopResult silent = world.stop();
    assertThat(silent.kind()).as(silent.text()).isEqualTo(StopResult.Kind.NOT_BEGUN);
    assertThat(silent.text()).contains("is not signed").endsWith("[SLU-NO-ANSWER]");
  }

  /** Its receipt may be signed while the copy is not, as of a resume without a key. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anUnsignedCopyThatTellsOfAResumptionIsNoAnswerEither(boolean over) throws Exception {
    world.keys = ReceiptKeys.of(KeyFiles.in(folder, "ours").secret(), null);
    journal();
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
    resumedBeside();
    if (!over) {
      journal();
    }
    String which = over ? "is over" : "has not come to its end";
    theJobManagerKnowsAnotherJob();
    StopResult missing = world.stop();
    assertThat(missing.kind()).as(missing.text()).isEqualTo(StopResult.Kind.NOTHING_CHANGED);
    assertThat(missing.text())
        .contains("[SLU-NO-JOB]", which, ReceiptFile.COPY_NAME, "[SLU-RECEIPT-UNSIGNED]");
    world.flink.close();
    StopResult silent = world.stop();
    assertThat(silent.kind()).as(silent.text()).isEqualTo(StopResult.Kind.NOT_BEGUN);
    assertThat(silent.text())
        .contains(which, ReceiptFile.COPY_NAME, "is not signed")
        .endsWith("[SLU-NO-ANSWER]");
  }

  @Test
  void aStopWithoutAReceiptWhoseSavepointWasResumedIsNotProved() throws Exception {
    journal();
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
    resumedBeside();
    Path file = world.receipts().get(0);
    byte[] before = Files.readAllBytes(file);
    journal();
    world.flink.close();
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOT_BEGUN);
    assertThat(outcome.text()).contains("the job was resumed, at");
    assertThat(file).hasBinaryContent(before);
  }

  private void resumedBeside() throws Exception {
    Path sibling = folder.resolve("savepoint").resolve(ReceiptFile.COPY_NAME);
    ReceiptFile.write(sibling, ReceiptFile.read(sibling).with(resumption()), ReceiptKeys.NONE);
  }

  private static Receipt.Resumption resumption() {
    return new Receipt.Resumption(
        Instant.now(), "f".repeat(32), 2, 0L, 0, Receipt.Resumption.State.RUNS);
  }

  private void theJobManagerKnowsAnotherJob() {
    world.flink.tell(
        "/jobs/overview",
        "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"other\",\"state\":\"RUNNING\",\"start-time\":0}]}"
            .formatted("f".repeat(32)));
  }

  @Test
  void otherFlagsAreRefusedWithoutFlinkToo() throws Exception {
    world.drain = true;
    journal();
    world.flink.close();
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOTHING_CHANGED);
    assertThat(outcome.text()).contains("without --drain, this one with it");
  }

  @Test
  void aGuardTakesUpAStopThatNeedsNoFlink() throws Exception {
    journal();
    world.flink.close();
    assertThat(UnfinishedStop.find(ToolServices.real(), world.policy())).isPresent();
  }

  private Receipt written() throws Exception {
    return ReceiptFile.read(world.receipts().get(0));
  }

  private void journal() throws Exception {
    world.journal(Instant.now().toString(), StopWorld.STARTED, null, false, world.savepoint, null);
  }
}
