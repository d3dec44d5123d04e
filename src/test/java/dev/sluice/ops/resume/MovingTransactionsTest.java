package dev.sluice.ops.resume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ledger.Partition;
import dev.sluice.ops.broker.LiveTransaction;
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

class MovingTransactionsTest {

  private static final Partition ONE = new Partition("sluice.predictions", 0);
  private static final LiveTransaction LEFT =
      new LiveTransaction("sluice-0-7", 1, 3, 1_000, Set.of(ONE), true);
  private static final LiveTransaction OTHER =
      new LiveTransaction("sluice-1-7", 2, 3, 1_000, Set.of(ONE), true);
  private static final LiveTransaction NEXT =
      new LiveTransaction("sluice-0-8", 1, 4, 2_000, Set.of(ONE), true);

  private final List<String> told = new ArrayList<>();

  @Test
  void aTransactionThatOnlyWaitsForItsTimeoutIsNoCopy() throws Exception {
    assertThat(find(new Looks().see(10, LEFT).see(10, LEFT).see(10, LEFT))).isEmpty();
  }

  /** Brokers abort it, and write a marker into its partition. */
  @Test
  void oneThatIsAbortedMeanwhileIsNoCopy() throws Exception {
    assertThat(find(new Looks().see(10, LEFT).see(11).see(11))).isEmpty();
    assertThat(
            find(
                new Looks()
                    .see(10, LEFT, OTHER)
                    .see(11, LEFT, OTHER) // the marker is seen before the end is
                    .see(11, LEFT)
                    .see(11, LEFT)))
        .isEmpty();
  }

  @Test
  void aTransactionThatBeginsIsACopy() throws Exception {
    assertThat(find(new Looks().see(10, LEFT).see(10, NEXT)))
        .hasValueSatisfying(
            seen -> assertThat(seen).contains("sluice-0-8", "began at 1970-01-01T00:00:02Z"));
    assertThat(
            find(
                new Looks()
                    .see(10, LEFT)
                    .see(10, new LiveTransaction("sluice-0-7", 1, 3, 9, Set.of(), true))))
        .as("the same name, begun again")
        .isPresent();
  }

  @Test
  void outputThatGrowsWithinTheSameTransactionsIsACopy() throws Exception {
    assertThat(find(new Looks().see(10, LEFT).see(25, LEFT).see(25, LEFT)))
        .hasValueSatisfying(
            seen -> assertThat(seen).contains("sluice.predictions/0 grew to 25", "sluice-0-7"));
  }

  /** Which gives it the next epoch, before it is over. */
  @Test
  void oneThatTheBrokersAreEndingHasNotBegun() throws Exception {
    LiveTransaction ending = new LiveTransaction("sluice-0-7", 1, 4, 1_000, Set.of(ONE), false);
    assertThat(find(new Looks().see(10, LEFT).see(10, ending).see(11))).isEmpty();
    assertThat(find(new Looks().see(10, LEFT).see(10, ending))).as("slowly").isEmpty();
  }

  /** They write until they have noticed it. */
  @Test
  void tasksOfALostJobManagerAreNoCopy() throws Exception {
    Looks looks = new Looks().see(10, LEFT).see(25, LEFT).see(40, LEFT).see(40, LEFT);
    assertThat(find(looks, Duration.ofMillis(200))).isEmpty();
    assertThat(told).singleElement().asString().contains("tasks of a lost JobManager");
  }

  @Test
  void whatWritesLongerThanTasksOfALostJobManagerIsACopy() throws Exception {
    Looks looks = new Looks().see(10, LEFT);
    for (int end = 11; end < 1_000; end++) {
      looks.see(end, LEFT);
    }
    assertThat(find(looks, Duration.ofMillis(200)))
        .hasValueSatisfying(seen -> assertThat(seen).contains("grew to", "sluice-0-7"));
  }

  private Optional<String> find(Looks looks) throws Exception {
    return find(looks, Duration.ZERO);
  }

  private Optional<String> find(Looks looks, Duration lostTasks) throws Exception {
    return new MovingTransactions(
            looks, Duration.ofMillis(100), lostTasks, Duration.ofMillis(5), told::add)
        .find(looks.open());
  }

  /** What is seen, look after look; the last one stays. */
  private static final class Looks implements MovingTransactions.Sight {

    private final Deque<Map.Entry<Long, List<LiveTransaction>>> looks = new ArrayDeque<>();
    private long end;

    Looks see(long end, LiveTransaction... open) {
      looks.add(Map.entry(end, List.of(open)));
      return this;
    }

    @Override
    public List<LiveTransaction> open() {
      Map.Entry<Long, List<LiveTransaction>> look =
          Objects.requireNonNull(looks.size() > 1 ? looks.poll() : looks.peek());
      end = look.getKey();
      return look.getValue();
    }

    @Override
    public SortedMap<Partition, Long> ends() {
      return new TreeMap<>(Map.of(ONE, end));
    }
  }
}
