package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.support.CannedFlink;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.services.HandSetClock;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A wait for a stop, where Flink reports nothing of the job and the journal has to answer. */
class AwaitedReceiptTest {

  private static final String ID = "0123456789abcdef0123456789abcdef";
  private static final Instant LAST_WEEK = Instant.parse("2026-11-22T12:00:00Z");
  private static final Instant STARTED = Instant.parse("2026-11-01T12:00:00Z");
  private static final String UNTOLD = "that the job has ended is not proved";

  @TempDir Path folder;

  private final HandSetClock clock = new HandSetClock(LAST_WEEK.plus(Duration.ofDays(7)));

  private CannedFlink flink;
  private Path stops;
  private Path file;
  private @Nullable List<String> rest;
  private List<Receipt.Resumption> resumptions = List.of();

  @BeforeEach
  void start() throws IOException {
    flink = CannedFlink.start().tell("/jobs/overview", "{\"jobs\":[]}");
    rest = Journal.Entry.rest(flink.addresses());
    stops = Files.createDirectory(folder.resolve("stops"));
    file = stops.resolve("receipt-j-01234567.json");
  }

  @AfterEach
  void end() {
    flink.close();
  }

  /** The job was resumed since by other means than this journal, and recovers. */
  @Test
  void aReceiptOfBeforeTheWaitIsNoAnswerOfAFlinkThatIsSilent() throws Exception {
    over(LAST_WEEK, LAST_WEEK.plusSeconds(60), List.of());
    flink.close();
    Awaited.Result result = await(Duration.ofSeconds(1));
    assertThat(result.end()).as(result.text()).isEqualTo(Awaited.End.UNANSWERED);
    assertThat(result.text()).contains("does not answer", file.toString(), "2026-11-22T12:01:00Z");
  }

  /** As it was given: the receipt's job may have another name than the run that continues. */
  @Test
  void whatMustNotRunIsNamedAsItWasGiven() throws Exception {
    over(LAST_WEEK, LAST_WEEK.plusSeconds(60), List.of());
    flink.elects(10_000);
    Awaited.Result result =
        Awaited.STOPPED.await(
            clock.services(), flink.addresses(), ID, stops, Duration.ofSeconds(1));
    assertThat(result.text()).endsWith("make sure that no job (" + ID + ") runs");
  }

  /** As a JobManager that has come up and has not recovered the job yet. */
  @Test
  void aStopThatIsProvedAgainDuringTheWaitIsStillOfBefore() throws Exception {
    over(LAST_WEEK, LAST_WEEK.plusSeconds(60), List.of());
    atTheSecondLook(() -> over(LAST_WEEK, clock.instant().plusSeconds(60), List.of()));
    Awaited.Result result = await(Duration.ofSeconds(2));
    assertThat(result.end()).as(result.text()).isEqualTo(Awaited.End.UNANSWERED);
    assertThat(result.text()).contains("there is no job (j)", file.toString());
  }

  @Test
  void aStopThatEndsDuringTheWaitIsSeen() throws Exception {
    entry(LAST_WEEK, null);
    atTheSecondLook(() -> over(LAST_WEEK, LAST_WEEK.plusSeconds(60), List.of()));
    Awaited.Result result = await(Duration.ofMinutes(1));
    assertThat(result.end()).as(result.text()).isEqualTo(Awaited.End.REACHED);
    assertThat(result.text()).contains("has the receipt of job (j), " + ID);
  }

  @Test
  void theStopOfTheRunThatWasSeenIsSeen() throws Exception {
    runs();
    atTheSecondLook(
        () -> {
          over(LAST_WEEK, LAST_WEEK.plusSeconds(60), List.of());
          flink.elects(10_000);
        });
    Awaited.Result result = await(Duration.ofMinutes(1));
    assertThat(result.end()).as(result.text()).isEqualTo(Awaited.End.REACHED);
  }

  /** With high availability another JobManager recovers it. */
  @Test
  void aReceiptThatSaysThatTheJobMayRunIsNoEnd() throws Exception {
    runs();
    atTheSecondLook(
        () -> {
          over(LAST_WEEK, LAST_WEEK.plusSeconds(60), List.of(UNTOLD));
          flink.elects(10_000);
        });
    Awaited.Result result = await(Duration.ofSeconds(3));
    assertThat(result.end()).as(result.text()).isEqualTo(Awaited.End.UNANSWERED);
    assertThat(result.text()).contains(file.toString(), "may run");
  }

