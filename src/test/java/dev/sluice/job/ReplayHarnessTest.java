package dev.sluice.job;

import static dev.sluice.job.ControlHarness.champion;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.ControlRecord;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.OutputTopic;
import dev.sluice.model.ModelState;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

/** Control commands that come at other events in a replay than they did before. */
@SuppressWarnings("try") // Flink's harness declares close() to throw any exception
class ReplayHarnessTest {

  private static final String PAUSE = "{\"id\":\"p\",\"command\":\"pause\",\"part\":\"scoring\"}";
  private static final String RESUME = "{\"id\":\"r\",\"command\":\"resume\",\"part\":\"scoring\"}";
  private static final String RESET = "{\"id\":\"x\",\"command\":\"reset\"}";

  @Test
  void aCommandThatComesEarlyChangesNothingThatIsPublished() throws Exception {
    try (ControlHarness first = ControlHarness.started(champion(1))) {
      OperatorSubtaskState snapshot = first.saved();
      story(first);

      try (ControlHarness replay = replay(snapshot, first, first.extractOutputValues())) {
        commands(replay);
        events(replay);
        assertSame(replay, first);
      }
    }
  }

  @Test
  void aRestoredTaskWaitsForTheOthersBeforeItsFirstEvent() throws Exception {
    try (ControlHarness first = ControlHarness.started(champion(1))) {
      assertThat(((LearnsAlone) first.getOperator()).hasAwaitedOthers()).isFalse();
      try (ControlHarness restored = ControlHarness.restored(first.saved(), 1, 1, 0)) {
        assertThat(((LearnsAlone) restored.getOperator()).hasAwaitedOthers()).isTrue();
      }
    }
  }

  @Test
  void aCommandThatComesLateHasTakenEffectBefore() throws Exception {
    try (ControlHarness first = ControlHarness.started(champion(1))) {
      OperatorSubtaskState snapshot = first.saved();
      story(first);

      try (ControlHarness replay = replay(snapshot, first, first.extractOutputValues())) {
        events(replay);
        commands(replay);
        assertSame(replay, first);
      }
    }
  }

  @Test
  void aSnapshotOfAReplayGoesOnWithIt() throws Exception {
    try (ControlHarness first = ControlHarness.started(champion(1))) {
      OperatorSubtaskState snapshot = first.saved();
      story(first);
      List<OutputRecord> published = first.extractOutputValues();
      OperatorSubtaskState behind;
      try (ControlHarness replay = replay(snapshot, first, published)) {
        commands(replay);
        behind = replay.saved();
      }
      try (ControlHarness replay =
          ControlHarness.replaying(behind, published, first.commands(), 0, 4)) {
        events(replay);
        assertSame(replay, first);
      }
    }
  }

  @Test
  void withTheFenceOffCommandsOfASnapshotTakeEffectAtOnce() throws Exception {
    try (ControlHarness first = ControlHarness.started(champion(1))) {
      OperatorSubtaskState snapshot = first.saved();
      first.observe("LAS", "f-1");
      first.command(PAUSE);
      OperatorSubtaskState behind;
      try (ControlHarness replay = replay(snapshot, first, first.extractOutputValues())) {
        behind = replay.saved();
      }
      try (ControlHarness off = ControlHarness.restored(behind, "sluice.restore-fence", "off")) {
        OutputRecord answer = off.observe("LAS", "f-1");
        assertThat(answer.topic()).isEqualTo(OutputTopic.DEFERRED);
        assertThat(answer.controlPosition()).isEqualTo(1);
      }
    }
  }

  /** Negative control: what an operator that does not know what is published makes of it. */
  @Test
  void withoutPublishedPositionsAnEarlyPauseContradictsThem() throws Exception {
    try (ControlHarness first = ControlHarness.started(champion(1))) {
      OperatorSubtaskState snapshot = first.saved();
      story(first);

      try (ControlHarness replay = replay(snapshot, first, List.of())) {
        replay.command(PAUSE);
        assertThat(replay.observe("LAS", "f-1").topic()).isEqualTo(OutputTopic.DEFERRED);
        assertThat(first.extractOutputValues().get(0).topic()).isEqualTo(OutputTopic.PREDICTIONS);
      }
    }
  }

  @Test
  void answersNameTheCommandsInEffectAndTheAnswerToACommandItsOwn() throws Exception {
    try (ControlHarness job = ControlHarness.started(champion(1))) {
      assertThat(job.observe("LAS", "f-1").controlPosition()).isZero();
      assertThat(job.commandRecord(PAUSE, null).get(0).controlPosition()).isEqualTo(1);
      assertThat(job.observe("LAS", "f-2").controlPosition()).isEqualTo(1);
      try (ControlHarness next = job.resumed()) {
        assertThat(next.observe("LAS", "f-3").controlPosition()).isEqualTo(1);
      }
    }
  }

