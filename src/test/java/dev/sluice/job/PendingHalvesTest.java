package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.state.KeyCache;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Behind a cache the halves are the same as without one, at less work for the state backend. */
class PendingHalvesTest {

  static final long TIMEOUT_MS = 16_000;
  private static final long STEP_MS = TIMEOUT_MS / 16;
  private static final int SEEDS = 150;
  private static final int STEPS = 400;
  private static final int KEYS = 6;
  private static final int IDS = 25;

  /**
   * @param keys the cache's limit
   * @param bytes the cache's limit: nothing, some ids of a key, some halves, everything
   * @param extreme whether some timestamps are at both ends of time
   */
  @ParameterizedTest
  @CsvSource({
    "1, 1, false",
    "6, 1, true",
    "2, 1000000, false",
    "6, 8000, false",
    "3, 30000, true",
    "6, 1000000, false",
    "6, 1000000, true"
  })
  void theCacheChangesNoDecision(int keys, long bytes, boolean extreme) throws Exception {
    for (int seed = 0; seed < SEEDS; seed++) {
      new Comparison(seed, new KeyCache.Limit(keys, bytes), extreme).play();
    }
  }

  @Test
  void pairsThatMeetBetweenTwoSnapshotsTouchNoState() throws Exception {
    HalvesTask task = new HalvesTask(new KeyCache.Limit(10, 1 << 20));
    warmUp(task);
    int before = task.state.operations();
    for (int i = 0; i < 1_000; i++) {
      task.observe("LAS", "f-" + i, i);
      task.conclude("LAS", "f-" + i, i + 1);
    }
    task.keys.flush();
    assertThat(task.state.operations()).isEqualTo(before);
    assertThat(task.met).isEqualTo(1_000);
  }

  @Test
  void aKeyWithoutAnythingStoredIsAskedForNothing() throws Exception {
    HalvesTask task = new HalvesTask(new KeyCache.Limit(10, 1 << 20));
    warmUp(task);
    int before = task.state.gets + task.state.scans;
    for (int i = 0; i < 100; i++) {
      task.observe("LAS", "f-" + i, i);
    }
    task.keys.flush();
    for (int i = 0; i < 100; i++) {
      task.conclude("LAS", "f-" + i, 1_000 + i);
    }
    assertThat(task.state.gets + task.state.scans).isEqualTo(before);
    assertThat(task.state.all.get("LAS")).as("flushed once").hasSize(100);
    task.keys.flush();
    assertThat(task.state.all).isEmpty();
    assertThat(task.state.puts).isEqualTo(100);
    assertThat(task.state.removes).isEqualTo(100);
  }

  /** An index of the ids stays when the halves themselves take too much memory. */
  @Test
  void halvesThatWereDroppedAreReadOnceAndOthersNever() throws Exception {
    HalvesTask task = new HalvesTask(new KeyCache.Limit(10, 200_000));
    warmUp(task);
    int before = task.state.gets;
    for (int i = 0; i < 100; i++) {
      task.observe("LAS", "f-" + i, 1_000 + i, 200);
    }
    task.observe("DEN", "f-0", 2_000);
    assertThat(task.state.all).as("written to make room").containsKey("LAS");
    for (int i = 0; i < 100; i++) {
      task.conclude("LAS", "f-" + i, 3_000 + i);
    }
    assertThat(task.met).isEqualTo(100);
    assertThat(task.state.gets - before).isBetween(10, 101);
  }

  @Test
  void aBusyKeyHasOneTimerThatScansNothing() throws Exception {
    HalvesTask task = new HalvesTask(new KeyCache.Limit(10, 1 << 20));
    warmUp(task);
    int before = task.state.scans;
    for (int i = 0; i < 10_000; i++) {
      task.observe("LAS", "f-" + i, 100L * i);
      if (i >= 10) {
        task.conclude("LAS", "f-" + (i - 10), 100L * i);
      }
      task.advance(100L * i - 1);
      assertThat(task.timers.times().getOrDefault("LAS", new TreeSet<>()))
          .hasSizeLessThanOrEqualTo(1);
      if (i % 1_000 == 0) {
        task.keys.flush();
      }
    }
    assertThat(task.state.scans).isEqualTo(before);
    assertThat(task.timers.registered).isLessThan(100);
    assertThat(task.timers.fired).isLessThan(100);
  }