  /** It may be a newer tool's: only where it would be the answer it is a reason to fail. */
  @Test
  void aReceiptOfBeforeThatCanNotBeReadLeavesSilenceWhatItIs() throws Exception {
    entry(LAST_WEEK, Files.writeString(file, "{\"receiptVersion\":99}"));
    flink.elects(10_000);
    Awaited.Result result = await(Duration.ofSeconds(1));
    assertThat(result.end()).as(result.text()).isEqualTo(Awaited.End.UNANSWERED);
    assertThat(result.text()).contains(file.toString(), "[SLU-RECEIPT-UNREADABLE]");
  }

  @Test
  void aReceiptThatCanNotBeReadFailsTheWaitWhoseAnswerItIs() throws Exception {
    entry(LAST_WEEK, null);
    atTheSecondLook(() -> entry(LAST_WEEK, Files.writeString(file, "{\"receiptVersion\":99}")));
    assertThatThrownBy(() -> await(Duration.ofMinutes(1)))
        .hasMessageContaining(file.toString())
        .hasMessageContaining("[SLU-RECEIPT-UNREADABLE]");
  }

  /** As a session cluster that has forgotten the finished job, or was started again. */
  @Test
  void anUnknownJobEndsTheWaitWithTheReceipt() throws Exception {
    Instant began = clock.instant().minusSeconds(90);
    over(began, began.plusSeconds(60), List.of());
    Awaited.Result result = await(Duration.ofMinutes(3));
    assertThat(result.end()).as(result.text()).isEqualTo(Awaited.End.REACHED);
    assertThat(result.text()).contains("there is no job (j)", file.toString());
  }

  /** Whether a job was started since, which is lost or comes up, the journal does not tell. */
  @Test
  void aReceiptOfLongAgoIsNoAnswerThoughFlinkKnowsNoSuchJob() throws Exception {
    over(LAST_WEEK, LAST_WEEK.plusSeconds(60), List.of());
    Awaited.Result result = await(Duration.ofMinutes(3));
    assertThat(result.end()).as(result.text()).isEqualTo(Awaited.End.NEVER);
    assertThat(result.text())
        .contains("there is no job (j)", file.toString(), "2026-11-22T12:01:00Z");
  }

  /** One journal serves every cluster of an operator, and jobs of several have one name. */
  @Test
  void aReceiptOfAnotherClusterIsNoAnswer() throws Exception {
    rest = List.of("https://prod:8081");
    Instant began = clock.instant().minusSeconds(90);
    over(began, began.plusSeconds(60), List.of());
    Awaited.Result result = await(Duration.ofMinutes(3));
    assertThat(result.end()).as(result.text()).isEqualTo(Awaited.End.NEVER);
    assertThat(result.text()).contains("https://prod:8081", "--rest");

    rest = null;
    over(began, began.plusSeconds(60), List.of());
    Awaited.Result untold = await(Duration.ofMinutes(3));
    assertThat(untold.end()).as(untold.text()).isEqualTo(Awaited.End.NEVER);
    assertThat(untold.text()).contains("name the job by its id");
  }

  @Test
  void aStopOfAnotherClusterThatEndsDuringTheWaitIsNoAnswer() throws Exception {
    rest = List.of("https://prod:8081");
    atTheSecondLook(() -> over(clock.instant(), clock.instant().plusSeconds(60), List.of()));
    Awaited.Result result = await(Duration.ofSeconds(2));
    assertThat(result.end()).as(result.text()).isEqualTo(Awaited.End.UNANSWERED);
    assertThat(result.text()).contains("https://prod:8081", "--rest");
  }

  /** Its main method asks the brokers and the store before it submits the job. */
  @Test
  void aStartingJobManagerMayNotKnowTheJobForOverTenSeconds() throws Exception {
    flink.when(
        "GET /jobs/overview",
        unused -> {
          if (clock.passed().compareTo(Duration.ofSeconds(12)) > 0) {
            runs();
          }
        });
    Awaited.Result result = await(Duration.ofSeconds(15));
    assertThat(result.end()).as(result.text()).isEqualTo(Awaited.End.LATE);
  }

