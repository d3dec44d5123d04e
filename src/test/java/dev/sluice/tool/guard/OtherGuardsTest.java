package dev.sluice.tool.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.Eventually;
import dev.sluice.tool.guard.GuardRegister.Line;
import dev.sluice.tool.services.HandSetClock;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.time.Time;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Guards that answer only when the test makes them poll. */
class OtherGuardsTest {

  private static final Instant STARTED = HeldStop.NOON;
  private static final Duration SHORT = Duration.ofMillis(800);

  /** Longer than a test takes. */
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir Path journal;

  /** Which run each guard could stop. */
  private final Map<OtherGuards, Optional<ObservedJob.Run>> runs = new HashMap<>();

  private final StringWriter said = new StringWriter();
  private final GuardLog log = new GuardLog(new PrintWriter(said, true), new HandSetClock());

  @Test
  void aGuardThatIsAloneIsToldSoAtOnce() throws Exception {
    OtherGuards alone = guard("flights", "j1", LONG);
    beat(alone);
    assertThat(alone.guardInPlace(run("j1"))).isEmpty();
    assertThat(said.toString()).isEmpty();
  }

  @Test
  void whoAnswersAfterTheQuestionGuardsInPlace() throws Exception {
    OtherGuards old = guard("flights", "j1", LONG);
    OtherGuards next = guard("flights", "j1", LONG);
    beat(old);
    beat(next);
    CompletableFuture<Optional<String>> answer = ask(old, "j1");
    awaitQuestion();
    assertThat(answer).isNotDone();
    beat(next);
    assertThat(answer.get(10, TimeUnit.SECONDS)).isPresent();
    assertThat(lines()).as("the old one has left").hasSize(1);
    assertThat(said.toString()).contains("was signalled: this one guards flights");
    assertThat(next.guardInPlace(run("j1"))).as("the last one").isEmpty();
  }

  @Test
  void onlyAGuardOfTheSameRunThatCanStopAnswers() throws Exception {
    OtherGuards old = guard("flights", "j1", SHORT);
    List<OtherGuards> others =
        List.of(
            guard("flights", "j2", LONG),
            guard("flights", (ObservedJob.Run) null, LONG),
            guard("flights", new ObservedJob.Run("j1", STARTED.plusMillis(1)), LONG),
            guard("flights", new ObservedJob.Run("j1", null), LONG),
            guard("another", "j1", LONG));
    for (OtherGuards each : others) {
      beat(each);
    }
    CompletableFuture<Optional<String>> answer = ask(old, "j1");
    awaitQuestion();
    for (OtherGuards each : others) {
      beat(each);
    }
    assertThat(answer.get(10, TimeUnit.SECONDS)).isEmpty();
    assertThat(said.toString()).contains("no other guard has answered");
  }

  /** A guard of a version before this field is replaced by one that knows it. */
  @Test
  void whoAsksWithoutAStartIsAnsweredByTheIdAlone() throws Exception {
    Files.writeString(
        file(),
        """
        {"version":1,"guards":[{"id":"o","job":"flights","where":"here","beat":1,"leaving":true,
          "asks":"j1","guardsFor":[]}]}
        """);
    beat(guard("flights", "j1", LONG));
    assertThat(answered()).containsExactly("o");
  }

  @Test
  void whoHasClosedAsksNobodyToBeSeenAgain() throws Exception {
    OtherGuards old = guard("flights", "j1", SHORT);
    OtherGuards next = guard("flights", "j1", LONG);
    beat(next);
    old.close();
    assertThat(old.guardInPlace(run("j1"))).isEmpty();
    assertThat(lines()).hasSize(1);
  }

  @Test
  void whoDidNotLeaveAfterAnAnswerAsksAgainAndIsAnswered() throws Exception {
    OtherGuards old = guard("flights", "j1", LONG);
    OtherGuards next = guard("flights", "j1", LONG);
    beat(next);
    CompletableFuture<Optional<String>> first = ask(old, "j1");
    awaitQuestion();
    beat(next);
    assertThat(first.get(10, TimeUnit.SECONDS)).isPresent();
    beat(next);
    CompletableFuture<Optional<String>> second = ask(old, "j1");
    awaitQuestion();
    beat(next);
    assertThat(second.get(10, TimeUnit.SECONDS)).isPresent();
  }

  @Test
  void whoWasSignalledTooAnswersNobodySoThatTheLastStops() throws Exception {
    OtherGuards one = guard("flights", "j1", LONG);
    OtherGuards two = guard("flights", "j1", LONG);
    beat(one);
    beat(two);
    CompletableFuture<Optional<String>> first = ask(one, "j1");
    CompletableFuture<Optional<String>> second = ask(two, "j1");
    awaitQuestions(2);
    beat(one);
    beat(two);
    assertThat(first.get(10, TimeUnit.SECONDS)).isEmpty();
    assertThat(second.get(10, TimeUnit.SECONDS)).isEmpty();
  }

