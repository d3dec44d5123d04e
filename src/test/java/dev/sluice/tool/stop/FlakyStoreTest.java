package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.support.Eventually;
import dev.sluice.support.FlakyFiles;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.resume.Latest;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store that fails for a moment is neither a missing snapshot nor a damaged one. */
class FlakyStoreTest {

  private static final int ALWAYS = Integer.MAX_VALUE;

  @TempDir Path folder;

  private StopWorld world;
  private Path savepoint;

  @BeforeEach
  void startTheJob() throws Exception {
    world = StopWorld.in(folder);
    world.grace = Duration.ofSeconds(1);
    world.patience = Duration.ofSeconds(2);
    savepoint = folder.resolve("savepoint").toAbsolutePath();
  }

  @AfterEach
  void endFlink() {
    FlakyFiles.failsToOpen(metadata(), 0);
    world.close();
  }

  @Test
  void theCheckpointOfAnEscalationIsLookedForAgain() throws Exception {
    escalates("");
    FlakyFiles.failsToOpen(metadata(), 1);
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.ESCALATED);
    assertThat(outcome.text()).contains("Checkpoint", "is kept").doesNotContain("has not kept");
    Receipt receipt = outcome.written().receipt();
    assertThat(receipt.snapshot()).isNotNull();
    assertThat(receipt.resume()).isNotNull();
  }

  @Test
  void aCheckpointThatCanNotBeReadIsNotLost() throws Exception {
    escalates("");
    FlakyFiles.failsToOpen(metadata(), ALWAYS);
    StopResult outcome = world.stop();
    assertThat(outcome.text())
        .contains("is not known", "sluice verify " + FlakyFiles.uri(savepoint))
        .doesNotContain("has not kept");
    Receipt receipt = outcome.written().receipt();
    assertThat(snapshot(receipt).uri()).isEqualTo(FlakyFiles.uri(savepoint));
    assertThat(snapshot(receipt).checkpointId()).isEqualTo(Receipt.Snapshot.UNKNOWN_ID);
    assertThat(receipt.resume()).isNotNull();
  }

  @Test
  void aCheckpointThatIsMissingIsNotKept() throws Exception {
    escalates("nowhere");
    StopResult outcome = world.stop();
    assertThat(outcome.text()).contains("Flink has not kept checkpoint 6");
    assertThat(outcome.written().receipt().snapshot()).isNull();
  }

  /** Flink reports a newer checkpoint some seconds after it has deleted the one before. */
  @Test
  void aNewerCheckpointInTheSameDirectoryIsTaken() throws Exception {
    Path newer = folder.resolve("chk-7");
    copy(savepoint, newer);
    escalates("chk-6");
    StopResult outcome = world.stop();
    assertThat(outcome.text()).contains("is kept", "chk-7").doesNotContain("has not kept");
  }

  @Test
  void aSavepointThatCouldNotBeOpenedIsInTheReceipt() throws Exception {
    saved();
    FlakyFiles.failsToOpen(metadata(), ALWAYS);
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.UNPROVED);
    Receipt receipt = outcome.written().receipt();
    assertThat(snapshot(receipt).uri()).isEqualTo(FlakyFiles.uri(savepoint));
    assertThat(Reproof.isDue(receipt)).as("verify completes it").isTrue();
    assertThat(receipt.resume()).isNotNull();

    FlakyFiles.failsToOpen(metadata(), 0);
    StopResult again = world.stop();
    assertThat(again.kind()).as(again.text()).isEqualTo(StopResult.Kind.PROVED);
  }

  @Test
  void oneFailureDoesNotHideThatTheJobWasResumed() throws Exception {
    saved();
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
    Path sibling = savepoint.resolve(ReceiptFile.COPY_NAME);
    Receipt.Resumption resumed =
        new Receipt.Resumption(
            Instant.now(), "f".repeat(32), 2, 0L, 0, Receipt.Resumption.State.RUNS);
    ReceiptFile.write(sibling, ReceiptFile.read(sibling).with(resumed), ReceiptKeys.NONE);
    world.flink.tell(
        "/jobs/overview",
        "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"other\",\"state\":\"RUNNING\",\"start-time\":0}]}"
            .formatted("f".repeat(32)));

    FlakyFiles.failsToOpen(metadata(), 1);
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOTHING_CHANGED);
    assertThat(outcome.text()).contains("the job was resumed, at");

    FlakyFiles.failsToOpen(metadata(), ALWAYS);
    StopResult untold = world.stop();
    assertThat(untold.text()).contains("is not known: ");
    assertThat(untold.exitCode()).as(untold.text()).isEqualTo(4);
  }

  @Test
  void aStoreThatHangsIsGivenUpWithTheGracePeriod() throws Exception {
    Path directory = folder.resolve("hanging").toAbsolutePath();
    CountDownLatch released = FlakyFiles.hangsAt(directory);
    world.directory = FlakyFiles.uri(directory);
    try {
      StopResult outcome = world.stop();
      assertThat(outcome.text()).contains(world.directory, "has not answered for 10 s");
      assertThat(outcome.exitCode()).as(outcome.text()).isNotZero();
      assertThat(world.triggers).isEmpty();
    } finally {
      released.countDown();
    }
  }

  /** A guard rehearses every few seconds, for days. */
  @Test
  @Timeout(60)
  void rehearsalsAtAStoreThatHangsWaitForOneLook() throws Exception {
    Path directory = folder.resolve("hanging-long").toAbsolutePath();
    CountDownLatch released = FlakyFiles.hangsAt(directory);
    String uri = FlakyFiles.uri(directory);
    try {
      assertThatThrownBy(() -> DirectoryLook.at(uri, Duration.ofMillis(50), true, Time.system()))
          .hasMessageContaining("still waiting for the check that began at")
          .hasMessageMatching("(?s).*check that began at [0-9]{2}:[0-9]{2}:[0-9]{2} UTC.*");
      world.directory = uri;
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> GracefulStop.rehearse(ToolServices.real(), world.policy()))
            .hasMessageContaining("still waiting for the check that began at");
        assertThat(looks()).as("threads that check").isEqualTo(1);
      }
    } finally {
      released.countDown();
    }
    // What the first query has seen, or another.
    DirectoryLook.at(uri, Duration.ofSeconds(30), true, Time.system());
    Eventually.until("the check has ended", Duration.ofSeconds(30), () -> looks() == 0);
  }

  /** As after a connection that was dropped without a word: the store answers all others. */
  @Test
  @Timeout(60)
  void aStopDoesNotWaitForTheLookOfARehearsalThatHangs() throws Exception {
    Path directory = folder.resolve("hung-once").toAbsolutePath();
    CountDownLatch released = FlakyFiles.hangsAt(directory);
    String uri = FlakyFiles.uri(directory);
    try {
      assertThatThrownBy(() -> DirectoryLook.at(uri, Duration.ofMillis(50), true, Time.system()))
          .hasMessageContaining("still waiting for the check that began at");
      FlakyFiles.answersAt(directory);
      DirectoryLook.at(uri, Duration.ofSeconds(30), false, Time.system());
      Eventually.until(
          "only the one is left that hangs", Duration.ofSeconds(30), () -> looks() == 1);
    } finally {
      released.countDown();
    }
  }

  /** As of a client without a read time-out, once a week. */
  @Test
  @Timeout(60)
  void looksThatNeverEndDoNotKeepRehearsalsFromAStoreThatIsWell() throws Exception {
    Path directory = folder.resolve("hung-for-ever").toAbsolutePath();
    CountDownLatch released = FlakyFiles.hangsAt(directory);
    String uri = FlakyFiles.uri(directory);
    AtomicLong passed = new AtomicLong();
    Time time = ahead(passed);
    try {
      for (int i = 0; i < 6; i++) {
        assertThatThrownBy(() -> DirectoryLook.at(uri, Duration.ofMillis(50), true, time))
            .hasMessageContaining("still waiting for the check that began at");
        passed.addAndGet(Duration.ofSeconds(61).toNanos());
      }
      assertThat(looks()).as("threads that check").isEqualTo(4);
      FlakyFiles.answersAt(directory);
      passed.addAndGet(Duration.ofHours(1).toNanos());
      DirectoryLook.at(uri, Duration.ofSeconds(30), true, time);
      Eventually.until("only those are left that hang", Duration.ofSeconds(30), () -> looks() == 4);
    } finally {
      released.countDown();
    }
  }

  /** Each has a thread and a connection, and a stop may have hours. */
  @Test
  @Timeout(60)
  void aStopAtAStoreThatHangsBeginsFewLooks() throws Exception {
    Path directory = folder.resolve("hung-for-hours").toAbsolutePath();
    CountDownLatch released = FlakyFiles.hangsAt(directory);
    String uri = FlakyFiles.uri(directory);
    AtomicLong passed = new AtomicLong();
    Time time = ahead(passed);
    try {
      for (int i = 0; i < 30; i++) {
        assertThatThrownBy(() -> DirectoryLook.at(uri, Duration.ofMillis(20), false, time))
            .hasMessageContaining("still waiting for the check that began at");
        passed.addAndGet(Duration.ofSeconds(11).toNanos());
      }
      assertThat(looks()).as("threads that check").isBetween(20L, 22L);

      FlakyFiles.answersAt(directory);
      passed.addAndGet(Duration.ofSeconds(61).toNanos());
      DirectoryLook.at(uri, Duration.ofSeconds(30), false, time);
    } finally {
      released.countDown();
    }
  }

  /** As S3 refuses a request that arrives long after it was signed. */
  @Test
  @Timeout(60)
  void aStopIsNotRefusedForALookThatFailedBeforeItAsked() throws Exception {
    Path directory = folder.resolve("forbidden-before").toAbsolutePath();
    CountDownLatch released = FlakyFiles.hangsAt(directory);
    String uri = FlakyFiles.uri(directory);
    try {
      assertThatThrownBy(() -> DirectoryLook.at(uri, Duration.ofMillis(50), true, Time.system()))
          .hasMessageContaining("still waiting for the check that began at");
      FlakyFiles.refuses(directory);
    } finally {
      released.countDown();
    }
    Eventually.until("the look has failed", Duration.ofSeconds(30), () -> looks() == 0);
    FlakyFiles.answersAt(directory);
    DirectoryLook.at(uri, Duration.ofSeconds(30), false, Time.system());
  }

  /** As where the credentials were renewed after the rehearsal. */
  @Test
  @Timeout(60)
  void aStopIsNotRefusedForTheLookOfARehearsal() throws Exception {
    assertAfterARefusal(Duration.ofSeconds(15), true, false, "still waiting for the check");
  }

  /** As of a client that tries again for a while before it says no. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Timeout(60)
  void aRefusalThatTakesLongerThanAWaitCounts(boolean rehearses) throws Exception {
    assertAfterARefusal(Duration.ofSeconds(15), rehearses, rehearses, "403 Forbidden");
  }

  /** As S3 refuses a request that arrives long after it was signed. */
  @Test
  @Timeout(60)
  void aRefusalOfLongAgoDoesNotCountWhileAnotherLookHangs() throws Exception {
    assertAfterARefusal(Duration.ofMinutes(16), false, false, "still waiting for the check");
  }

  /**
   * One look hangs and is refused in the end; the next look hangs, too.
   *
   * @param took how long the refusal took
   * @param firstRehearses whether the first look is a rehearsal's
   * @param nextRehearses whether the next one is
   * @param answer what the next one says
   */
  private void assertAfterARefusal(
      Duration took, boolean firstRehearses, boolean nextRehearses, String answer)
      throws Exception {
    Path directory =
        folder.resolve("refused-%s-%s".formatted(firstRehearses, took)).toAbsolutePath();
    String uri = FlakyFiles.uri(directory);
    AtomicLong passed = new AtomicLong();
    Time time = ahead(passed);
    Duration wait = Duration.ofMillis(50);
    FlakyFiles.refuses(directory);
    CountDownLatch first = FlakyFiles.hangsAt(directory);
    CountDownLatch second = first;
    try {
      assertThatThrownBy(() -> DirectoryLook.at(uri, wait, firstRehearses, time))
          .hasMessageContaining("still waiting for the check that began at");
      second = FlakyFiles.hangsAt(directory);
      passed.addAndGet(took.toNanos());
      first.countDown();
      Eventually.until("the look has failed", Duration.ofSeconds(30), () -> looks() == 0);
      assertThatThrownBy(() -> DirectoryLook.at(uri, wait, nextRehearses, time))
          .hasMessageContaining(answer);
    } finally {
      second.countDown();
    }
  }

  /** As a plugin that lacks a class. */
  @Test
  @Timeout(60)
  void aFileSystemThatBreaksIsNamedAtOnce() {
    Path directory = folder.resolve("broken").toAbsolutePath();
    FlakyFiles.breaksAt(directory);
    for (boolean rehearses : new boolean[] {true, false}) {
      assertThatThrownBy(
              () ->
                  DirectoryLook.at(
                      FlakyFiles.uri(directory), Duration.ofSeconds(5), rehearses, Time.system()))
          .hasMessageContaining("NoClassDefFoundError: com/example/Lacking");
    }
  }

  /** The system's time, and what the test lets pass in addition. */
  private static Time ahead(AtomicLong nanos) {
    Time system = Time.system();
    return new Time(system.clock(), () -> system.nanos() + nanos.get(), system.sleeper());
  }

  private static long looks() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("savepoint-directory"))
        .count();
  }

  @Test
  @Timeout(120)
  void aStoreThatHangsAfterTheStopLeavesItUnproved() throws Exception {
    saved();
    CountDownLatch released = FlakyFiles.hangsAt(savepoint);
    try {
      StopResult outcome = world.stop();
      assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.UNPROVED);
      assertThat(outcome.exitCode()).isEqualTo(5);
      Receipt receipt = outcome.written().receipt();
      assertThat(String.join(" ", receipt.problems()))
          .contains(FlakyFiles.uri(savepoint), "has not answered for 2 s");
      assertThat(snapshot(receipt).uri()).isEqualTo(FlakyFiles.uri(savepoint));
      assertThat(Reproof.isDue(receipt)).as("verify completes it").isTrue();
      assertOnlyDaemonsWait();
    } finally {
      released.countDown();
      FlakyFiles.answersAt(savepoint);
    }
    StopResult again = world.stop();
    assertThat(again.kind()).as(again.text()).isEqualTo(StopResult.Kind.PROVED);
  }

  /** As of one of several files, while the others can be read. */
  @Test
  @Timeout(120)
  void aFileThatHangsAfterTheStopLeavesItUnproved() throws Exception {
    saved();
    Path file;
    try (Stream<Path> files = Files.list(savepoint)) {
      file = files.filter(one -> !one.endsWith("_metadata")).findFirst().orElseThrow();
    }
    CountDownLatch released = FlakyFiles.hangsToOpen(file);
    try {
      StopResult outcome = world.stop();
      assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.UNPROVED);
      Receipt receipt = outcome.written().receipt();
      assertThat(String.join(" ", receipt.problems()))
          .contains(file.getFileName().toString(), "has not answered for 2 s");
      assertThat(receipt.models()).isNull();
      assertOnlyDaemonsWait();
    } finally {
      released.countDown();
    }
    StopResult again = world.stop();
    assertThat(again.kind()).as(again.text()).isEqualTo(StopResult.Kind.PROVED);
  }

  @Test
  @Timeout(120)
  void aCheckpointOfAStoreThatHangsIsNotLost() throws Exception {
    escalates("");
    CountDownLatch released = FlakyFiles.hangsAt(savepoint);
    try {
      StopResult outcome = world.stop();
      assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.ESCALATED);
      assertThat(outcome.text()).contains("is not known", "has not answered for 2 s");
    } finally {
      released.countDown();
      FlakyFiles.answersAt(savepoint);
    }
  }

  /** The process ends with its exit code though they wait for ever. */
  private static void assertOnlyDaemonsWait() {
    assertThat(Thread.getAllStackTraces().keySet())
        .filteredOn(thread -> thread.getName().startsWith("snapshot-") && thread.isAlive())
        .as("threads that wait for the store")
        .isNotEmpty()
        .allMatch(Thread::isDaemon);
  }

  @Test
  void aStoreThatSaysNoIsNotAskedAgain() throws Exception {
    Path directory = folder.resolve("forbidden").toAbsolutePath();
    FlakyFiles.refuses(directory);
    world.directory = FlakyFiles.uri(directory);
    world.grace = Duration.ofMinutes(5);
    long begun = System.nanoTime();
    StopResult outcome = world.stop();
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofMinutes(1));
    assertThat(outcome.kind()).isEqualTo(StopResult.Kind.NOTHING_CHANGED);
    assertThat(outcome.text())
        .contains("403 Forbidden", "FLINK_CONF_DIR", "[SLU-STOP-UNREADABLE-DIRECTORY]");
  }

  @Test
  void theNewestSnapshotIsNotPassedOverForAnOlderOne() throws Exception {
    saved();
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
    Path older = folder.resolve("stops/receipt-flights-older.json");
    copy(savepoint, folder.resolve("older"));
    olderStop(older);

    List<String> messages = new ArrayList<>();
    Latest latest = new Latest(jobManager(), world.stops, messages::add, Time.system());
    FlakyFiles.failsToOpen(metadata(), 1);
    assertThat(latest.find("flights").from()).as("%s", messages).isNotEqualTo(older.toString());

    Files.delete(savepoint.resolve("_metadata"));
    assertThat(latest.find("flights").from()).as("%s", messages).isEqualTo(older.toString());
  }

  @Test
  void theNewestSnapshotThatCanNotBeReadIsNamed() throws Exception {
    saved();
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
    copy(savepoint, folder.resolve("older"));
    olderStop(folder.resolve("stops/receipt-flights-older.json"));
    FlakyFiles.failsToOpen(metadata(), ALWAYS);
    Latest latest = new Latest(jobManager(), world.stops, messages -> {}, Time.system());
    assertThatThrownBy(() -> latest.find("flights"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("[SLU-NO-ANSWER]")
        .hasMessageContaining(FlakyFiles.uri(savepoint));
  }

  private JobManager jobManager() {
    return new JobManager(world.flink.addresses(), Duration.ofSeconds(2));
  }

  private void olderStop(Path file) throws IOException {
    Receipt newest = ReceiptFile.read(world.receipts().get(0));
    Receipt.Snapshot kept = snapshot(newest);
    ReceiptFile.write(
        file,
        new Receipt(
            newest.receiptVersion(),
            newest.tool(),
            newest.outcome(),
            newest.startedAt().minusSeconds(600),
            newest.endedAt().minusSeconds(600),
            newest.job(),
            new Receipt.Snapshot(
                folder.resolve("older").toUri().toString(),
                kept.kind(),
                kept.checkpointId(),
                kept.format(),
                false,
                kept.bytes(),
                kept.files()),
            newest.sourceOffsets(),
            newest.transactions(),
            newest.models(),
            newest.steps(),
            newest.problems(),
            newest.warnings(),
            newest.resume(),
            newest.resumptions(),
            false,
            List.of()),
        ReceiptKeys.NONE);
  }

  private static Receipt.Snapshot snapshot(Receipt receipt) {
    return Objects.requireNonNull(receipt.snapshot());
  }

  private Path metadata() {
    return savepoint.resolve("_metadata");
  }

  private void saved() throws Exception {
    world.journal(Instant.now().toString(), StopWorld.STARTED);
    world.state("FINISHED");
    world.status(
        StopWorld.TRIGGER, world.saved().replace(world.savepoint, FlakyFiles.uri(savepoint)));
  }

  /**
   * A savepoint that never comes.
   *
   * @param checkpoint the directory of the last one; empty for a whole one
   */
  private void escalates(String checkpoint) throws Exception {
    world.onTimeout = OnTimeout.CHECKPOINT;
    world.flink.tell(
        StopWorld.JOB + "/checkpoints",
        """
        {"latest":{"completed":{"id":6,"status":"COMPLETED","is_savepoint":false,
          "latest_ack_timestamp":%s,"external_path":"%s"}},"history":[]}
        """
            .formatted(
                Instant.now().toEpochMilli(),
                checkpoint.isEmpty()
                    ? FlakyFiles.uri(savepoint)
                    : FlakyFiles.uri(folder.resolve(checkpoint))));
    world.journal(Instant.now().toString(), StopWorld.STARTED);
    world.goes(StopWorld.running());
    world.flink.when(
        "PATCH " + StopWorld.JOB,
        unused -> {
          world.state("CANCELED");
          world.status(StopWorld.TRIGGER, StopWorld.failed("the job was cancelled"));
        });
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectory(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }
}
