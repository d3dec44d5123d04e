package dev.sluice.tool.resume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ledger.Partition;
import dev.sluice.tool.broker.LiveTransaction;
import dev.sluice.tool.resume.TransactionWatch.Motion;
import dev.sluice.tool.resume.TransactionWatch.Result;
import dev.sluice.tool.services.HandSetClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransactionWatchTest {

  private static final Partition ONE = new Partition("sluice.predictions", 0);
  private static final LiveTransaction LEFT =
      new LiveTransaction("sluice-0-7", 1, 3, 1_000, Set.of(ONE), true);
  private static final LiveTransaction OTHER =
      new LiveTransaction("sluice-1-7", 2, 3, 1_000, Set.of(ONE), true);
  private static final LiveTransaction NEXT =
      new LiveTransaction("sluice-0-8", 1, 4, 2_000, Set.of(ONE), true);

  private final List<String> messages = new ArrayList<>();
  private HandSetClock clock = new HandSetClock();

  private static final Duration WATCH = Duration.ofSeconds(32);
  private static final Duration LOST_TASKS = Duration.ofSeconds(35);

  @Test
  void aTransactionThatOnlyWaitsForItsTimeoutIsNoCopy() throws Exception {
    assertThat(find(new Looks().see(10, LEFT))).isEqualTo(new Result(Motion.NONE, ""));
    assertThat(clock.passed().toMillis()).as("ms").isBetween(32_000L, 33_000L);
    assertThat(messages).isEmpty();
  }

  /** Brokers abort it, and write a marker into its partition. */
  @Test
  void oneThatIsAbortedMeanwhileIsNoCopy() throws Exception {
    assertThat(find(new Looks().see(10, LEFT).see(11).see(11)).motion()).isEqualTo(Motion.NONE);
    assertThat(
            find(new Looks()
                    .see(10, LEFT, OTHER)
                    .see(11, LEFT, OTHER) // the marker is seen before the end is
                    .see(11, LEFT)
                    .see(11, LEFT))
                .motion())
        .isEqualTo(Motion.NONE);
  }

  @Test
  void aTransactionThatBeginsIsACopy() throws Exception {
    Result result = find(new Looks().see(10, LEFT).see(10, NEXT));
    assertThat(result.motion()).isEqualTo(Motion.CONTINUES);
    assertThat(result.seen()).contains("sluice-0-8", "began at 1970-01-01T00:00:02Z");
    LiveTransaction again = new LiveTransaction("sluice-0-7", 1, 3, 9, Set.of(), true);
    assertThat(find(new Looks().see(10, LEFT).see(10, again)).motion())
        .as("the same name, begun again")
        .isEqualTo(Motion.CONTINUES);
  }

  /** It commits, and writes its next record some seconds later. */
  @Test
  void oneThatBeginsAfterAMomentWithoutAnyIsACopy() throws Exception {
    Looks looks = new Looks().see(10, LEFT).see(11).see(11).see(11).see(12, NEXT);
    assertThat(find(looks).motion()).isEqualTo(Motion.CONTINUES);
  }

  @Test
  void outputThatGrowsWithinTheSameTransactionsIsACopy() throws Exception {
    Result result =
        find(new Looks().see(10, LEFT).see(25, LEFT).see(25, LEFT), WATCH, Duration.ZERO);
    assertThat(result.motion()).isEqualTo(Motion.CONTINUES);
    assertThat(result.seen()).contains("sluice.predictions/0 grew to 25", "sluice-0-7");
  }

  /** Which gives it the next epoch, before it is over. */
  @Test
  void oneThatTheBrokersAreEndingHasNotBegun() throws Exception {
    LiveTransaction ending = new LiveTransaction("sluice-0-7", 1, 4, 1_000, Set.of(ONE), false);
    assertThat(find(new Looks().see(10, LEFT).see(10, ending).see(11)).motion())
        .isEqualTo(Motion.NONE);
    assertThat(find(new Looks().see(10, LEFT).see(10, ending)).motion())
        .as("slowly")
        .isEqualTo(Motion.NONE);
  }

  /** They write until they have noticed it. */
  @Test
  void tasksOfALostJobManagerAreNoCopyButTheirWritingIsTold() throws Exception {
    Looks looks = new Looks();
    for (int look = 0; look < 60; look++) { // 30 s
      looks.see(10 + look, LEFT);
    }
    Result result = find(looks);
    assertThat(result.motion()).isEqualTo(Motion.ENDED);
    assertThat(result.seen()).contains("grew to 69", "sluice-0-7");
    assertThat(messages).singleElement().asString().contains("tasks of a lost JobManager");
    assertThat(clock.passed().toMillis())
        .as("ms: quiet for as long as they may write")
        .isBetween(65_000L, 67_000L);
  }

  @Test
  void whatWritesLongerThanTasksOfALostJobManagerIsACopy() throws Exception {
    Looks looks = new Looks();
    for (int end = 10; end < 1_000; end++) {
      looks.see(end, LEFT);
    }
    Result result = find(looks);
    assertThat(result.motion()).isEqualTo(Motion.CONTINUES);
    assertThat(result.seen()).contains("grew to", "sluice-0-7");
    assertThat(clock.passed().toMillis()).as("ms").isLessThan(37_000);
  }

  /** Its checkpoints are further apart than it is watched. */
  @ParameterizedTest
  @ValueSource(ints = {3, 10, 20, 34})
  void aCopyThatWritesRarelyIsFound(int everySeconds) throws Exception {
    Looks looks = new Looks();
    for (int look = 0; look < 400; look++) {
      looks.see(10 + (look / 2 + everySeconds - 5) / everySeconds, LEFT); // first after 5 s
    }
    assertThat(find(looks).motion()).isEqualTo(Motion.CONTINUES);
  }

  @Test
  void whatCouldNotBeSeenIsToldWhereCheckpointsMayBeFurtherApart() {
    assertThat(
            TransactionWatch.unseen(
                "they were watched", WATCH, Optional.of(Duration.ofSeconds(30))))
        .isEmpty();
    assertThat(
            TransactionWatch.unseen("they were watched", WATCH, Optional.of(Duration.ofMinutes(5))))
        .hasValueSatisfying(
            note -> assertThat(note).contains("for 32 s, which is less than", "was not seen"));
    assertThat(TransactionWatch.unseen("they were watched", WATCH, Optional.empty()))
        .hasValueSatisfying(
            note -> assertThat(note).contains("no receipt records", "was not seen"));
  }

  private Result find(Looks looks) throws Exception {
    return find(looks, WATCH, LOST_TASKS);
  }

  /** By a clock that only the pauses move. */
  private Result find(Looks looks, Duration watch, Duration lostTasks) throws Exception {
    clock = new HandSetClock();
    TransactionWatch.Sight sight =
        new TransactionWatch.Sight(looks::open, looks::ends, Optional::empty);
    return new TransactionWatch(sight, watch, lostTasks, messages::add, clock.time())
        .find(looks.open());
  }

  /** What each query returns; the last one stays. */
  private static final class Looks {

    private final Deque<Map.Entry<Long, List<LiveTransaction>>> looks = new ArrayDeque<>();
    private long end;

    Looks see(long end, LiveTransaction... open) {
      looks.add(Map.entry(end, List.of(open)));
      return this;
    }

    List<LiveTransaction> open() {
      Map.Entry<Long, List<LiveTransaction>> look =
          Objects.requireNonNull(looks.size() > 1 ? looks.poll() : looks.peek());
      end = look.getKey();
      return look.getValue();
    }

    SortedMap<Partition, Long> ends() {
      return new TreeMap<>(Map.of(ONE, end));
    }
  }
}