  @Test
  void anAnswerThatWasTakenBackDoesNotCount() throws Exception {
    OtherGuards old = guard("flights", "j1", LONG);
    OtherGuards next = guard("flights", "j1", LONG);
    beat(next);
    // As if the old one had asked and been answered, and had not polled yet.
    register()
        .update(
            lines -> with(lines, new Line("o", "flights", "here", 1, true, "j1", null, List.of())));
    beat(next);
    assertThat(answered()).containsExactly("o");
    CompletableFuture<Optional<String>> nexts = ask(next, "j1");
    assertThat(nexts.get(10, TimeUnit.SECONDS)).isEmpty();
    assertThat(answered()).isEmpty();
    assertThat(old.guardInPlace(run("j1"))).isEmpty();
  }

  @Test
  void aGuardThatWasKilledCostsThePatienceAloneAndIsForgotten() throws Exception {
    register()
        .update(
            lines ->
                with(lines, new Line("k", "flights", "here", 7, false, null, null, List.of())));
    OtherGuards old = guard("flights", "j1", SHORT);
    assertThat(old.guardInPlace(run("j1"))).isEmpty();
    OtherGuards next = guard("flights", "j1", SHORT);
    for (int beat = 0; beat < 31; beat++) {
      beat(next);
    }
    assertThat(lines()).extracting(Line::id).doesNotContain("k");
  }

  @Test
  void halfATextIsTakenForNone() throws Exception {
    Path file = journal.resolve("guards.json");
    Files.writeString(file, "{\"version\":1,\"guards\":[{\"id\":\"x");
    OtherGuards old = guard("flights", "j1", LONG);
    OtherGuards next = guard("flights", "j1", LONG);
    beat(next);
    CompletableFuture<Optional<String>> answer = ask(old, "j1");
    awaitQuestion();
    beat(next);
    assertThat(answer.get(10, TimeUnit.SECONDS)).isPresent();
  }

  @Test
  void theFileIsItsOwnersAlone() throws Exception {
    beat(guard("flights", "j1", LONG));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
  }

  @Test
  void whereNobodyCanBeSeenTheSignalStopsAndThatIsSaidOnce() throws Exception {
    journal = Files.createFile(journal.resolve("a-file"));
    OtherGuards alone = guard("flights", "j1", LONG);
    beat(alone);
    beat(alone);
    assertThat(said.toString().lines()).singleElement().asString().contains("will stop the job");
    assertThat(alone.guardInPlace(run("j1"))).isEmpty();
    alone.close();
  }

  @Test
  void aFileOfANewerVersionIsLeftAsItIs() throws Exception {
    String newer = "{\"version\":2,\"guards\":[]}";
    Files.writeString(file(), newer);
    OtherGuards old = guard("flights", "j1", LONG);
    beat(old);
    assertThat(said.toString()).contains("is of version 2");
    assertThat(old.guardInPlace(run("j1"))).isEmpty();
    assertThat(Files.readString(file())).isEqualTo(newer);
  }

  private OtherGuards guard(String job, @Nullable String sees, Duration patience) {
    return guard(job, sees == null ? null : run(sees), patience);
  }

  private OtherGuards guard(String job, ObservedJob.@Nullable Run sees, Duration patience) {
    OtherGuards guard = new OtherGuards(journal, job, patience, ToolServices.real(), log);
    runs.put(guard, Optional.ofNullable(sees));
    return guard;
  }

  private void beat(OtherGuards guard) throws InterruptedException {
    guard.beat(Objects.requireNonNull(runs.get(guard)).orElse(null));
  }

  private static ObservedJob.Run run(String id) {
    return new ObservedJob.Run(id, STARTED);
  }

  private static CompletableFuture<Optional<String>> ask(OtherGuards guard, String jobId) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return guard.guardInPlace(run(jobId));
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private void awaitQuestion() {
    awaitQuestions(1);
  }

  private void awaitQuestions(int guards) {
    Eventually.until(
        guards + " guards ask",
        Duration.ofSeconds(10),
        () -> lines().stream().filter(line -> line.asks() != null).count() >= guards);
  }

  private List<String> answered() throws Exception {
    return lines().stream().flatMap(line -> line.guardsFor().stream()).toList();
  }

  private List<Line> lines() throws Exception {
    return register().update(lines -> lines);
  }

  private GuardRegister register() {
    return new GuardRegister(journal, Duration.ofSeconds(5), Time.system());
  }

  private Path file() {
    return journal.resolve("guards.json");
  }

  private static List<Line> with(List<Line> lines, Line more) {
    List<Line> all = new ArrayList<>(lines);
    all.add(more);
    return all;
  }
}
