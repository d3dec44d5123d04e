package dev.sluice.job;

import static dev.sluice.job.ControlHarness.champion;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.OutputRecord;
import dev.sluice.event.OutputTopic;
import dev.sluice.event.Reason;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

/** A command to forget a key that comes at another event in a replay than it did before. */
@SuppressWarnings("try") // Flink's harness declares close() to throw any exception
class ReplayForgetHarnessTest {

  private static final String FORGET = "{\"id\":\"f\",\"command\":\"forget\",\"key\":\"LAS\"}";

  @Test
  void aCommandThatComesEarlyForgetsWhatItForgotBefore() throws Exception {
    try (ControlHarness first = ControlHarness.started(champion(1))) {
      OperatorSubtaskState snapshot = first.saved();
      before(first);
      first.command(FORGET);
      after(first);

      try (ControlHarness replay = replay(snapshot, first, 0, 0)) {
        replay.command(FORGET);
        before(replay);
        after(replay);
        assertSame(replay, first);
      }
    }
  }

  @Test
  void aCommandThatComesLateHasForgottenBefore() throws Exception {
    try (ControlHarness first = ControlHarness.started(champion(1))) {
      OperatorSubtaskState snapshot = first.saved();
      before(first);
      first.command(FORGET);
      after(first);

      try (ControlHarness replay = replay(snapshot, first, 0, 0)) {
        before(replay);
        after(replay);
        replay.command(FORGET);
        assertSame(replay, first);
      }
    }
  }

  @Test
  void aSnapshotOfAReplayKnowsWhichKeysHaveFollowed() throws Exception {
    try (ControlHarness first = ControlHarness.started(champion(1))) {
      OperatorSubtaskState snapshot = first.saved();
      before(first);
      first.command(FORGET);
      after(first);
      OperatorSubtaskState unfollowed;
      OperatorSubtaskState followed;
      try (ControlHarness replay = replay(snapshot, first, 0, 0)) {
        replay.command(FORGET);
        before(replay);
        unfollowed = replay.saved();
        after(replay);
        followed = replay.saved();
      }
      try (ControlHarness replay = replay(unfollowed, first, 4, 1)) {
        after(replay);
        assertThat(models(replay)).isEqualTo(models(first));
      }
      try (ControlHarness replay = replay(followed, first, 8, 1)) {
        replay.observe("LAS", "f-6");
        first.observe("LAS", "f-6");
        assertThat(models(replay)).isEqualTo(models(first));
      }
    }
  }

  @Test
  void aKeyWithoutFurtherEventsIsForgottenWhenTheReplayIsOver() throws Exception {
    try (ControlHarness first = ControlHarness.started(champion(1))) {
      OperatorSubtaskState snapshot = first.saved();
      before(first);
      first.command(FORGET);
      OperatorSubtaskState behind;
      try (ControlHarness replay = replay(snapshot, first, 0, 0)) {
        replay.command(FORGET);
        before(replay);
        assertThat(replay.models()).as("it may be needed").containsKey("LAS");
        behind = replay.saved();
      }
      try (ControlHarness over =
          ControlHarness.replaying(behind, List.of(), first.commands(), 4, 1)) {
        assertThat(over.models()).isEmpty();
        assertThat(over.extractOutputValues())
            .extracting(OutputRecord::reason)
            .containsExactly(Reason.OUTCOME_WITHOUT_OBSERVATION);
      }
    }
  }

  @Test
  void whatItAnswersNamesThePositionBeforeIt() throws Exception {
    try (ControlHarness job = ControlHarness.started(champion(1))) {
      before(job);
      List<OutputRecord> answers = job.commandRecord(FORGET, null);
      assertThat(answers)
          .extracting(OutputRecord::topic)
          .containsExactly(OutputTopic.DEAD_LETTERS, OutputTopic.CONTROL_LOG);
      assertThat(answers).extracting(OutputRecord::controlPosition).containsExactly(0L, 1L);
    }
  }

  /** Four events: a model, an outcome that waits, a prediction that waits. */
  private static void before(ControlHarness job) throws Exception {
    job.pair("LAS", "f-1", "late");
    job.conclude("LAS", "f-2", "late");
    job.observe("LAS", "f-3");
  }

  /** Four events: the outcome of what is forgotten, an outcome that waits, its observation. */
  private static void after(ControlHarness job) throws Exception {
    job.conclude("LAS", "f-3", "late");
    job.conclude("LAS", "f-4", "ontime");
    job.observe("LAS", "f-4");
    job.observe("LAS", "f-2");
  }

  private static ControlHarness replay(
      OperatorSubtaskState snapshot, ControlHarness first, int offset, int controlOffset)
      throws Exception {
    return ControlHarness.replaying(
        snapshot, first.extractOutputValues(), first.commands(), offset, controlOffset);
  }

  private static void assertSame(ControlHarness replay, ControlHarness first) throws Exception {
    assertThat(events(replay)).containsExactlyInAnyOrderElementsOf(events(first));
    assertThat(models(replay)).isEqualTo(models(first));
  }

  private static List<OutputRecord> events(ControlHarness job) {
    return job.extractOutputValues().stream()
        .filter(answer -> answer.topic() != OutputTopic.CONTROL_LOG)
        .toList();
  }

  private static Map<String, String> models(ControlHarness job) throws Exception {
    Map<String, String> models = new HashMap<>();
    for (var model : job.models().entrySet()) {
      models.put(model.getKey(), HexFormat.of().formatHex(ControlHarness.bytes(model.getValue())));
    }
    return models;
  }
}