  @Test
  void whatIsNotPublishedFollowsTheNewestCommands() throws Exception {
    try (ControlHarness first = ControlHarness.started(champion(1))) {
      OperatorSubtaskState snapshot = first.saved();
      first.observe("LAS", "f-1");
      first.command(PAUSE);
      first.observe("LAS", "f-2");

      try (ControlHarness replay =
          replay(snapshot, first, first.extractOutputValues().subList(0, 2))) {
        assertThat(replay.observe("LAS", "f-1").topic()).isEqualTo(OutputTopic.PREDICTIONS);
        OutputRecord deferred = replay.observe("LAS", "f-2");
        assertThat(deferred.topic()).isEqualTo(OutputTopic.DEFERRED);
        assertThat(deferred.controlPosition()).isEqualTo(1);
      }
    }
  }

  @Test
  void aChangedRuleIsToldWhileAnswersAreAhead() throws Exception {
    String declared = "sluice.features.declared";
    try (ControlHarness first = ControlHarness.started(champion(1))) {
      OperatorSubtaskState snapshot = first.saved();
      first.observe("LAS", "f-1");
      List<OutputRecord> published = first.extractOutputValues();

      try (ControlHarness replay =
          ControlHarness.replaying(snapshot, published, declared, "x:number, dow:text")) {
        assertThat(changedRules(replay))
            .containsExactly("sluice.features.declared was () and is (dow:text, x:number)");
        snapshot = replay.saved();
      }
      try (ControlHarness same =
          ControlHarness.replaying(snapshot, published, declared, "dow:text,x:number")) {
        assertThat(changedRules(same)).as("the same features in another order").isEmpty();
      }
      try (ControlHarness far =
          ControlHarness.replaying(snapshot, published, "sluice.time.on-far", "dead-letter")) {
        assertThat(changedRules(far))
            .containsExactly(
                "sluice.time.on-far was (accept) and is (dead-letter, beyond 31536000000 ms)",
                "sluice.features.declared was (dow:text, x:number) and is ()");
      }
      try (ControlHarness clean = ControlHarness.replaying(snapshot, List.of(), declared, "*")) {
        assertThat(changedRules(clean)).as("nothing is ahead").isEmpty();
      }
    }
  }

  private static List<String> changedRules(ControlHarness job) {
    return ((LearnsAlone) job.getOperator()).changedRules();
  }

  private static ControlHarness replay(
      OperatorSubtaskState snapshot, ControlHarness first, List<OutputRecord> published)
      throws Exception {
    List<ControlRecord> commands = first.commands();
    return ControlHarness.replaying(snapshot, published, commands, 0, 0);
  }

  private static void story(ControlHarness job) throws Exception {
    job.observe("LAS", "f-1");
    job.conclude("LAS", "f-1", "late");
    job.observe("LAS", "f-2");
    job.command(PAUSE);
    job.observe("LAS", "f-3");
    job.conclude("LAS", "f-2", "ontime");
    job.command(RESUME);
    job.promote("c-2", 2, "", champion(3));
    job.observe("LAS", "f-4");
    job.command(RESET);
    job.conclude("LAS", "f-4", "late");
    job.observe("PHL", "f-5");
    job.conclude("PHL", "f-5", "late");
  }

  private static void events(ControlHarness job) throws Exception {
    job.observe("LAS", "f-1");
    job.conclude("LAS", "f-1", "late");
    job.observe("LAS", "f-2");
    job.observe("LAS", "f-3");
    job.conclude("LAS", "f-2", "ontime");
    job.observe("LAS", "f-4");
    job.conclude("LAS", "f-4", "late");
    job.observe("PHL", "f-5");
    job.conclude("PHL", "f-5", "late");
  }

  private static void commands(ControlHarness job) throws Exception {
    job.command(PAUSE);
    job.command(RESUME);
    job.promote("c-2", 2, "", champion(3));
    job.command(RESET);
  }

  /** The same answers, whatever their order, and the same models. */
  private static void assertSame(ControlHarness replay, ControlHarness first) throws Exception {
    assertThat(replay.extractOutputValues())
        .filteredOn(answer -> answer.topic() != OutputTopic.CONTROL_LOG)
        .containsExactlyElementsOf(
            first.extractOutputValues().stream()
                .filter(answer -> answer.topic() != OutputTopic.CONTROL_LOG)
                .toList());
    assertThat(models(replay)).isEqualTo(models(first));
  }

  private static Map<String, String> models(ControlHarness job) throws Exception {
    Map<String, String> models = new TreeMap<>();
    for (Map.Entry<String, ModelState> model : job.models().entrySet()) {
      models.put(
          model.getKey(),
          java.util.HexFormat.of().formatHex(ControlHarness.bytes(model.getValue())));
    }
    return models;
  }
}
