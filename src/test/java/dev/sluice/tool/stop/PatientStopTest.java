package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.CannedBroker;
import dev.sluice.tool.receipt.StopResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What passes does not end a stop before its grace period does. */
class PatientStopTest {

  private static final String PREFLIGHT = "the brokers at no-port can't be asked";

  @TempDir Path folder;

  private StopWorld world;

  @BeforeEach
  void runAJob() throws Exception {
    world = StopWorld.in(folder);
  }

  @AfterEach
  void endFlink() {
    world.close();
  }

  @Test
  void anElectionBeforeTheRequestIsWaitedFor() throws Exception {
    world.grace = Duration.ofMinutes(1);
    world.goes(world.saved());
    world.journal(Instant.now().toString(), StopWorld.STARTED);
    world.flink.elects(3);
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(world.triggers).containsExactly(StopWorld.TRIGGER);
  }

  /** A token that is being replaced: before the first query, and at the request itself. */
  @Test
  void aProxyThatTakesNoCredentialForAWhileIsWaitedFor() throws Exception {
    world.grace = Duration.ofMinutes(1);
    world.goes(world.saved());
    world.journal(Instant.now().toString(), StopWorld.STARTED);
    world.flink.hides(3);
    AtomicBoolean replaced = new AtomicBoolean();
    world.flink.when(
        "GET " + StopWorld.JOB + "/status",
        unused -> world.flink.hides(replaced.compareAndSet(false, true) ? 2 : 0));
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(world.triggers).containsExactly(StopWorld.TRIGGER);
  }

