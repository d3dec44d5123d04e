package dev.sluice.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The fence in a world of seeded accidents: see {@link FenceSimulation}. A failure names its seed;
 * {@code mvn test -Dtest=FencePropertyTest -Dsluice.fence.seed=N} lives through that case alone,
 * {@code -Dsluice.fence.cases=100000} through more of them.
 */
class FencePropertyTest {

  private static final int CASES = Integer.getInteger("sluice.fence.cases", 20_000);
  private static final int CASES_FOR_A_FLAW = 5_000;

  @Test
  void eachInputIsAnsweredOnceAndMissingAnswersRefuseARestore() {
    Long only = Long.getLong("sluice.fence.seed");
    if (only != null) {
      new FenceSimulation(only, Flaw.NONE).run();
      return;
    }
    FenceSimulation.Tally all = new FenceSimulation.Tally();
    AtomicReference<AssertionError> failure = new AtomicReference<>();
    LongStream.range(0, CASES)
        .parallel()
        .takeWhile(seed -> failure.get() == null)
        .forEach(seed -> live(seed, all, failure));

    assertThat(failure.get()).isNull();
    assertThat(all.restores).as("restores").isGreaterThan(5 * CASES);
    assertThat(all.suppressed).as("suppressed").isGreaterThan(3L * CASES);
    assertThat(all.crashes).as("tasks that failed").isGreaterThan(CASES / 3);
    assertThat(all.refused).as("refused").isGreaterThan(CASES / 3);
    assertThat(all.healed).as("healed").isGreaterThan(CASES / 3);
    assertThat(all.beyondHelp).as("beyond help").isLessThan(all.refused / 5);
  }

  @ParameterizedTest
  @EnumSource(value = Flaw.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void everyFlawShows(Flaw flaw) {
    OptionalLong shown =
        LongStream.range(0, CASES_FOR_A_FLAW).filter(seed -> fails(seed, flaw)).findFirst();

    assertThat(shown).isPresent();
    assertThat(fails(shown.getAsLong(), Flaw.NONE)).isFalse();
  }

  private static void live(
      long seed, FenceSimulation.Tally all, AtomicReference<AssertionError> failure) {
    try {
      FenceSimulation.Tally tally = new FenceSimulation(seed, Flaw.NONE).run();
      synchronized (all) {
        all.add(tally);
      }
    } catch (AssertionError e) {
      failure.compareAndSet(null, e);
    } catch (RuntimeException e) {
      failure.compareAndSet(null, new AssertionError("seed " + seed, e));
    }
  }

  private static boolean fails(long seed, Flaw flaw) {
    try {
      new FenceSimulation(seed, flaw).run();
      return false;
    } catch (AssertionError expected) {
      return true;
    }
  }
}
