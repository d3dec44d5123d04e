package dev.sluice.tool.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.Eventually;
import dev.sluice.tool.guard.GuardRegister.Line;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Guards that are replaced: the job keeps running, and a guard watches it. */
class HandOverTest {

  @TempDir Path journal;

  @Test
  void aSignalEndsTheOldGuardAloneWhenTheNewOneIsReady() throws Exception {
    try (GuardUnderTest old = new GuardUnderTest(options());
        GuardUnderTest next = new GuardUnderTest(options())) {
      old.awaitReadiness(200, "ok");
      next.awaitReadiness(200, "ok");
      old.signal("TERM");
      assertThat(old.exitCode()).isEqualTo(8);
      assertThat(old.stop.starts() + next.stop.starts()).as("stops").isZero();
      next.signal("TERM");
      assertThat(next.stop.starts()).as("the last guard stops").isEqualTo(1);
      next.stop.endsWith(HeldStop.proved());
      assertThat(next.exitCode()).isZero();
    }
  }

  @Test
  void aRequestEndsTheGuardAndTheJobRunsOn() throws Exception {
    try (GuardUnderTest guard = new GuardUnderTest(options())) {
      assertThat(
              guard
                  .ask("POST", "/detach", "Authorization", "Bearer " + GuardUnderTest.TOKEN)
                  .statusCode())
          .isEqualTo(200);
      assertThat(guard.exitCode()).isEqualTo(8);
      assertThat(guard.stop.starts()).isZero();
    }
  }

  @Test
  void aHangUpEndsTheGuardAndTheJobRunsOn() throws Exception {
    assertThat(Signals.STOPPING).doesNotContain("HUP");
    try (GuardUnderTest guard = new GuardUnderTest(options())) {
      guard.signal("HUP");
      assertThat(guard.exitCode()).isEqualTo(8);
      assertThat(guard.stop.starts()).isZero();
    }
  }

  @Test
  void aSecondHangUpOrRequestIsToldThatTheGuardLeavesAlready() throws Exception {
    try (GuardUnderTest guard = new GuardUnderTest(options())) {
      guard.signal("HUP");
      guard.signal("HUP");
      assertThat(guard.said.toString())
          .contains("SIGHUP: leaving already")
          .doesNotContain("ending with the stop");
      HttpResponse<String> again = detach(guard);
      assertThat(again.statusCode()).as(again.body()).isEqualTo(200);
      assertThat(again.body()).contains("\"leaving\"");
      assertThat(guard.exitCode()).isEqualTo(8);
    }
  }

  @Test
  void whoDetachesAGuardThatAsksOthersIsToldSo() throws Exception {
    put(other(List.of()));
    try (GuardUnderTest old = new GuardUnderTest(options())) {
      CompletableFuture<Void> signal = CompletableFuture.runAsync(() -> old.signal("TERM"));
      String id = awaitQuestion();
      HttpResponse<String> answer = detach(old);
      old.signal("HUP");
      put(other(List.of(id)));
      signal.get(10, TimeUnit.SECONDS);
      assertThat(answer.statusCode()).isEqualTo(409);
      assertThat(answer.body())
          .contains("SIGTERM", "another guard")
          .doesNotContain("a stop is in progress");
      assertThat(old.said.toString())
          .contains("SIGHUP: not leaving at once", "another guard is asked")
          .doesNotContain("ending with the stop");
      assertThat(old.exitCode()).isEqualTo(8);
      assertThat(old.stop.starts()).isZero();
    }
  }

  /** A promise that came while a left stop began is asked for again at the end of that stop. */
  @Test
  void aGuardThatEndsALeftStopFirstAsksAgainAndThenLeaves() throws Exception {
    put(other(List.of()));
    HeldStop left = new HeldStop();
    AtomicBoolean answers = new AtomicBoolean();
    GuardUnderTest.Options options = options();
    options.adopts =
        asked -> {
          if (!answers.get()) {
            throw new IOException("no JobManager answers");
          }
          return Optional.of(left::start);
        };
    try (GuardUnderTest old = new GuardUnderTest(options)) {
      CompletableFuture<Void> signal = CompletableFuture.runAsync(() -> old.signal("TERM"));
      String id = awaitQuestion();
      answers.set(true);
      Eventually.until("the left stop begins", GuardUnderTest.PATIENCE, () -> left.starts() == 1);
      put(other(List.of(id)));
      signal.get(10, TimeUnit.SECONDS);
      assertThat(old.hasEnded()).as("in the midst of the left stop").isFalse();
      CompletableFuture<Void> end =
          CompletableFuture.runAsync(() -> left.endsWith(HeldStop.proved()));
      String second = awaitQuestion();
      assertThat(second)
          .as("the old promise, whose guard may be gone, still stands")
          .isNotEqualTo(id);
      put(other(List.of(second)));
      end.get(10, TimeUnit.SECONDS);
      assertThat(old.stop.starts()).as("stops of the job that another guards").isZero();
      assertThat(old.exitCode()).isEqualTo(8);
    }
  }

  @Test
  void aDetachedGuardsPromiseCanNotBeTakenAnyMore() throws Exception {
    put(
        new Line(
            "asking",
            "flights",
            "elsewhere",
            1,
            true,
            "j1",
            GuardUnderTest.STARTED.toEpochMilli(),
            List.of()));
    try (GuardUnderTest guard = new GuardUnderTest(options())) {
      Eventually.until(
          "it has promised",
          GuardUnderTest.PATIENCE,
          () -> lines().stream().anyMatch(line -> line.guardsFor().contains("asking")));
      guard.signal("HUP");
      assertThat(lines()).extracting(Line::id).containsExactly("asking");
      assertThat(guard.exitCode()).isEqualTo(8);
    }
  }

  private static HttpResponse<String> detach(GuardUnderTest guard) throws Exception {
    return guard.ask("POST", "/detach", "Authorization", "Bearer " + GuardUnderTest.TOKEN);
  }

  /** A guard that the test speaks for. */
  private static Line other(List<String> guardsFor) {
    return new Line("other", "flights", "elsewhere", 1, false, null, null, guardsFor);
  }

  private void put(Line line) throws Exception {
    register()
        .update(
            lines ->
                Stream.concat(
                        lines.stream().filter(each -> !each.id().equals(line.id())),
                        Stream.of(line))
                    .toList());
  }

  /** The id of the guard that asks. */
  private String awaitQuestion() {
    Eventually.until(
        "a guard asks",
        Duration.ofSeconds(5),
        () -> lines().stream().anyMatch(line -> line.asks() != null));
    try {
      return lines().stream().filter(line -> line.asks() != null).findFirst().orElseThrow().id();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private List<Line> lines() throws Exception {
    return register().update(lines -> lines);
  }

  private GuardRegister register() {
    return new GuardRegister(journal, Duration.ofSeconds(5), Time.system());
  }

  private GuardUnderTest.Options options() {
    GuardUnderTest.Options options = new GuardUnderTest.Options();
    options.journal = journal;
    return options;
  }
}
