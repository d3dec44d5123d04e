package dev.sluice.tool.guard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.Eventually;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.stop.Step;
import dev.sluice.tool.stop.StepResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GuardTest {

  private static final Path FILE = Path.of("/r.json");

  @TempDir Path folder;

  static Stream<StopResult> outcomes() {
    return Stream.of(
        HeldStop.proved(),
        StopResult.of(StopResult.Kind.NOTHING_CHANGED, "no"),
        StopResult.of(StopResult.Kind.ESCALATED, receipt(StopResult.Kind.ESCALATED), FILE, "late"),
        StopResult.of(StopResult.Kind.TIMED_OUT, "late"),
        StopResult.of(StopResult.Kind.NOT_KNOWN, "silent"),
        StopResult.of(StopResult.Kind.UNPROVED, receipt(StopResult.Kind.UNPROVED), FILE, "open"),
        StopResult.of(
            StopResult.Kind.FAILED_WHILE_STOPPING,
            receipt(StopResult.Kind.FAILED_WHILE_STOPPING),
            FILE,
            "failed"));
  }

  @ParameterizedTest
  @MethodSource("outcomes")
  void aSignalsStopGivesTheGuardItsExitCode(StopResult outcome) throws Exception {
    try (GuardUnderTest guard = GuardUnderTest.start()) {
      guard.signal("TERM");
      assertThat(guard.hasEnded()).isFalse();
      guard.stop.endsWith(outcome);
      assertThat(guard.exitCode()).isEqualTo(outcome.exitCode());
      assertThat(guard.said.toString()).contains("SIGTERM: stopping flights within 60 s");
    }
  }

  @Test
  void aStopThatThrowsEndsWith4AndSaysWhatIsNotKnown() throws Exception {
    try (GuardUnderTest guard = GuardUnderTest.start()) {
      guard.signal("TERM");
      guard.stop.breaksOff(new IllegalStateException("oops"));
      assertThat(guard.exitCode()).isEqualTo(4);
      assertThat(guard.said.toString()).contains("oops").contains("is not known");
    }
  }

  @Test
  void theSecondAndTheThirdSignalNeitherBreakNorRepeatTheStop() throws Exception {
    try (GuardUnderTest guard = GuardUnderTest.start()) {
      guard.signal("TERM");
      guard.stop.begins(Step.SAVEPOINT, "waits");
      guard.signal("TERM");
      guard.signal("INT");
      assertThat(guard.stop.starts()).isEqualTo(1);
      assertThat(guard.said.toString())
          .contains("SIGTERM: already stopping: at savepoint")
          .contains("SIGINT: already stopping: at savepoint");
      guard.stop.endsWith(HeldStop.proved());
      assertThat(guard.exitCode()).isZero();
      assertThat(guard.get("/metrics").body())
          .contains("sluice_guard_signals_total{signal=\"TERM\"} 2.0")
          .contains("sluice_guard_signals_total{signal=\"INT\"} 1.0");
    }
  }

  @Test
  void aSignalDoesNotWaitForTheRehearsalAndHearsNothingOfItsEnd() throws Exception {
    GuardUnderTest.Options options = new GuardUnderTest.Options();
    CountDownLatch rehearsal = new CountDownLatch(1);
    options.rehearsalsWaitFor = rehearsal;
    options.refusal = "somebody else is stopping it";
    try (GuardUnderTest guard = new GuardUnderTest(options)) {
      guard.awaitReadiness(503, "has not been rehearsed yet");
      guard.signal("TERM");
      assertThat(guard.stop.starts()).isEqualTo(1);
      rehearsal.countDown();
      guard.awaitReadiness(200, "\"stopping\":true");
      guard.stop.endsWith(HeldStop.proved());
      assertThat(guard.exitCode()).isZero();
      assertThat(guard.said.toString()).doesNotContain("refused");
    }
  }

  @Test
  void aSignalAfterAStopOverHttpEndsTheGuardWithThatStopsCode() throws Exception {
    try (GuardUnderTest guard = GuardUnderTest.start()) {
      assertThat(post(guard)).contains("\"stopping\"");
      assertThat(post(guard)).contains("already stopping");
      assertThat(guard.stop.starts()).isEqualTo(1);
      guard.job.seen = finished();
      guard.stop.endsWith(
          StopResult.of(StopResult.Kind.UNPROVED, receipt(StopResult.Kind.UNPROVED), FILE, "open"));
      assertThat(guard.hasEnded()).isFalse();
      JsonNode status = guard.status();
      assertThat(status.at("/stop/outcome/outcome").asText()).isEqualTo("unproved");
      assertThat(status.at("/job/state").asText()).as("checked again").isEqualTo("FINISHED");
      guard.signal("TERM");
      assertThat(guard.exitCode()).isEqualTo(5);
      assertThat(guard.stop.starts()).isEqualTo(1);
    }
  }

  /** The last line of its log says what it does, not what it would do. */
  @Test
  void onlyAGuardThatStaysSaysThatItWaitsForAnotherRun() throws Exception {
    try (GuardUnderTest guard = GuardUnderTest.start()) {
      guard.signal("TERM");
      guard.job.seen = finished();
      guard.stop.endsWith(HeldStop.proved());
      assertThat(guard.exitCode()).isZero();
      assertThat(guard.said.toString())
          .contains("flights (j1) is FINISHED: the guard ends")
          .doesNotContain("submitted again");
    }
    try (GuardUnderTest guard = GuardUnderTest.start()) {
      post(guard);
      guard.job.seen = finished();
      guard.stop.endsWith(HeldStop.proved());
      assertThat(guard.said.toString())
          .contains("flights (j1) is FINISHED: waiting for it to be submitted again");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"RUNNING", "RESTARTING", "FAILING", "INITIALIZING", "CREATED"})
  void aJobThatWasSubmittedAgainIsStoppedAgain(String state) throws Exception {
    try (GuardUnderTest guard = GuardUnderTest.start()) {
      post(guard);
      guard.job.seen = finished();
      guard.stop.endsWith(HeldStop.proved());
      guard.job.seen = in(state, "j2");
      guard.signal("TERM");
      assertThat(guard.stop.starts()).isEqualTo(2);
      guard.stop.endsWith(HeldStop.proved());
      assertThat(guard.exitCode()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"RUNNING", "RESTARTING"})
  void aJobThatRanAgainIsStoppedThoughTheJobManagerIsSilentJustThen(String state) throws Exception {
    try (GuardUnderTest guard = GuardUnderTest.start()) {
      post(guard);
      guard.job.seen = finished();
      guard.stop.endsWith(HeldStop.proved());
      guard.job.seen = in(state, "j2");
      Eventually.until(
          "the new job is seen",
          GuardUnderTest.PATIENCE,
          () -> guard.status().at("/job/id").asText().equals("j2"));
      guard.job.seen = ObservedJob.unanswered(Instant.now(), "no answer");
      guard.signal("TERM");
      assertThat(guard.stop.starts()).isEqualTo(2);
      guard.stop.endsWith(HeldStop.proved());
      assertThat(guard.exitCode()).isZero();
    }
  }

  @Test
  void aJobThatIsGoneWithItsClusterWasStopped() throws Exception {
    try (GuardUnderTest guard = GuardUnderTest.start()) {
      post(guard);
      guard.job.seen = finished();
      guard.stop.endsWith(HeldStop.proved());
      guard.job.seen = ObservedJob.unanswered(Instant.now(), "no answer");
      guard.signal("TERM");
      assertThat(guard.exitCode()).isZero();
      assertThat(guard.stop.starts()).isEqualTo(1);
    }
  }

  @Test
  void aSignalDuringAStopOverHttpEndsTheGuardWithIt() throws Exception {
    try (GuardUnderTest guard = GuardUnderTest.start()) {
      post(guard);
      guard.signal("INT");
      guard.stop.endsWith(StopResult.of(StopResult.Kind.TIMED_OUT, "late"));
      assertThat(guard.exitCode()).isEqualTo(4);
      assertThat(guard.stop.starts()).isEqualTo(1);
    }
  }

  @Test
  void aStopThatAnEarlierGuardLeftIsGoneOnWithAtOnce() throws Exception {
    GuardUnderTest.Options options = new GuardUnderTest.Options();
    options.inFlight = true;
    try (GuardUnderTest guard = new GuardUnderTest(options)) {
      assertThat(guard.stop.starts()).isEqualTo(1);
      assertThat(guard.said.toString()).contains("a stop of flights is in flight");
      assertThat(guard.status().at("/stop/cause").asText()).isEqualTo("an earlier guard");
      guard.signal("TERM");
      guard.job.seen = finished();
      guard.stop.endsWith(HeldStop.proved());
      assertThat(guard.exitCode()).isZero();
      assertThat(guard.stop.starts()).isEqualTo(1);
    }
  }

  /** It may be of another run; the job that runs was not asked to stop. */
  @ParameterizedTest
  @MethodSource("outcomes")
  void aSignalWhileALeftStopEndsIsKeptForTheJobThatRuns(StopResult ofTheLeft) throws Exception {
    GuardUnderTest.Options options = new GuardUnderTest.Options();
    HeldStop left = new HeldStop();
    options.adopts = asked -> Optional.of(left::start);
    try (GuardUnderTest guard = new GuardUnderTest(options)) {
      assertThat(left.starts()).isEqualTo(1);
      guard.signal("TERM");
      assertThat(guard.said.toString())
          .contains("SIGTERM: ending the stop that was left; then stops flights");
      assertThat(guard.stop.starts()).isZero();
      left.endsWith(ofTheLeft);
      assertThat(guard.stop.starts()).as("stops of the job that runs").isEqualTo(1);
      assertThat(guard.hasEnded()).isFalse();
      assertThat(guard.status().at("/stop/cause").asText()).isEqualTo("SIGTERM");
      guard.signal("TERM");
      guard.stop.endsWith(StopResult.of(StopResult.Kind.TIMED_OUT, "late"));
      assertThat(guard.exitCode()).isEqualTo(4);
      assertThat(guard.stop.starts()).isEqualTo(1);
    }
  }

  @Test
  void aSignalWhileALeftStopEndsIsKeptOverASilentFlink() throws Exception {
    GuardUnderTest.Options options = new GuardUnderTest.Options();
    HeldStop left = new HeldStop();
    options.adopts = asked -> Optional.of(left::start);
    try (GuardUnderTest guard = new GuardUnderTest(options)) {
      guard.signal("TERM");
      guard.job.seen = ObservedJob.unanswered(Instant.now(), "an election");
      left.endsWith(HeldStop.proved());
      assertThat(guard.stop.starts()).as("stops of the job that was seen to run").isEqualTo(1);
      guard.stop.endsWith(StopResult.of(StopResult.Kind.TIMED_OUT, "late"));
      assertThat(guard.exitCode()).isEqualTo(4);
    }
  }

  @Test
  void aSignalAfterALeftStopStopsTheSeenJobOfASilentFlink() throws Exception {
    GuardUnderTest.Options options = new GuardUnderTest.Options();
    HeldStop left = new HeldStop();
    options.adopts = asked -> Optional.of(left::start);
    try (GuardUnderTest guard = new GuardUnderTest(options)) {
      guard.job.seen = ObservedJob.unanswered(Instant.now(), "an election");
      left.endsWith(HeldStop.proved());
      guard.signal("TERM");
      assertThat(guard.stop.starts()).as("stops of the job that was seen to run").isEqualTo(1);
    }
  }

  @Test
  void aRunThatALeftStopEndedIsNotStoppedAgain() throws Exception {
    GuardUnderTest.Options options = new GuardUnderTest.Options();
    HeldStop left = new HeldStop();
    options.first = GuardUnderTest.running(HeldStop.JOB);
    options.adopts = asked -> Optional.of(left::start);
    try (GuardUnderTest guard = new GuardUnderTest(options)) {
      guard.signal("TERM");
      guard.job.seen = ObservedJob.unanswered(Instant.now(), "gone with its job");
      left.endsWith(HeldStop.proved());
      assertThat(guard.exitCode()).isZero();
      assertThat(guard.stop.starts()).isZero();
    }
  }

  @Test
  void aStopThatAnEarlierGuardLeftIsGoneOnWithThoughFlinkIsGone() throws Exception {
    GuardUnderTest.Options options = new GuardUnderTest.Options();
    options.inFlight = true;
    options.silent = true;
    try (GuardUnderTest guard = new GuardUnderTest(options)) {
      assertThat(guard.stop.starts()).isEqualTo(1);
      guard.signal("TERM");
      guard.stop.endsWith(HeldStop.proved());
      assertThat(guard.exitCode()).isZero();
    }
  }

  @Test
  void theStatusTellsEachStepAndTheReceipt() throws Exception {
    try (GuardUnderTest guard = GuardUnderTest.start()) {
      assertThat(guard.status().path("stop").isNull()).isTrue();
      post(guard);
      guard.stop.begins(Step.PREFLIGHT, "checks");
      guard.stop.ends(Step.PREFLIGHT, StepResult.OK, 120, "all is there");
      guard.stop.begins(Step.SAVEPOINT, "waits");
      guard.stop.goesOn(Step.SAVEPOINT, "3 of 4", Map.of("subtasks", 4L, "bytes", 10L));
      JsonNode stop = guard.status().path("stop");
      assertThat(stop.path("running").asBoolean()).isTrue();
      assertThat(stop.at("/steps/0/state").asText()).isEqualTo("ok");
      assertThat(stop.at("/steps/0/durationMs").asLong()).isEqualTo(120);
      assertThat(stop.at("/steps/2/state").asText()).isEqualTo("running");
      assertThat(stop.at("/steps/2/text").asText()).isEqualTo("3 of 4");
      assertThat(stop.at("/steps/6/state").asText()).isEqualTo("waiting");
      assertThat(stop.at("/savepoint/subtasks").asLong()).isEqualTo(4);
      guard.stop.endsWith(HeldStop.proved());
      JsonNode receipt = guard.status().path("receipt");
      assertThat(receipt.path("keys").asLong()).isEqualTo(229);
      assertThat(receipt.path("committed").asLong()).isEqualTo(1);
      assertThat(receipt.path("resume").asText()).startsWith("sluice resume");
    }
  }

  @Test
  void theTrailHasALineForEachEvent() throws Exception {
    GuardUnderTest.Options options = new GuardUnderTest.Options();
    options.trail = folder.resolve("trail.jsonl");
    try (GuardUnderTest guard = new GuardUnderTest(options)) {
      guard.signal("TERM");
      guard.stop.begins(Step.PREFLIGHT, "checks");
      guard.stop.ends(Step.PREFLIGHT, StepResult.FAILED, 5, "no broker");
      guard.stop.endsWith(StopResult.of(StopResult.Kind.NOTHING_CHANGED, "no broker"));
      assertThat(guard.exitCode()).isEqualTo(1);
    }
    assertThat(Files.readAllLines(options.trail)).hasSize(2);
    assertThat(Files.readString(options.trail)).contains("\"result\":\"failed\"");
  }

  private static String post(GuardUnderTest guard) throws Exception {
    return guard.ask("POST", "/stop", "Authorization", "Bearer " + GuardUnderTest.TOKEN).body();
  }

  private static ObservedJob finished() {
    return in("FINISHED", "j1");
  }

  private static ObservedJob in(String state, String id) {
    return new ObservedJob(Instant.now(), true, id, state, null, null, null, null, null, null);
  }

  private static Receipt receipt(StopResult.Kind outcome) {
    return HeldStop.receipt(outcome, List.of("a problem"), List.of());
  }
}
