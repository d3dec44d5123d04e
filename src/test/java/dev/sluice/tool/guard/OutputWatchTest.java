package dev.sluice.tool.guard;

import static dev.sluice.tool.guard.HeldStop.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.services.HandSetClock;
import dev.sluice.tool.stop.OutputState;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OutputWatchTest {

  private final StringWriter said = new StringWriter();
  private final HandSetClock clock = new HandSetClock();
  private final List<@Nullable String> asked = new ArrayList<>();
  private ObservedJob sight = GuardUnderTest.running("j1");
  private @Nullable OutputState state;
  private @Nullable String failure;
  private final OutputWatch watch =
      new OutputWatch(
          this::ask, () -> sight, clock.time(), new GuardLog(new PrintWriter(said, true), clock));

  @Test
  void beforeAJobHasRunNothingIsKnown() throws Exception {
    watch.look();
    assertThat(watch.last()).isNull();
  }

  @Test
  void theJobIsNamedWhileItRunsAndLookedAtWhenItIsGone() throws Exception {
    state = state(List.of());
    watch.look();
    sight = new ObservedJob(NOON, true, "j1", "FINISHED", null, null, null, null, null, null);
    watch.look();
    assertThat(asked).containsExactly("j1", null);
    assertThat(look(Duration.ZERO))
        .isEqualTo(new OutputSight(0, clock.instant(), 0, clock.instant(), clock.instant()));
  }

  @Test
  void theOldestOpenTransactionCounts() throws Exception {
    state = state(List.of(NOON.minusSeconds(3), NOON.minusSeconds(40)));
    OutputSight seen = look(Duration.ZERO);
    assertThat(seen.openTransactions()).isEqualTo(2);
    assertThat(seen.oldestSeconds()).isEqualTo(40);
    state = state(List.of(NOON.plusSeconds(3)));
    assertThat(look(Duration.ZERO).oldestSeconds()).as("the brokers' clock is ahead").isZero();
  }

  @Test
  void aPartitionHoldsBackFromWhenItStoodStillUntilItMoves() throws Exception {
    state = heldBack("left/0", 5, 4);
    assertThat(look(Duration.ZERO).heldBackSeconds()).as("first seen").isZero();
    state = heldBack("left/0", 5, 7);
    state.heldBack().put("right/0", new OutputState.HeldBack(7, 1));
    OutputSight stands = look(Duration.ofSeconds(15));
    assertThat(stands.heldBackSeconds()).isEqualTo(15);
    assertThat(stands.heldBack()).isEqualTo(8);
    state = heldBack("left/0", 11, 1);
    state.heldBack().put("right/0", new OutputState.HeldBack(7, 1));
    assertThat(look(Duration.ofSeconds(15)).heldBackSeconds()).as("the other").isEqualTo(15);
    state = state(List.of());
    assertThat(look(Duration.ofSeconds(15)).heldBackSeconds()).isZero();
    state = heldBack("left/0", 11, 1);
    assertThat(look(Duration.ofSeconds(15)).heldBackSeconds()).as("held back again").isZero();
  }

  @Test
  void whileBrokersDoNotAnswerNothingIsKnownAndThatIsSaidOnce() throws Exception {
    state = heldBack("left/0", 5, 4);
    look(Duration.ZERO);
    failure = "no answer within 10.0 s";
    watch.look();
    watch.look();
    assertThat(watch.last()).isNull();
    assertThat(said.toString().lines())
        .singleElement()
        .asString()
        .endsWith("the output can't be checked: no answer within 10.0 s");
    assertThat(watch.trouble())
        .isEqualTo(
            new OutputWatch.Trouble(NOON, "the output can't be checked: no answer within 10.0 s"));
    failure = null;
    assertThat(look(Duration.ofSeconds(60)).heldBackSeconds()).as("it stood still").isEqualTo(60);
    assertThat(watch.trouble()).isNull();
  }

  private OutputSight look(Duration later) throws InterruptedException {
    clock.pass(later);
    watch.look();
    return Objects.requireNonNull(watch.last());
  }

  private Optional<OutputState> ask(@Nullable String running) throws IOException {
    asked.add(running);
    if (failure != null) {
      throw new IOException(failure);
    }
    return Optional.ofNullable(state);
  }

  private static OutputState state(List<Instant> begun) {
    return new OutputState(begun, new TreeMap<>());
  }

  private static OutputState heldBack(String partition, long stableEnd, long records) {
    return new OutputState(
        List.of(), new TreeMap<>(Map.of(partition, new OutputState.HeldBack(stableEnd, records))));
  }
}
