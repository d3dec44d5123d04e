package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a stop that the journal records when the job has continued since. */
class LeftStopTest {

  private static final String NEW = "f".repeat(32);
  private static final String WEEKS_AGO = "2026-11-01T13:00:00Z";
  private static final String PREFLIGHT = "the brokers at no-port can't be asked";

  @TempDir Path folder;

  private StopWorld world;

  @BeforeEach
  void runAJob() throws Exception {
    world = StopWorld.in(folder);
    world.grace = Duration.ofSeconds(1);
  }

  @AfterEach
  void endFlink() {
    world.close();
  }

  @Test
  void aGuardThatStartsStopsNoOtherJobOfThatName() throws Exception {
    saved(Instant.now().toString());
    theJobRunsUnderANewId();
    world.flink.elects(1);
    StopResult outcome = asAGuardThatStarts();
    assertThat(world.flink.asked())
        .as(outcome.text())
        .noneMatch(asked -> asked.contains("/jobs/" + NEW));
    assertThat(world.triggers).isEmpty();
  }

  @Test
  void aGuardThatStartsStopsNoOtherRunUnderTheSameId() throws Exception {
    saved(Instant.now().toString());
    world.flink.elects(1);
    UnfinishedStop left = UnfinishedStop.find(ToolServices.real(), world.policy()).orElseThrow();
    world.job("RUNNING", Instant.now());
    Files.delete(world.journal()); // as an operator who discards it
    StopResult outcome = left.goOn(world.policy(), world.reported::add).get();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOTHING_CHANGED);
    assertThat(world.triggers).isEmpty();
    assertThat(world.flink.asked()).doesNotContain("GET " + StopWorld.JOB + "/checkpoints/config");
  }

  /** As after an operator who verified the savepoint and resumed it under the same id. */
  @Test
  void anEndThatWasNotToldDoesNotRefuseTheStopOfTheNextRun() throws Exception {
    saved(Instant.now().toString());
    world.flink.elects(10_000);
    StopResult silent = world.stop();
    assertThat(silent.text()).contains("that the job has ended is not proved");
    world.flink.elects(0);
    world.job("RUNNING", Instant.now());
    StopResult next = world.stop();
    assertThat(next.text()).contains(PREFLIGHT);
  }

  @Test
  void anEndThatWasNotToldIsStillWaitedForWhileTheSameRunIsThere() throws Exception {
    saved(Instant.now().toString());
    world.flink.elects(10_000);
    world.stop();
    world.flink.elects(0);
    world.status(StopWorld.TRIGGER, StopWorld.running());
    StopResult next = world.stop();
    assertThat(next.kind()).as(next.text()).isEqualTo(StopResult.Kind.TIMED_OUT);
    assertThat(world.triggers).as("no stop is begun").isEmpty();
  }

  @Test
  void aStopOfWeeksAgoIsNotProvedWithoutFlink() throws Exception {
    saved(WEEKS_AGO);
    world.flink.close();
    StopResult outcome = world.stop();
    assertThat(outcome.exitCode()).as(outcome.text()).isEqualTo(4);
    assertThat(outcome.text()).contains(StopWorld.ID, WEEKS_AGO);
    assertThat(world.receipts()).isEmpty();
  }

  @Test
  void anOldStopWithoutASavepointIsNotSaidToHaveOne() throws Exception {
    world.journal(WEEKS_AGO, StopWorld.STARTED);
    world.flink.close();
    StopResult outcome = world.stop();
    assertThat(outcome.exitCode()).as(outcome.text()).isEqualTo(4);
    assertThat(outcome.text()).contains(WEEKS_AGO).doesNotContain("null", "verify");
  }

  /** Flink has answered: it knows no such job, so there is nothing to wait for. */
  @Test
  void aStopOfWeeksAgoIsNamedForAJobThatFlinkDoesNotKnow() throws Exception {
    saved(WEEKS_AGO);
    world.flink.tell("/jobs/overview", "{\"jobs\":[]}");
    world.grace = Duration.ofMillis(100);
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOTHING_CHANGED);
    assertThat(outcome.text())
        .contains("there is no job (flights)", world.savepoint, world.journal().toString())
        .doesNotContain("Flink reports nothing");
  }

  @Test
  void anEarlierStopDoesNotAnswerForAJobThatWasSeenToRun() throws Exception {
    saved(Instant.now().toString());
    world.status(StopWorld.TRIGGER, world.saved());
    world.state("FINISHED");
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
    theJobRunsUnderANewId();
    world.flink.when("GET /jobs/overview", unused -> world.flink.elects(10_000));
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOT_BEGUN);
    assertThat(outcome.text()).doesNotContain("stopped already");
  }

  @Test
  void anEarlierStopIsNotProvedInPlaceOfAJobThatWasSeenToRun() throws Exception {
    saved(Instant.now().toString());
    theJobRunsUnderANewId();
    world.flink.when("GET /jobs/overview", unused -> world.flink.elects(10_000));
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOT_BEGUN);
    assertThat(world.receipts()).isEmpty();
  }

  /** As of a tool that was killed between the two. */
  @Test
  void aProvedReceiptThatTheJournalDoesNotNameStands() throws Exception {
    world.highAvailability = true;
    saved(Instant.now().toString());
    world.status(StopWorld.TRIGGER, world.saved());
    world.state("FINISHED");
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
    Path file = world.receipts().get(0);
    byte[] proved = Files.readAllBytes(file);
    Files.writeString(
        world.journal(), Files.readString(world.journal()).replace("\"" + file + "\"", "null"));
    world.flink.close();
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(file).hasBinaryContent(proved);
    assertThat(Journal.peek(world.stops, StopWorld.ID).orElseThrow().receipt())
        .isEqualTo(file.toString());
  }

  /** Of a tool that was killed once more while it proved the stop again. */
  @Test
  void aProvedReceiptOutsideTheJournalStandsWithAFlinkToo() throws Exception {
    saved(Instant.now().toString());
    world.status(StopWorld.TRIGGER, world.saved());
    world.state("FINISHED");
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
    Path file = world.receipts().get(0);
    byte[] proved = Files.readAllBytes(file);
    Files.writeString(
        world.journal(), Files.readString(world.journal()).replace("\"" + file + "\"", "null"));
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(file).hasBinaryContent(proved);
    assertThat(Journal.peek(world.stops, StopWorld.ID).orElseThrow().receipt())
        .isEqualTo(file.toString());
  }

  @Test
  void aCopyThatWasNotWrittenIsPutBesideTheSavepoint() throws Exception {
    saved(Instant.now().toString());
    world.status(StopWorld.TRIGGER, world.saved());
    world.state("FINISHED");
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
    Path sibling = folder.resolve("savepoint").resolve(ReceiptFile.COPY_NAME);
    byte[] copy = Files.readAllBytes(sibling);
    Files.delete(sibling);
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(sibling).hasBinaryContent(copy);
  }

  @Test
  void aStopThatWasGivenUpIsNotGoneOnWithByAGuard() throws Exception {
    world.journal(Instant.now().toString(), StopWorld.STARTED);
    world.status(StopWorld.TRIGGER, StopWorld.running());
    assertThat(UnfinishedStop.find(ToolServices.real(), world.policy()))
        .as("of a tool that was killed")
        .isPresent();
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.TIMED_OUT);
    assertThat(UnfinishedStop.find(ToolServices.real(), world.policy())).isEmpty();
    StopResult again = world.stop();
    assertThat(again.text()).as("a person's").contains("Flink continues the savepoint");
    world.state("FINISHED");
    assertThat(UnfinishedStop.find(ToolServices.real(), world.policy()))
        .as("nothing runs to be stopped")
        .isPresent();
  }

  @Test
  void aStopOfAnotherClusterIsNotProvedWithoutFlink() throws Exception {
    saved(Instant.now().toString());
    Files.writeString(
        world.journal(),
        Files.readString(world.journal())
            .replace(world.flink.addresses().get(0).toString(), "http://elsewhere:8081"));
    world.flink.close();
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOT_BEGUN);
    assertThat(outcome.text()).contains("--rest").doesNotContain("or its id");
    assertThat(world.receipts()).isEmpty();
  }

  @Test
  void aSavepointThatIsKnownIsWaitedForHoweverOldItsStopIs() throws Exception {
    saved(WEEKS_AGO);
    world.goes(world.saved());
    world.status(StopWorld.TRIGGER, world.saved());
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
  }

  @Test
  void aSavepointThatCouldNotBeReadIsProvedWhenItCan() throws Exception {
    world.grace = Duration.ofSeconds(5);
    saved(Instant.now().toString());
    world.status(StopWorld.TRIGGER, world.saved());
    world.state("FINISHED");
    Path metadata = folder.resolve("savepoint/_metadata");
    Files.move(metadata, folder.resolve("away"));
    StopResult first = world.stop();
    assertThat(first.exitCode()).as(first.text()).isEqualTo(5);
    assertThat(first.text()).contains(folder.resolve("savepoint").toString());
    Files.move(folder.resolve("away"), metadata);
    StopResult second = world.stop();
    assertThat(second.kind()).as(second.text()).isEqualTo(StopResult.Kind.PROVED);
  }

  @Test
  void anotherJobsDamagedEntryHidesNoStop() throws Exception {
    saved(Instant.now().toString());
    Files.writeString(world.stops.resolve("0".repeat(32) + ".json"), "{\"version\":1,");
    Files.writeString(world.stops.resolve("1".repeat(32) + ".json"), "{\"version\":2}");
    world.flink.close();
    assertThat(world.stop().text()).contains(world.savepoint.replaceAll("/$", ""));
  }

  @Test
  void anEntryWithoutAJobOrWithABadTimeIsSaidToBeDamaged() throws Exception {
    for (String bad : new String[] {"{\"version\":2}", "null", entryWithABadTime()}) {
      Files.writeString(world.journal(), bad);
      assertThatThrownBy(() -> Journal.peek(world.stops, StopWorld.ID))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("can't be read");
    }
  }

  private String entryWithABadTime() throws IOException {
    world.journal("yesterday", StopWorld.STARTED);
    return Files.readString(world.journal());
  }

  @Test
  void aRunThatTookOverIsAskedUnderAnIdOfItsOwn() throws Exception {
    world.grace = Duration.ofSeconds(5);
    Instant later = StopWorld.STARTED.plus(Duration.ofDays(1));
    world.goes(world.saved());
    losesItsJobManager(later, "file:/c/chk-6");
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(world.triggers).containsExactly(TriggerId.of(StopWorld.ID, later, 0));
    Journal.Entry entry = Journal.peek(world.stops, StopWorld.ID).orElseThrow();
    assertThat(entry.savepoint()).isEqualTo(world.savepoint);
    Receipt receipt = outcome.written().receipt();
    assertThat(Objects.requireNonNull(receipt.snapshot()).uri()).contains("/savepoint");
    assertThat(receipt.warnings()).anyMatch(warning -> warning.contains("file:/first"));
  }

  @Test
  void aRunThatWasResumedFromTheSavepointIsNotStopped() throws Exception {
    losesItsJobManager(Instant.now(), "file:/first");
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOT_KNOWN);
    assertThat(outcome.text()).contains("file:/first").doesNotContain("nothing was touched");
    assertThat(world.triggers).isEmpty();
  }

  /** After a savepoint was complete; then the job runs again, restored from this. */
  private void losesItsJobManager(Instant later, String restored) throws Exception {
    world.journal(Instant.now().toString(), StopWorld.STARTED);
    world.status(StopWorld.TRIGGER, StopWorld.running());
    world.flink.tell(
        StopWorld.JOB + "/checkpoints",
        """
        {"latest":{"restored":{"id":5,"is_savepoint":true,"external_path":"%s"}},
         "history":[{"id":7,"status":"COMPLETED","is_savepoint":true,
           "checkpoint_type":"SYNC_SAVEPOINT","external_path":"file:/first"}]}
        """
            .formatted(restored));
    world.flink.when(
        "GET " + StopWorld.JOB + "/checkpoints",
        unused -> {
          if (world.triggers.isEmpty()) {
            world.flink.forget(StopWorld.JOB + "/savepoints/" + StopWorld.TRIGGER);
            world.job("RUNNING", later);
          }
        });
  }

  @Test
  void aDamagedSavepointOfAJobThatFailedIsNotCalledGood() throws Exception {
    world.journal(Instant.now().toString(), StopWorld.STARTED);
    world.status(
        StopWorld.TRIGGER,
        StopWorld.failed(
            ("StopWithSavepointStoppingException: A savepoint has been created at: %s, but the corresponding job 0 "
                    + "didn't terminate successfully")
                .formatted(world.savepoint)));
    world.state("FAILED");
    Files.delete(folder.resolve("savepoint/_metadata"));
    StopResult outcome = world.stop();
    assertThat(outcome.exitCode()).as(outcome.text()).isEqualTo(5);
    assertThat(outcome.text())
        .contains("failed while it stopped", folder.resolve("savepoint").toString())
        .doesNotContain("is good", "nowhere");
  }

  @Test
  void aJobThatRestartsAfterAFailedSavepointIsNotSaidToRunOn() throws Exception {
    world.journal(Instant.now().toString(), StopWorld.STARTED);
    world.status(StopWorld.TRIGGER, StopWorld.failed("declined"));
    world.state("RESTARTING");
    StopResult outcome = world.stop();
    assertThat(outcome.exitCode()).as(outcome.text()).isEqualTo(4);
    assertThat(outcome.text()).contains("RESTARTING", "declined").doesNotContain("runs on");
  }

  @Test
  void aJobThatFailedAfterASavepointOfThisStopIsNotSaidToBeAsItWas() throws Exception {
    world.grace = Duration.ofSeconds(5);
    world.journal(Instant.now().toString(), StopWorld.STARTED);
    world.status(StopWorld.TRIGGER, StopWorld.failed("declined"));
    world.state("FAILED");
    StopResult outcome = world.stop();
    assertThat(outcome.exitCode()).as(outcome.text()).isEqualTo(4);
    assertThat(outcome.text()).contains("FAILED", "1 savepoint").doesNotContain("not by this stop");
  }

  /** Each of them has failed the job, and its restarts are limited. */
  @Test
  void savepointsThatTasksDeclineForOneReasonEndAStopThatFails() throws Exception {
    world.grace = Duration.ofSeconds(60);
    world.goes(StopWorld.failed("task 3 declined"));
    world.journal(Instant.now().toString(), StopWorld.STARTED);
    restartsAfterEachSavepoint();
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.TIMED_OUT);
    assertThat(outcome.text())
        .contains("declined", "3 savepoints", "RESTARTING")
        .doesNotContain("grace period is over");
    assertThat(world.triggers).hasSize(3);
  }

  private void restartsAfterEachSavepoint() {
    AtomicInteger seen = new AtomicInteger();
    world.flink.when(
        "GET " + StopWorld.JOB + "/status",
        unused ->
            world.state(
                seen.getAndSet(world.triggers.size()) < world.triggers.size()
                    ? "RESTARTING"
                    : "RUNNING"));
  }

  @Test
  void silenceAfterACancellationDoesNotSayThatThereIsNoSavepoint() throws Exception {
    world.onTimeout = OnTimeout.CANCEL;
    world.journal(Instant.now().toString(), StopWorld.STARTED);
    world.status(StopWorld.TRIGGER, StopWorld.running());
    world.flink.when("PATCH " + StopWorld.JOB, unused -> world.state("CANCELED"));
    world.flink.when(
        "GET " + StopWorld.JOB + "/savepoints/" + StopWorld.TRIGGER,
        unused -> {
          if (world.flink.asked().contains("PATCH " + StopWorld.JOB)) {
            world.flink.elects(10_000);
          }
        });
    StopResult outcome = world.stop();
    assertThat(outcome.exitCode()).as(outcome.text()).isEqualTo(4);
    assertThat(world.journal()).exists();
  }

  private void saved(String begun) throws IOException {
    world.journal(begun, StopWorld.STARTED, null, false, world.savepoint, null);
  }

  private void theJobRunsUnderANewId() {
    world.flink.tell(
        "/jobs/overview",
        "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"flights\",\"state\":\"RUNNING\",\"start-time\":%s}]}"
            .formatted(NEW, Instant.now().toEpochMilli()));
  }

  private StopResult asAGuardThatStarts() throws Exception {
    UnfinishedStop left = UnfinishedStop.find(ToolServices.real(), world.policy()).orElseThrow();
    return left.goOn(world.policy(), world.reported::add).get();
  }
}
