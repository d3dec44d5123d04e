package dev.sluice.tool.guard;

import static dev.sluice.tool.guard.HeldStop.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.services.HandSetClock;
import dev.sluice.tool.stop.OutputState;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OutputWatchTest {

  private final StringWriter said = new StringWriter();
  private final HandSetClock clock = new HandSetClock();
  private final FakeJob job = new FakeJob();
  private final OutputWatch watch =
      new OutputWatch(job, clock.time(), new GuardLog(new PrintWriter(said, true), clock));

  @Test
  void beforeAJobHasRunNothingIsKnown() throws Exception {
    watch.look(job.seen);
    assertThat(watch.last()).isNull();
  }

  @Test
  void theJobIsNamedWhileItRunsAndLookedAtWhenItIsGone() throws Exception {
    job.output = state(List.of());
    watch.look(job.seen);
    job.seen = ObservedJob.of(NOON, "j1", "FINISHED", null);
    watch.look(job.seen);
    assertThat(job.asked).containsExactly("j1", null);
    assertThat(look(Duration.ZERO))
        .isEqualTo(new OutputWatch.Sight(0, clock.instant(), 0, clock.instant(), clock.instant()));
  }

  @Test
  void theOldestOpenTransactionCounts() throws Exception {
    job.output = state(List.of(NOON.minusSeconds(3), NOON.minusSeconds(40)));
    OutputWatch.Sight seen = look(Duration.ZERO);
    assertThat(seen.openTransactions()).isEqualTo(2);
    assertThat(seen.oldestSeconds()).isEqualTo(40);
    job.output = state(List.of(NOON.plusSeconds(3)));
    assertThat(look(Duration.ZERO).oldestSeconds()).as("the brokers' clock is ahead").isZero();
  }

  @Test
  void aPartitionHoldsBackFromWhenItStoodStillUntilItMoves() throws Exception {
    job.output = heldBack("left/0", 5, 4);
    assertThat(look(Duration.ZERO).heldBackSeconds()).as("first seen").isZero();
    job.output = heldBack("left/0", 5, 7);
    job.output.heldBack().put("right/0", new OutputState.HeldBack(7, 1));
    OutputWatch.Sight stands = look(Duration.ofSeconds(15));
    assertThat(stands.heldBackSeconds()).isEqualTo(15);
    assertThat(stands.heldBack()).isEqualTo(8);
    job.output = heldBack("left/0", 11, 1);
    job.output.heldBack().put("right/0", new OutputState.HeldBack(7, 1));
    assertThat(look(Duration.ofSeconds(15)).heldBackSeconds()).as("the other").isEqualTo(15);
    job.output = state(List.of());
    assertThat(look(Duration.ofSeconds(15)).heldBackSeconds()).isZero();
    job.output = heldBack("left/0", 11, 1);
    assertThat(look(Duration.ofSeconds(15)).heldBackSeconds()).as("held back again").isZero();
  }

  @Test
  void whileBrokersDoNotAnswerNothingIsKnownAndThatIsSaidOnce() throws Exception {
    job.output = heldBack("left/0", 5, 4);
    look(Duration.ZERO);
    job.outputFailure = "no answer within 10.0 s";
    watch.look(job.seen);
    watch.look(job.seen);
    assertThat(watch.last()).isNull();
    assertThat(said.toString().lines())
        .singleElement()
        .asString()
        .endsWith("the output can't be checked: no answer within 10.0 s");
    assertThat(watch.trouble())
        .isEqualTo(
            new OutputWatch.Trouble(NOON, "the output can't be checked: no answer within 10.0 s"));
    job.outputFailure = null;
    assertThat(look(Duration.ofSeconds(60)).heldBackSeconds()).as("it stood still").isEqualTo(60);
    assertThat(watch.trouble()).isNull();
  }

  private OutputWatch.Sight look(Duration later) throws InterruptedException {
    clock.pass(later);
    watch.look(job.seen);
    return Objects.requireNonNull(watch.last());
  }

  private static OutputState state(List<Instant> begun) {
    return new OutputState(begun, new TreeMap<>());
  }

  private static OutputState heldBack(String partition, long stableEnd, long records) {
    return new OutputState(
        List.of(), new TreeMap<>(Map.of(partition, new OutputState.HeldBack(stableEnd, records))));
  }
}
