package dev.sluice.job;

import static dev.sluice.job.ControlHarness.champion;
import static dev.sluice.job.ControlHarness.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.event.OutputTopic;
import dev.sluice.model.ModelState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was commanded goes through stops and other parallelisms. */
@SuppressWarnings("try") // Flink's harness declares close() to throw any exception
class CommandsAcrossRestoresTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void everyTaskOfAnyParallelismGoesOnAsCommandedAndTheFirstAnswers(int subtasks) throws Exception {
    OperatorSubtaskState stopped = commanded();

    List<OperatorSubtaskState> parts = new ArrayList<>();
    for (int i = 0; i < subtasks; i++) {
      try (ControlHarness task = ControlHarness.restored(stopped, 1, subtasks, i)) {
        assertThat(task.commandRecord("{\"id\":\"n-" + i + "\"}", null)).hasSize(i == 0 ? 1 : 0);
        parts.add(task.saved());
      }
    }
    OperatorSubtaskState all =
        AbstractStreamOperatorTestHarness.repackageState(
            parts.toArray(OperatorSubtaskState[]::new));
    try (ControlHarness joined = ControlHarness.restored(all, subtasks, 1, 0)) {
      assertThat(joined.observe("LAS", "f-1").topic()).isEqualTo(OutputTopic.DEFERRED);
      JsonNode prediction = json(joined.observe("PHL", "f-2"));
      assertThat(prediction.get("championVersion").asInt()).isEqualTo(2);
      JsonNode evaluation = joined.evaluate("PHL", "f-2", "late");
      assertThat(evaluation.get("learned").asBoolean()).isFalse();
      assertThat(evaluation.at("/shadow/version").asInt()).isEqualTo(3);
    }
  }

  @Test
  void equalEventsAndCommandsMakeEqualModelsOverAnyStop() throws Exception {
    Map<String, byte[]> straight = played(false);
    Map<String, byte[]> stopped = played(true);

    assertThat(stopped.keySet()).isEqualTo(straight.keySet()).hasSize(5);
    straight.forEach((key, model) -> assertThat(stopped.get(key)).as(key).isEqualTo(model));
  }

  private static OperatorSubtaskState commanded() throws Exception {
    try (ControlHarness job = ControlHarness.started(champion(1))) {
      job.command("{\"id\":\"p-1\",\"command\":\"pause\",\"part\":\"scoring\",\"key\":\"LAS\"}");
      job.command("{\"id\":\"p-2\",\"command\":\"pause\",\"part\":\"learning\"}");
      job.promote("c-1", 2, "", champion(3));
      job.promote("c-2", 3, ",\"shadow\":true", champion(2));
      return job.saved();
    }
  }

  private static Map<String, byte[]> played(boolean stopping) throws Exception {
    ControlHarness player = ControlHarness.started(champion(1));
    for (int i = 0; i < 300; i++) {
      if (stopping && i % 40 == 20) {
        player = player.resumed();
      }
      switch (i) {
        case 60 -> player.command("{\"id\":\"1\",\"command\":\"reset\",\"key\":\"K1\"}");
        case 90 -> player.promote("2", 2, "", champion(3));
        case 120 ->
            player.command(
                "{\"id\":\"3\",\"command\":\"pause\",\"part\":\"learning\",\"key\":\"K2\"}");
        case 150 -> player.promote("4", 3, ",\"reseed\":true", champion(2));
        case 180 -> player.command("{\"id\":\"5\",\"command\":\"resume\",\"part\":\"all\"}");
        default -> player.observe("K" + i % 5, "f-" + i);
      }
      if (i > 20) {
        player.conclude("K" + (i - 20) % 5, "f-" + (i - 20), i % 3 == 0 ? "late" : "ontime");
      }
    }
    Map<String, byte[]> models = new TreeMap<>();
    for (Map.Entry<String, ModelState> model : player.models().entrySet()) {
      models.put(model.getKey(), ControlHarness.bytes(model.getValue()));
    }
    player.close();
    return models;
  }
}