  /** As a savepoint of an earlier release has them. */
  @Test
  void manyTimersOfOneKeyFireForNothing() throws Exception {
    HalvesTask task = new HalvesTask(new KeyCache.Limit(10, 1 << 20));
    task.timers.key = "LAS";
    for (long atMs = 2_000; atMs < 40_000; atMs += STEP_MS) {
      task.timers.registerEventTimeTimer(atMs);
    }
    task.conclude("LAS", "f-1", 5_000);
    task.advance(5_000 + TIMEOUT_MS);
    assertThat(task.givenUp).isEmpty();
    task.advance(5_000 + TIMEOUT_MS + 2 * STEP_MS);
    assertThat(task.givenUp).containsExactly("LAS f-1 outcome 5000");
    task.advance(60_000);
    assertThat(task.timers.times()).isEmpty();
    assertThat(task.givenUp).hasSize(1);
  }

  @Test
  void aRestoredKeyIsWokenByItsOneTimer() throws Exception {
    HalvesTask task = new HalvesTask(new KeyCache.Limit(10, 1 << 20));
    task.conclude("LAS", "f-1", 5_000);
    task.conclude("LAS", "f-2", 9_000);
    assertThat(task.timers.times().get("LAS")).hasSize(1);
    task.restore();
    task.advance(5_000 + TIMEOUT_MS + 2 * STEP_MS);
    assertThat(task.givenUp).containsExactly("LAS f-1 outcome 5000");
    task.restore();
    task.advance(9_000 + TIMEOUT_MS + 2 * STEP_MS);
    assertThat(task.givenUp).hasSize(2);
    assertThat(task.timers.times()).isEmpty();
  }

  @Test
  void aHalfAtTheEndOfTimeIsGivenUpWhenTheInputEnds() throws Exception {
    HalvesTask task = new HalvesTask(new KeyCache.Limit(10, 1 << 20));
    task.observe("LAS", "f-1", 0);
    task.conclude("LAS", "last", Long.MAX_VALUE);
    task.restore();
    task.conclude("LAS", "f-1", 1);
    task.conclude("LAS", "last", Long.MAX_VALUE);
    task.conclude("LAS", "last", Long.MAX_VALUE);
    task.advance(1_000_000_000);
    assertThat(task.givenUp).isEmpty();

    task.advance(Long.MAX_VALUE);
    task.keys.flush();

    assertThat(task.givenUp).containsExactly("LAS last outcome " + Long.MAX_VALUE);
    assertThat(task.state.all).isEmpty();
  }

  @Test
  void halvesThatAreReadTakeNoMoreThanTheirPart() throws Exception {
    HalvesTask task = new HalvesTask(new KeyCache.Limit(10, 400_000));
    for (int i = 0; i < 200; i++) {
      task.observe("LAS", "f-" + i, 1_000 + i, 300);
    }
    task.restore();
    task.giveUpOverdue("LAS", 1_000);

    assertThat(task.keys.halves().bytes()).isLessThan(400_000 / 8 + 200 * 300);
    for (int i = 0; i < 200; i++) {
      assertThat(task.conclude("LAS", "f-" + i, 3_000)).isEqualTo("met " + (1_000 + i));
    }
  }

  @Test
  void aLargeKeyIsNotReadForAFewEvents() throws Exception {
    HalvesTask task = new HalvesTask(new KeyCache.Limit(10, 1 << 20));
    for (int i = 0; i < 1_000; i++) {
      task.observe("LAS", "f-" + i, 1_000);
    }
    task.restore();
    for (int i = 0; i < 4; i++) {
      task.conclude("LAS", "f-" + i, 2_000);
    }
    assertThat(task.keys.halves().bytes()).isLessThan(100 * 1_000);
    for (int i = 4; i < 1_000; i++) {
      assertThat(task.conclude("LAS", "f-" + i, 2_000)).startsWith("met");
    }
    task.keys.flush();
    assertThat(task.state.all).isEmpty();
    assertThat(task.state.scans).isLessThan(12);
  }

