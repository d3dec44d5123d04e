package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Replays with control commands in the replayed range: see {@link ReplayWorld}. {@code mvn test
 * -Dtest=ReplayPropertyTest -Dsluice.replay.seed=N} lives through one case alone, {@code
 * -Dsluice.replay.cases=N} through more than usual: 10,000 take about a minute.
 */
class ReplayPropertyTest {

  private static final long CASES = Long.getLong("sluice.replay.cases", 4_000);
  private static final int CASES_FOR_A_FLAW = 1_000;

  @Test
  void aReplayRepeatsWhatIsPublishedUnderAnyCommands() {
    Long only = Long.getLong("sluice.replay.seed");
    if (only != null) {
      new ReplayWorld(only, ReplayWorld.Flaw.NONE).run();
      return;
    }
    LongAdder compared = new LongAdder();
    LongAdder restores = new LongAdder();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    LongStream.range(0, CASES)
        .parallel()
        .takeWhile(seed -> failure.get() == null)
        .forEach(
            seed -> {
              ReplayWorld world = new ReplayWorld(seed, ReplayWorld.Flaw.NONE);
              try {
                world.run();
              } catch (AssertionError | RuntimeException e) {
                failure.compareAndSet(null, new AssertionError("seed " + seed, e));
              }
              compared.add(world.compared());
              restores.add(world.restores());
            });

    assertThat(failure.get()).isNull();
    assertThat(restores.sum()).as("restores").isGreaterThan(2 * CASES);
    assertThat(compared.sum()).as("answers computed again").isGreaterThan(20 * CASES);
  }

  @ParameterizedTest
  @EnumSource(value = ReplayWorld.Flaw.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void everyFlawShows(ReplayWorld.Flaw flaw) {
    OptionalLong shown =
        LongStream.range(0, CASES_FOR_A_FLAW).filter(seed -> fails(seed, flaw)).findFirst();

    assertThat(shown).isPresent();
    assertThat(fails(shown.getAsLong(), ReplayWorld.Flaw.NONE)).isFalse();
  }

  private static boolean fails(long seed, ReplayWorld.Flaw flaw) {
    try {
      new ReplayWorld(seed, flaw).run();
      return false;
    } catch (AssertionError | RuntimeException expected) {
      return true;
    }
  }
}
