package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.Eventually;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.time.Time;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which stop of the journal a later stop continues. The brokers can't be asked: a stop that begins
 * with a preflight ends at them.
 */
class AdoptionTest {

  private static final Duration SOON = Duration.ofSeconds(5);
  private static final String PREFLIGHT = "the brokers at no-port can't be asked";
  private static final Instant EARLIER = StopWorld.STARTED.minus(Duration.ofDays(1));

  @TempDir Path folder;

  private StopWorld world;

  @BeforeEach
  void runAJob() throws Exception {
    world = StopWorld.in(folder);
    world.goes(world.saved());
  }

  @AfterEach
  void endFlink() {
    world.close();
  }

  @Test
  void aStopOfThisRunWithTheseFlagsGoesOnWithoutAPreflight() throws Exception {
    world.journal(justNow(), StopWorld.STARTED);
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(world.triggers).containsExactly(StopWorld.TRIGGER);
    assertThat(world.flink.asked()).doesNotContain("GET " + StopWorld.JOB + "/checkpoints/config");
  }

  @Test
  void aStopThatDrainsIsNotGoneOnWithByOneThatDoesNot() throws Exception {
    world.journal(justNow(), StopWorld.STARTED, "file:/elsewhere", true, null, null);
    assertRefused("--drain, this one without", "--savepointPath file:/elsewhere, this one without");
  }

  @Test
  void aStopThatDrainsDoesNotGoOnWithOneThatDoesNot() throws Exception {
    world.drain = true;
    world.journal(justNow(), StopWorld.STARTED);
    assertRefused("without --drain, this one with");
  }

  @Test
  void aStopOfLongAgoWithOtherFlagsIsRefusedToo() throws Exception {
    world.journal("2026-11-01T13:00:00Z", StopWorld.STARTED, null, true, null, null);
    assertRefused("2026-11-01T13:00:00Z", "--drain, this one without");
  }

  @Test
  void aStopThatFlinkHasGivenUpLongAgoIsNotGoneOnWith() throws Exception {
    world.journal("2026-11-01T13:00:00Z", StopWorld.STARTED);
    assertBegun();
  }

  @Test
  void aStopOfAnEarlierRunIsNotGoneOnWith() throws Exception {
    world.journal(justNow(), EARLIER);
    assertBegun();
  }

  @Test
  void aStopFromBeforeThisRunIsNotContinuedWithoutARun() throws Exception {
    world.journalV1("2026-11-01T11:59:59Z", null);
    assertBegun();
  }

  @Test
  void aStopDuringThisRunGoesOnThoughTheJournalKnowsNoRun() throws Exception {
    world.journalV1(justNow(), null);
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
  }

  @Test
  void aStopOfAnEarlierRunThatHasItsSavepointIsNotForgotten() throws Exception {
    world.journal(justNow(), EARLIER, null, false, "file:/saved", null);
    assertRefused("file:/saved", "sluice verify");
  }

  @Test
  void aStopThatFlinkIsAtGoesOnThoughTheJobManagerWasReplaced() throws Exception {
    world.journal(justNow(), EARLIER);
    world.status(StopWorld.TRIGGER, StopWorld.running());
    world.grace = Duration.ofSeconds(1);
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.TIMED_OUT);
    assertThat(world.triggers).as("nothing is asked for twice").isEmpty();
  }

  @Test
  void aStopOfARunThatIsOverComesToItsEndHoweverOldItIs() throws Exception {
    world.journal("2026-11-01T13:00:00Z", StopWorld.STARTED);
    world.status(StopWorld.TRIGGER, world.saved());
    world.state("FINISHED");
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
  }

  @Test
  void aStopOfARunThatIsOverNeedsItsFlags() throws Exception {
    world.journal(justNow(), StopWorld.STARTED, null, true, null, null);
    world.state("FINISHED");
    assertRefused("--drain, this one without");
  }

  @Test
  void aReceiptAnswersForItsRunAndForNoLaterOne() throws Exception {
    world.journal(justNow(), StopWorld.STARTED);
    StopResult first = world.stop();
    assertToldAgain(first, world.stop());
    String receipt = world.receipts().get(0).toString();

    world.job("FAILED", Instant.now());
    StopResult later = world.stop();
    assertThat(later.kind()).as(later.text()).isEqualTo(StopResult.Kind.NOTHING_CHANGED);
    assertThat(later.text()).contains("is FAILED already", receipt, "of an earlier run");
  }

  @Test
  void aReceiptFromBeforeRunsWereToldApartAnswersForItsRunAlone() throws Exception {
    world.journalV1(justNow(), null);
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
    String receipt = world.receipts().get(0).toString();
    world.journalV1("2026-11-01T12:00:01Z", receipt);
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.PROVED);
    world.job("FAILED", Instant.parse("2026-11-01T12:00:02Z"));
    assertThat(world.stop().kind()).isEqualTo(StopResult.Kind.NOTHING_CHANGED);
  }

  /** As in another terminal: it polled while the job ran, and waited for the first to end. */
  @Test
  void aSecondStopAtOnceTellsTheFirstOnesReceipt() throws Exception {
    world.journal(justNow(), StopWorld.STARTED);
    StopResult first = world.stop();
    assertThat(first.kind()).isEqualTo(StopResult.Kind.PROVED);
    byte[] over = Files.readAllBytes(world.journal());
    Files.delete(world.journal());
    world.state("RUNNING");
    CompletableFuture<StopResult> second;
    try (Journal held = Journal.open(world.stops, StopWorld.ID, SOON, Time.system())) {
      int looked = world.flink.asked().size();
      second = GracefulStop.start(ToolServices.real(), world.policy(), world.reported::add);
      Eventually.until(
          "the second has seen the job run", SOON, () -> world.flink.asked().size() > looked);
      world.state("FINISHED");
      Files.write(world.journal(), over);
      assertThat(held.read()).isPresent();
    }
    StopResult outcome = second.get();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(outcome.written().file()).isEqualTo(first.written().file());
  }

  private static void assertToldAgain(StopResult first, StopResult second) {
    assertThat(first.kind()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(second.kind()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(second.written().receipt()).isEqualTo(first.written().receipt());
    assertThat(second.text()).startsWith("The job was stopped already, at ");
  }

  private void assertRefused(String... words) throws Exception {
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOTHING_CHANGED);
    assertThat(outcome.text())
        .startsWith("Refused, and nothing was touched: ")
        .contains(world.journal().toString(), "remove that file")
        .contains(words);
    assertThat(world.triggers).as("stops that Flink was asked for").isEmpty();
    assertThat(world.journal()).as("the entry stays").exists();
  }

  /** It has not continued the journal's stop: the preflight was made, and ended it. */
  private void assertBegun() throws Exception {
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOTHING_CHANGED);
    assertThat(outcome.text()).contains(PREFLIGHT);
    assertThat(world.triggers).as("stops that Flink was asked for").isEmpty();
  }

  private static String justNow() {
    return Instant.now().toString();
  }
}
