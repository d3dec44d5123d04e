package dev.sluice.tool.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.services.HandSetClock;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RehearsalsTest {

  private final Deque<Runnable> begun = new ArrayDeque<>();
  private final StringWriter said = new StringWriter();
  private final HandSetClock clock = new HandSetClock();
  private final FakeJob job = new FakeJob();
  private @Nullable StopProgress stop;
  private OutputWatch.@Nullable Trouble trouble;
  private final Rehearsals rehearsals =
      new Rehearsals(
          job,
          () -> stop,
          () -> trouble,
          begun::add,
          clock,
          new GuardLog(new PrintWriter(said, true), clock));

  @Test
  void aJobThatRunsIsRehearsedAtOnceAndAgainEachMinute() {
    rehearsals.seen(GuardUnderTest.running("j1"));
    assertThat(rehearsals.refusal()).contains("has not been rehearsed yet");
    rehearsals.seen(GuardUnderTest.running("j1"));
    assertThat(begun).as("one at a time").hasSize(1);
    end();
    assertThat(rehearsals.refusal()).isNull();
    clock.pass(Rehearsals.AGAIN.minusMillis(1));
    rehearsals.seen(GuardUnderTest.running("j1"));
    assertThat(begun).isEmpty();
    clock.pass(Duration.ofMillis(1));
    rehearsals.seen(GuardUnderTest.running("j1"));
    assertThat(begun).hasSize(1);
    assertThat(rehearsals.refusal()).as("until it is known better").isNull();
  }

  @Test
  void aRefusalIsLookedAtAgainSoonAndGoesWithItsCause() {
    job.refusal = "no checkpoint yet";
    rehearsals.seen(GuardUnderTest.running("j1"));
    end();
    assertThat(rehearsals.refusal()).isEqualTo("a stop would be refused: no checkpoint yet");
    rehearsals.seen(GuardUnderTest.running("j1"));
    assertThat(begun).isEmpty();
    job.refusal = null;
    clock.pass(Rehearsals.AGAIN_AFTER_REFUSAL);
    rehearsals.seen(GuardUnderTest.running("j1"));
    end();
    assertThat(rehearsals.refusal()).isNull();
  }

  @Test
  void anotherJobIsRehearsedAnewAndNothingIsTakenFromTheOneBefore() {
    rehearsals.seen(GuardUnderTest.running("j1"));
    end();
    rehearsals.seen(GuardUnderTest.running("j2"));
    assertThat(rehearsals.last()).isNull();
    Runnable late = begun.remove();
    rehearsals.seen(GuardUnderTest.running("j3"));
    late.run();
    assertThat(rehearsals.last()).as("of j2").isNull();
    rehearsals.seen(GuardUnderTest.running("j3"));
    end();
    assertThat(rehearsals.last()).isNotNull();
  }

  /** As a deployment with a fixed id, whose end no poll has seen. */
  @Test
  void anotherRunUnderTheSameIdIsAnotherJob() {
    rehearsals.seen(running(GuardUnderTest.STARTED));
    end();
    assertThat(rehearsals.refusal()).isNull();
    rehearsals.seen(running(GuardUnderTest.STARTED.plusSeconds(60)));
    assertThat(rehearsals.refusal()).contains("has not been rehearsed yet");
    Runnable late = begun.remove();
    rehearsals.seen(running(GuardUnderTest.STARTED.plusSeconds(120)));
    late.run();
    assertThat(rehearsals.last()).as("of the second run").isNull();
  }

  private ObservedJob running(Instant startedAt) {
    return ObservedJob.of(clock.instant(), "j1", "RUNNING", startedAt);
  }

  @Test
  void aJobThatRunsAgainIsRehearsedAnew() {
    rehearsals.seen(GuardUnderTest.running("j1"));
    end();
    rehearsals.seen(ObservedJob.of(clock.instant(), "j1", "RESTARTING", null));
    assertThat(rehearsals.last()).isNull();
    assertThat(begun).isEmpty();
    rehearsals.seen(GuardUnderTest.running("j1"));
    assertThat(begun).hasSize(1);
  }

  @Test
  void whileAStopGoesOnNothingIsRehearsedOrFound() {
    job.refusal = "somebody else is stopping it";
    rehearsals.seen(GuardUnderTest.running("j1"));
    stop = new StopProgress("SIGTERM", false, clock.instant());
    end();
    assertThat(rehearsals.last()).isNull();
    rehearsals.seen(GuardUnderTest.running("j1"));
    assertThat(begun).isEmpty();
    assertThat(said.toString()).isEmpty();
  }

  @Test
  void aRehearsalThatAStopHasOvertakenFindsNothing() {
    job.refusal = "somebody else is stopping it";
    rehearsals.seen(GuardUnderTest.running("j1"));
    stop = new StopProgress("SIGTERM", false, clock.instant());
    stop.ended(new StopEnd(clock.instant(), HeldStop.proved()));
    end();
    assertThat(rehearsals.last()).isNull();
    assertThat(said.toString()).isEmpty();
    rehearsals.seen(GuardUnderTest.running("j1"));
    assertThat(begun).as("another job, or a stop that has failed").hasSize(1);
  }

  @Test
  void theSameRefusalWithOtherFiguresIsSaidOnce() {
    for (int minutes = 11; minutes < 14; minutes++) {
      job.refusal = "the last checkpoint is %s min old".formatted(minutes);
      rehearsals.seen(GuardUnderTest.running("j1"));
      end();
      clock.pass(Rehearsals.AGAIN_AFTER_REFUSAL);
    }
    assertThat(said.toString().lines()).hasSize(1);
    assertThat(rehearsals.refusal()).endsWith("13 min old");
  }

  @Test
  void whatWasRehearsedBeforeTheBrokersFellSilentCountsNoLonger() {
    rehearsals.seen(GuardUnderTest.running("j1"));
    end();
    clock.pass(Duration.ofSeconds(5));
    trouble = new OutputWatch.Trouble(clock.instant(), "the output can't be checked: no answer");
    assertThat(rehearsals.refusal()).contains("no answer", "not been rehearsed since");
    rehearsals.seen(GuardUnderTest.running("j1"));
    assertThat(begun).as("at once").hasSize(1);
    job.refusal = "no broker answers";
    end();
    assertThat(rehearsals.refusal()).isEqualTo("a stop would be refused: no broker answers");
    job.refusal = null;
    clock.pass(Rehearsals.AGAIN_AFTER_REFUSAL);
    rehearsals.seen(GuardUnderTest.running("j1"));
    end();
    assertThat(rehearsals.refusal()).as("a stop would begin all the same").isNull();
  }

  @Test
  void aRehearsalThatDoesNotEndSaysThatAStopWouldNot() {
    rehearsals.seen(GuardUnderTest.running("j1"));
    end();
    clock.pass(Rehearsals.AGAIN);
    rehearsals.seen(GuardUnderTest.running("j1"));
    clock.pass(Rehearsals.AGAIN.plusMillis(1));
    rehearsals.seen(GuardUnderTest.running("j1"));
    assertThat(rehearsals.refusal()).contains("the next rehearsal has not ended");
  }

  private void end() {
    begun.remove().run();
  }
}