  /** It tells nothing new, but is the last that is known of the job. */
  @Test
  void theReceiptOfAJobThatWasResumedSinceIsNamed() throws Exception {
    resumptions =
        List.of(
            new Receipt.Resumption(
                LAST_WEEK, "f".repeat(32), 2, 0L, 0, Receipt.Resumption.State.RUNS));
    over(LAST_WEEK, LAST_WEEK.plusSeconds(60), List.of());
    Awaited.Result result = await(Duration.ofMinutes(3));
    assertThat(result.end()).as(result.text()).isEqualTo(Awaited.End.NEVER);
    assertThat(result.text()).contains(file.toString(), "was resumed since");
  }

  @Test
  void withoutAReceiptThatTellsTheEndNoStopCanBeWaitedForAnyMore() throws Exception {
    Awaited.Result none = await(Duration.ofMinutes(3));
    assertThat(none.end()).as(none.text()).isEqualTo(Awaited.End.NEVER);
    assertThat(none.text()).contains("there is no job (j)", "No stop is under way");

    over(LAST_WEEK, LAST_WEEK.plusSeconds(60), List.of(UNTOLD));
    Awaited.Result untold = await(Duration.ofMinutes(3));
    assertThat(untold.end()).as(untold.text()).isEqualTo(Awaited.End.NEVER);
    assertThat(untold.text()).contains(file.toString(), "may run");
  }

  /** Its proof may take longer than Flink remembers the job. */
  @Test
  void aStopThatIsUnderWayIsWaitedForThoughFlinkHasForgottenItsJob() throws Exception {
    entry(LAST_WEEK, null);
    Awaited.Result result = await(Duration.ofMinutes(3));
    assertThat(result.end()).as(result.text()).isEqualTo(Awaited.End.UNANSWERED);
  }

  /** As of two JobManagers that take turns at not leading. */
  @Test
  void anElectionBeginsTheCountOfAnswersAgain() throws Exception {
    over(LAST_WEEK, LAST_WEEK.plusSeconds(60), List.of());
    AtomicInteger asked = new AtomicInteger();
    flink.when(
        "GET /jobs/overview", unused -> flink.elects(asked.incrementAndGet() % 3 == 0 ? 1 : 0));
    Awaited.Result result = await(Duration.ofMinutes(3));
    assertThat(result.end()).as(result.text()).isEqualTo(Awaited.End.UNANSWERED);
  }

  private Awaited.Result await(Duration patience) throws Exception {
    return Awaited.STOPPED.await(clock.services(), flink.addresses(), "j", stops, patience);
  }

  private void runs() {
    flink
        .tell(
            "/jobs/overview",
            "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"j\",\"state\":\"RUNNING\",\"start-time\":%s}]}"
                .formatted(ID, STARTED.toEpochMilli()))
        .tell("/jobs/" + ID + "/status", "{\"status\":\"RUNNING\"}");
  }

  private interface Change {
    void make() throws IOException, InterruptedException;
  }

  private void atTheSecondLook(Change change) {
    AtomicInteger looks = new AtomicInteger();
    flink.when(
        "GET /jobs/overview",
        unused -> {
          if (looks.incrementAndGet() == 2) {
            try {
              change.make();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
        });
  }

  /** The stop is over: with problems if it was not proved. */
  private void over(Instant began, Instant ended, List<String> problems)
      throws IOException, InterruptedException {
    ReceiptFile.write(
        file,
        new Receipt(
            Receipt.VERSION,
            "sluice",
            problems.isEmpty() ? StopResult.Kind.PROVED : StopResult.Kind.UNPROVED,
            began,
            ended,
            new Receipt.Job(ID, "j", "2.2.1", "1", 2, new TreeMap<>(), "", new TreeMap<>(), ""),
            new Receipt.Snapshot("file:/s", "savepoint", 1, "canonical", false, 0, List.of()),
            new TreeMap<>(),
            List.of(),
            null,
            List.of(),
            problems,
            List.of(),
            new Receipt.Resume("sluice resume x", "flink run x"),
            resumptions,
            false,
            List.of()),
        ReceiptKeys.NONE);
    entry(began, file);
  }

  private void entry(Instant began, @Nullable Path receipt)
      throws IOException, InterruptedException {
    try (Journal journal = Journal.open(stops, ID, Duration.ofSeconds(5), Time.system())) {
      journal.write(
          new Journal.Entry(
              Journal.Entry.VERSION,
              new JobFacts(ID, "j", "2.2.1", "1", 2, new TreeMap<>(), new TreeMap<>(), null, ""),
              ID,
              began.toString(),
              null,
              false,
              false,
              "file:/s",
              receipt == null ? null : receipt.toString(),
              STARTED.toString(),
              0,
              true,
              rest,
              null));
    }
  }
}