  @Test
  void aProxyThatTakesNoCredentialUntilTheEndIsNoSilence() throws Exception {
    world.grace = Duration.ofSeconds(1);
    world.flink.hides(10_000);
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOTHING_CHANGED);
    assertThat(outcome.text()).contains("401").contains("SLUICE_REST_HEADERS");
  }

  @Test
  void anElectionDuringThePreflightIsWaitedFor() throws Exception {
    AtomicBoolean elected = new AtomicBoolean();
    world.flink.when(
        "GET /config",
        unused -> {
          if (elected.compareAndSet(false, true)) {
            world.flink.elects(2);
          }
        });
    assertThat(world.stop().text()).contains(PREFLIGHT);
  }

  /** The run of a guard's only signal, from the first poll to the receipt. */
  @Test
  void electionsAllTheWayDoNotKeepAStopFromItsProof() throws Exception {
    world.grace = Duration.ofMinutes(1);
    try (CannedBroker broker = CannedBroker.start()) {
      world.brokers(broker.servers());
      world.goes(world.saved());
      AtomicInteger left = new AtomicInteger(6);
      for (String path : List.of("", "/checkpoints", "/config")) {
        world.flink.when(
            "GET " + StopWorld.JOB + path,
            unused -> world.flink.elects(left.getAndDecrement() > 0 ? 1 : 0));
      }
      world.flink.elects(1);
      StopResult outcome = world.stop();
      assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
      assertThat(left).as("elections to come").hasNonPositiveValue();
      assertThat(world.triggers).containsExactly(TriggerId.of(StopWorld.ID, StopWorld.STARTED, 0));
    }
  }

  /** As on a node that is drained together with its cluster's name server. */
  @Test
  void aNameThatCanNotBeResolvedIsAskedAboutUntilTheGraceIsOver() throws Exception {
    world.grace = Duration.ofSeconds(8);
    world.brokers("nosuch.invalid:9092");
    world.goes(world.saved());
    long begun = System.nanoTime();
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOT_BEGUN);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(world.grace);
    assertThat(outcome.text()).contains("nosuch.invalid", "[SLU-NO-ANSWER]");
    assertThat(world.triggers).isEmpty();
  }

  @Test
  void anElectionThatOutlastsTheGraceEndsTheStop() throws Exception {
    world.grace = Duration.ofSeconds(1);
    world.flink.elects(10_000);
    long begun = System.nanoTime();
    StopResult outcome = world.stop();
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(world.grace);
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOT_BEGUN);
    assertThat(outcome.text()).contains("503");
  }

  @Test
  void aJobThatIsBeingRecoveredIsWaitedFor() throws Exception {
    world.state("RESTARTING");
    world.flink.when("GET " + StopWorld.JOB + "/exceptions", unused -> world.state("RUNNING"));
    assertThat(world.stop().text()).contains(PREFLIGHT);
  }

  @Test
  void aJobThatDoesNotRunUntilTheEndWasNotAsked() throws Exception {
    world.grace = Duration.ofSeconds(1);
    world.journal(Instant.now().toString(), StopWorld.STARTED);
    world.state("RESTARTING");
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.TIMED_OUT);
    assertThat(outcome.text())
        .contains("could not be asked for a savepoint", "the job is RESTARTING")
        .doesNotContain("Flink continues the savepoint");
    assertThat(world.triggers).isEmpty();
  }

  @Test
  void aNameThatAJobManagerKnowsNoJobOfIsRefusedAtOnce() throws Exception {
    world.grace = Duration.ofMinutes(10);
    world.flink.tell(
        "/jobs/overview",
        "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"other\",\"state\":\"RUNNING\",\"start-time\":0}]}"
            .formatted(StopWorld.ID));
    assertThat(world.stop().text()).contains("there is no job (flights)", "other");
  }

  @Test
  void aFailedSavepointIsTriggeredAgainUnderARecordedId() throws Exception {
    List<String> written = new ArrayList<>();
    world.goes(StopWorld.failed("503 Slow Down"), world.saved());
    world.journal(Instant.now().toString(), StopWorld.STARTED);
    world.flink.when(
        "GET " + StopWorld.JOB,
        unused -> written.add(writtenTrigger())); // the last question before each request
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(world.triggers).hasSize(2).doesNotHaveDuplicates().startsWith(StopWorld.TRIGGER);
    assertThat(written).containsSubsequence(world.triggers);
  }

  @Test
  void aSavepointIsNotAskedForAgainBeforeAllTasksRun() throws Exception {
    world.goes(StopWorld.failed("declined"), world.saved());
    world.journal(Instant.now().toString(), StopWorld.STARTED);
    List<String> looks = new ArrayList<>();
    world.flink.when(
        "GET " + StopWorld.JOB,
        unused -> {
          world.state("RUNNING");
          if (world.triggers.size() == 1) {
            looks.add("after the failure");
            if (looks.size() < 4) {
              world.flink.tell(
                  StopWorld.JOB,
                  "{\"state\":\"RUNNING\",\"vertices\":[{\"status\":\"INITIALIZING\"}]}");
            }
          }
        });
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(looks).as("checks before the second request").hasSize(4);
  }

  @Test
  void savepointsThatFailToTheEndLeaveTheJobRunning() throws Exception {
    world.grace = Duration.ofSeconds(6);
    world.goes(StopWorld.failed("no such bucket"));
    world.journal(Instant.now().toString(), StopWorld.STARTED);
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOTHING_CHANGED);
    assertThat(outcome.text()).contains("the job runs on", "no such bucket");
    assertThat(world.triggers).hasSizeGreaterThan(1);
    assertThat(world.journal()).as("nothing is left to continue").doesNotExist();
  }

  @Test
  void aFailingStoreDoesNotCancelTheJobWithinTheGrace() throws Exception {
    world.onTimeout = OnTimeout.CHECKPOINT;
    world.grace = Duration.ofSeconds(20);
    String refused = StopWorld.failed("Connection refused");
    world.goes(refused, refused, refused, world.saved());
    world.journal(Instant.now().toString(), StopWorld.STARTED);
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(world.triggers).hasSize(4);
    assertThat(world.flink.asked()).doesNotContain("PATCH " + StopWorld.JOB);
  }

  @Test
  void savepointsThatFailAreAskedForLessAndLessWhateverTheReason() throws Exception {
    world.grace = Duration.ofSeconds(8);
    for (String id : List.of("A1", "B2", "C3", "D4", "E5", "F6", "A7", "B8", "C9")) {
      world.goes(StopWorld.failed("503 Slow Down; Request ID: " + id));
    }
    world.journal(Instant.now().toString(), StopWorld.STARTED);
    assertThat(world.stop().kind()).isNotEqualTo(StopResult.Kind.PROVED);
    assertThat(world.triggers).as("after 0, 1, 3 and 7 s").hasSizeBetween(2, 4);
  }

  private String writtenTrigger() {
    try {
      return new ObjectMapper()
          .readTree(Files.readAllBytes(world.journal()))
          .path("triggerId")
          .asText();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
