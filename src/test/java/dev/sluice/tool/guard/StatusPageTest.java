package dev.sluice.tool.guard;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.options.ColorScheme;
import dev.sluice.support.browser.Chromium;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.stop.Step;
import dev.sluice.tool.stop.StepResult;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The page in a real browser. */
class StatusPageTest {

  private static final String ATTACK =
      "<img src=x onerror=\"window.pwned=1\"><script>window.pwned=1</script>";

  @Test
  void aWholeStopCanBeWatched() throws Exception {
    try (GuardUnderTest guard = GuardUnderTest.start();
        Chromium chromium = Chromium.open(guard.address(), 1000, ColorScheme.LIGHT)) {
      chromium.await("#verdict-title", "The job runs, and is guarded");
      assertThat(chromium.text("#job-name")).isEqualTo("flights");
      assertThat(chromium.text("#lag")).isEqualTo("1,234");
      assertThat(chromium.text("#rate")).isEqualTo("2,001");
      assertThat(chromium.page().locator("#stop").isVisible()).isFalse();
      chromium.screenshot(Path.of("target", "status-page-running.png"));

      guard.signal("TERM");
      untilTheSavepoint(guard);
      chromium.await("#step-savepoint .text", "3 of 8 tasks");
      assertThat(chromium.text("#verdict-title")).isEqualTo("Stopping: saving the whole state");
      assertThat(chromium.text("#grace-text")).endsWith("of 1 min 0 s");
      assertThat(chromium.text("#tasks-text")).isEqualTo("3 of 8, 31.5 MB");
      assertThat(chromium.page().locator("#step-request").getAttribute("data-state"))
          .isEqualTo("ok");
      chromium.screenshot(Path.of("target", "status-page-stopping.png"));

      guard.job.seen =
          new ObservedJob(
              Instant.now(), true, "j1", "FINISHED", null, null, null, null, null, null);
      afterTheSavepoint(guard);
      guard.stop.endsWith(HeldStop.proved());
      chromium.await("#verdict-title", "Stopped, and proved");
      assertThat(chromium.text("#keys")).isEqualTo("229");
      assertThat(chromium.text("#resume-command")).startsWith("sluice resume ");
      chromium.page().locator("[data-copies=resume-command]").click();
      chromium.await("[data-copies=resume-command]", "ed");
      chromium.await("#state", "FINISHED");
      assertThat(guard.exitCode()).isZero();
      chromium.screenshot(Path.of("target", "status-page-stopped.png"));
      assertThat(chromium.complaints()).isEmpty();
    }
  }

  @Test
  void aStopThatWouldBeRefusedIsShown() throws Exception {
    GuardUnderTest.Options options = new GuardUnderTest.Options();
    options.refusal = "--grace is too long: " + ATTACK;
    try (GuardUnderTest guard = new GuardUnderTest(options);
        Chromium chromium = Chromium.open(guard.address(), 800, ColorScheme.LIGHT)) {
      chromium.await("#verdict-title", "The job runs, but a stop would be refused");
      chromium.await("#verdict-text", options.refusal);
      assertThat(chromium.page().locator("img").count()).isZero();
      assertThat(chromium.complaints()).isEmpty();
    }
  }

  @Test
  void whatAJobOrABrokerSaysIsShownAsTextOnly() throws Exception {
    GuardUnderTest.Options options = new GuardUnderTest.Options();
    options.job = ATTACK;
    try (GuardUnderTest guard = new GuardUnderTest(options);
        Chromium chromium = Chromium.open(guard.address(), 400, ColorScheme.DARK)) {
      chromium.await("#job-name", ATTACK);
      guard.signal("TERM");
      guard.stop.begins(Step.PREFLIGHT, ATTACK);
      chromium.await("#step-preflight .text", ATTACK);
      guard.stop.endsWith(
          StopResult.of(
              StopResult.Kind.UNPROVED,
              HeldStop.receipt(StopResult.Kind.UNPROVED, List.of(ATTACK), List.of(ATTACK)),
              Path.of("/" + ATTACK.replace('/', '|')),
              ATTACK));
      chromium.await("#problems", ATTACK);
      chromium.await("#warnings", ATTACK);
      assertThat(chromium.page().evaluate("window.pwned === undefined")).isEqualTo(true);
      assertThat(chromium.page().locator("img").count()).isZero();
      assertThat(chromium.fitsTheWidth()).as("nothing sticks out of a narrow screen").isTrue();
      chromium.screenshot(Path.of("target", "status-page-narrow.png"));
      assertThat(chromium.complaints()).isEmpty();
    }
  }

  @Test
  void aJobThatIsNotThereAndAGuardThatIsGoneAreSaid() throws Exception {
    GuardUnderTest guard = GuardUnderTest.start();
    try (Chromium chromium = Chromium.open(guard.address(), 800, ColorScheme.LIGHT)) {
      guard.job.seen = ObservedJob.absent(Instant.now(), "Flink knows no job (flights)");
      chromium.await("#verdict-title", "The job is not there");
      guard.close();
      chromium.await("#verdict-title", "The guard does not answer");
    } finally {
      guard.close();
    }
  }

  private static void untilTheSavepoint(GuardUnderTest guard) {
    guard.stop.begins(Step.PREFLIGHT, "checks job (flights)");
    guard.stop.ends(
        Step.PREFLIGHT,
        StepResult.OK,
        412,
        "the job runs, its brokers answer, a checkpoint is recent");
    guard.stop.begins(Step.REQUEST, "asks Flink for the stop");
    guard.stop.ends(Step.REQUEST, StepResult.OK, 38, "Flink has taken it");
    guard.stop.begins(Step.SAVEPOINT, "waits for the savepoint");
    guard.stop.goesOn(
        Step.SAVEPOINT,
        "3 of 8 tasks have saved their state",
        Map.of(
            "subtasksAcknowledged",
            3L,
            "subtasks",
            8L,
            "bytes",
            31_457_280L,
            "elapsedMs",
            2_100L,
            "graceMs",
            60_000L));
  }

  private static void afterTheSavepoint(GuardUnderTest guard) {
    guard.stop.ends(
        Step.SAVEPOINT, StepResult.OK, 3_940, "file:///savepoints/savepoint-012345-9a8b7c6d5e4f");
    guard.stop.ends(Step.FINISHED, StepResult.OK, 1_250, "every task has finished");
    guard.stop.ends(Step.COMMITTED, StepResult.OK, 640, "2 transactions, all committed");
    guard.stop.ends(
        Step.SANE, StepResult.OK, 2_480, "every file is there and every model is finite");
    guard.stop.ends(Step.RECEIPT, StepResult.OK, 12, "/var/lib/sluice/stops/receipt.json");
  }
}