  /** The key is asked for until all of its halves are read. */
  private static void warmUp(HalvesTask task) throws Exception {
    for (int i = 0; i < 3; i++) {
      task.observe("LAS", "warm-" + i, 0);
      task.conclude("LAS", "warm-" + i, 0);
    }
    task.keys.flush();
    task.met = 0;
    task.state.puts = 0;
    task.state.removes = 0;
  }

  /** Two tasks with the same events. */
  private static final class Comparison {

    private final String name;
    private final Random random;
    private final boolean extreme;
    private final HalvesTask plain = new HalvesTask(null);
    private final HalvesTask cached;
    private long clockMs = 100_000;

    Comparison(int seed, KeyCache.Limit limit, boolean extreme) {
      this.name = "seed " + seed;
      this.random = new Random(seed);
      this.extreme = extreme;
      this.cached = new HalvesTask(limit);
    }

    void play() throws Exception {
      for (int step = 0; step < STEPS; step++) {
        step();
      }
      plain.advance(Long.MAX_VALUE);
      cached.advance(Long.MAX_VALUE);
      cached.keys.flush();
      assertThat(cached.givenUp).as(name).containsExactlyInAnyOrderElementsOf(plain.givenUp);
      assertThat(cached.state.all).as(name).isEmpty();
      assertThat(cached.timers.times()).as(name).isEmpty();
    }

    private void step() throws Exception {
      int what = random.nextInt(100);
      String key = "k" + random.nextInt(KEYS);
      boolean late = extreme && random.nextInt(20) == 0;
      boolean last = extreme && !late && random.nextInt(20) == 0;
      String id = (late ? "late-" : last ? "last-" : "f-") + random.nextInt(IDS);
      long atMs = late ? Long.MIN_VALUE : last ? Long.MAX_VALUE : arrival();
      if (what < 40) {
        assertThat(cached.observe(key, id, atMs)).as(name).isEqualTo(plain.observe(key, id, atMs));
      } else if (what < 75) {
        assertThat(cached.conclude(key, id, atMs))
            .as(name)
            .isEqualTo(plain.conclude(key, id, atMs));
      } else if (what < 85) {
        advance();
      } else if (what < 90) {
        cached.keys.flush();
        assertThat(cached.stored(clockMs)).as(name).isEqualTo(plain.stored(clockMs));
      } else if (what < 93) {
        cached.restore();
      } else if (what < 96) {
        long nowMs = Math.max(clockMs, atMs);
        assertThat(cached.giveUpOverdue(key, nowMs))
            .as(name)
            .isEqualTo(plain.giveUpOverdue(key, nowMs));
      } else {
        cached.forget(key, id, clockMs);
        plain.forget(key, id, clockMs);
      }
      cached.timers.times().forEach(this::isSet);
    }

    /** No timer that would not be there without the cache. */
    private void isSet(String key, SortedSet<Long> times) {
      assertThat(plain.timers.times().get(key)).as(name).containsAll(times);
    }

    private void advance() throws Exception {
      clockMs += random.nextInt((int) TIMEOUT_MS / 2);
      plain.advance(clockMs);
      cached.advance(clockMs);
      Map<String, Integer> difference = new HashMap<>();
      plain.givenUp.forEach(half -> difference.merge(half, 1, Integer::sum));
      cached.givenUp.forEach(half -> difference.merge(half, -1, Integer::sum));
      difference.forEach(
          (half, count) -> {
            if (count != 0) {
              long arrivalMs = Long.parseLong(half.substring(half.lastIndexOf(' ') + 1));
              assertThat(arrivalMs + TIMEOUT_MS + 2 * STEP_MS).as(name).isGreaterThan(clockMs);
            }
          });
    }

    /** Not before the clock: what comes later may still find what is overdue, or not any more. */
    private long arrival() {
      if (extreme && random.nextInt(20) == 0) {
        return Long.MAX_VALUE - random.nextInt(20_000);
      }
      return clockMs + random.nextInt((int) TIMEOUT_MS);
    }
  }
}
