package dev.sluice.job;

import static dev.sluice.job.ControlHarness.TIMEOUT_MS;
import static dev.sluice.job.ControlHarness.champion;
import static dev.sluice.job.ControlHarness.json;
import static dev.sluice.support.ModelStates.challengers;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.codec.CommandDecoder;
import dev.sluice.event.Origin;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.OutputTopic;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Reason;
import dev.sluice.model.ModelState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What each control command does to the keyed operator. */
@SuppressWarnings("try") // Flink's harness declares close() to throw any exception
class ControlHarnessTest {

  private static final String PAUSE_LAS =
      """
      {"id":"p-1","command":"pause","part":"scoring","key":"LAS"}""";

  private ControlHarness job;

  @BeforeEach
  void start() throws Exception {
    job = ControlHarness.started(champion(1));
  }

  @AfterEach
  void close() throws Exception {
    job.close();
  }

  @Test
  void aCommandIsAnsweredOnceUnderItsOrigin() throws Exception {
    List<OutputRecord> out = job.commandRecord(PAUSE_LAS, null);

    assertThat(out).hasSize(1);
    assertThat(out.get(0).topic()).isEqualTo(OutputTopic.CONTROL_LOG);
    assertThat(out.get(0).origin()).hasToString("sluice.control/0/0");
    assertThat(out.get(0).key()).isEqualTo("p-1".getBytes(UTF_8));
    assertThat(out.get(0).value())
        .asString(UTF_8)
        .isEqualTo(
            """
            {"id":"p-1","command":"pause","part":"scoring","key":"LAS","accepted":true,"reason":null}""");
  }

  @Test
  void pausedScoringDefersOneKeyAndPredictsTheOthers() throws Exception {
    job.command(PAUSE_LAS);

    OutputRecord deferred = job.observe("LAS", "f-1");
    assertThat(deferred.topic()).isEqualTo(OutputTopic.DEFERRED);
    assertThat(deferred.value()).asString(UTF_8).startsWith("{\"type\":\"observation\",\"id\"");
    assertThat(job.observe("PHL", "f-2").topic()).isEqualTo(OutputTopic.PREDICTIONS);
    assertThat(job.models().keySet()).containsExactly("PHL");

    job.command("{\"id\":\"r-1\",\"command\":\"resume\",\"part\":\"scoring\",\"key\":\"LAS\"}");
    assertThat(job.observe("LAS", "f-3").topic()).isEqualTo(OutputTopic.PREDICTIONS);
  }

  @Test
  void anOutcomeWaitsForItsDeferredObservationUntilTheTimeout() throws Exception {
    job.command(PAUSE_LAS);
    job.observe("LAS", "f-1");
    job.observe("LAS", "f-2");
    assertThat(job.conclude("LAS", "f-1", "late")).isEmpty();
    assertThat(job.conclude("LAS", "f-2", "late")).isEmpty();

    job.command("{\"id\":\"r-1\",\"command\":\"resume\",\"part\":\"all\"}");
    int before = job.extractOutputValues().size();
    job.observe("LAS", "f-1");
    assertThat(job.after(before))
        .extracting(OutputRecord::topic)
        .containsExactly(OutputTopic.PREDICTIONS, OutputTopic.EVALUATIONS);
    job.eventTime(1_000 + 2 * TIMEOUT_MS);
    assertThat(job.after(before + 2))
        .extracting(OutputRecord::reason)
        .containsExactly(Reason.OUTCOME_WITHOUT_OBSERVATION);
  }

  @Test
  void pausedLearningEvaluatesAndLeavesEveryWeight() throws Exception {
    job.pair("LAS", "f-1", "late");
    ModelState before = job.model("LAS");
    job.command("{\"id\":\"p-1\",\"command\":\"pause\",\"part\":\"learning\"}");

    JsonNode evaluation = job.pair("LAS", "f-2", "late");
    ModelState after = job.model("LAS");
    assertThat(evaluation.get("learned").asBoolean()).isFalse();
    assertThat(Arrays.deepEquals(challengers(after)[0].weights(), challengers(before)[0].weights()))
        .isTrue();
    assertThat(
            Arrays.deepEquals(
                challengers(after)[0].accumulators(), challengers(before)[0].accumulators()))
        .isTrue();
    assertThat(after.updates).isEqualTo(before.updates);
    assertThat(after.evaluations).isEqualTo(before.evaluations + 1);
    assertThat(after.challengerLossSum).isGreaterThan(before.challengerLossSum);

    job.command("{\"id\":\"r-1\",\"command\":\"resume\",\"part\":\"learning\"}");
    assertThat(job.pair("LAS", "f-3", "late").get("learned").asBoolean()).isTrue();
  }

  @Test
  void everyKeysPauseAndAKeysOwnAreApart() throws Exception {
    job.command(PAUSE_LAS);
    job.command("{\"id\":\"p-2\",\"command\":\"pause\",\"part\":\"all\"}");
    assertThat(job.observe("PHL", "f-1").topic()).isEqualTo(OutputTopic.DEFERRED);

    job.command("{\"id\":\"r-1\",\"command\":\"resume\",\"part\":\"scoring\",\"key\":\"LAS\"}");
    assertThat(job.observe("LAS", "f-2").topic()).isEqualTo(OutputTopic.DEFERRED);
    job.command(PAUSE_LAS.replace("p-1", "p-3"));
    job.command("{\"id\":\"r-2\",\"command\":\"resume\",\"part\":\"scoring\"}");
    assertThat(job.observe("LAS", "f-3").topic()).isEqualTo(OutputTopic.PREDICTIONS);
    assertThat(job.conclude("LAS", "f-3", "late")).hasSize(1);
    assertThat(job.model("LAS").updates).as("learning is paused still").isZero();
  }

  @Test
  void servingChangesForEveryKeyAtOnce() throws Exception {
    job.observe("LAS", "f-1");
    job.command("{\"id\":\"s-1\",\"command\":\"serve\",\"policy\":\"challenger\"}");
    assertThat(json(job.observe("LAS", "f-2")).get("servedBy").asText()).isEqualTo("challenger");
    assertThat(json(job.observe("PHL", "f-3")).get("servedBy").asText()).isEqualTo("challenger");

    job = job.resumed();
    assertThat(json(job.observe("PHL", "f-4")).get("servedBy").asText()).isEqualTo("challenger");
    job.command("{\"id\":\"s-2\",\"command\":\"serve\",\"policy\":\"champion\"}");
    assertThat(json(job.observe("PHL", "f-5")).get("servedBy").asText()).isEqualTo("champion");
  }

  @Test
  void aChampionThatIsNotThereIsNotServed() throws Exception {
    try (ControlHarness cold = ControlHarness.started(null)) {
      JsonNode answer =
          cold.command("{\"id\":\"s-1\",\"command\":\"serve\",\"policy\":\"champion\"}");
      assertThat(answer.get("accepted").asBoolean()).isFalse();
      assertThat(answer.get("reason").asText()).contains("no champion");
      assertThat(json(cold.observe("LAS", "f-1")).get("servedBy").asText()).isEqualTo("blend");
    }
  }

  @Test
  void aResetBeginsOneKeyAnewAndLeavesTheOthers() throws Exception {
    double[][] fresh = freshWeights();
    for (String key : List.of("LAS", "PHL")) {
      job.pair(key, "f-1", "late");
    }
    job.observe("LAS", "in-flight");
    job.command("{\"id\":\"x-1\",\"command\":\"reset\",\"key\":\"LAS\"}");
    job.command("{\"id\":\"p-1\",\"command\":\"pause\",\"part\":\"learning\"}");
    job.conclude("LAS", "in-flight", "late");
    job.observe("PHL", "f-2");

    ModelState las = job.model("LAS");
    assertThat(Arrays.deepEquals(weights(las), fresh)).isTrue();
    assertThat(las.predictions).isZero();
    assertThat(las.evaluations).isEqualTo(1);
    assertThat(las.lossWeight).as("losses of the challenger before").isZero();
    assertThat(job.model("PHL").updates).isEqualTo(1);

    job.command("{\"id\":\"x-2\",\"command\":\"reset\"}");
    job.observe("PHL", "f-3");
    assertThat(job.model("PHL").updates).isZero();
    assertThat(job.model("PHL").predictions).isEqualTo(1);
  }

  @Test
  void aPromotionDoesNotEvaluateWhatTheOldChampionPredicted() throws Exception {
    job.command("{\"id\":\"s-1\",\"command\":\"serve\",\"policy\":\"champion\"}");
    job.pair("LAS", "f-1", "late");
    JsonNode before = json(job.observe("LAS", "in-flight"));
    JsonNode answer = job.promote("c-1", 2, "", champion(3));
    assertThat(answer.get("accepted").asBoolean()).isTrue();
    assertThat(answer.get("version").asInt()).isEqualTo(2);

    JsonNode after = json(job.observe("LAS", "f-2"));
    assertThat(before.get("championVersion").asInt()).isEqualTo(1);
    assertThat(after.get("championVersion").asInt()).isEqualTo(2);
    JsonNode evaluation = job.evaluate("LAS", "in-flight", "late");
    assertThat(evaluation.at("/served/scores/late").asDouble())
        .as("as it was served")
        .isEqualTo(before.at("/scores/late").asDouble());
    assertThat(evaluation.at("/challenger/scores/late").asDouble()).isPositive();
    assertThat(evaluation.at("/champion/scores/late").asDouble())
        .as("as predicted by the old one")
        .isEqualTo(before.at("/scores/late").asDouble());
    ModelState state = job.model("LAS");
    assertThat(state.updates).as("challengers continue").isEqualTo(2);
    assertThat(state.lossWeight).as("of the new champion").isZero();
    JsonNode judged = job.evaluate("LAS", "f-2", "late");
    assertThat(judged.at("/champion/scores/late").asDouble())
        .isNotEqualTo(before.at("/scores/late").asDouble());
    assertThat(job.model("LAS").lossWeight).isEqualTo(1);
  }

  @Test
  void reseedingBeginsEveryChallengerAnewFromTheNewChampion() throws Exception {
    job.pair("LAS", "f-1", "late");
    job.promote("c-1", 2, ",\"reseed\":true", champion(3));
    job.observe("LAS", "f-2");

    ModelState reseeded = job.model("LAS");
    assertThat(reseeded.updates).isZero();
    job.observe("PHL", "f-3");
    assertThat(Arrays.deepEquals(weights(reseeded), weights(job.model("PHL")))).isTrue();
    assertThat(Arrays.deepEquals(weights(reseeded), freshWeights())).isFalse();
  }

  @Test
  void aShadowPredictsBesideTheChampionUntilItIsConfirmedOrDropped() throws Exception {
    job.promote("c-1", 2, ",\"shadow\":true", champion(3));
    JsonNode prediction = json(job.observe("LAS", "f-1"));
    JsonNode evaluation = job.evaluate("LAS", "f-1", "late");
    assertThat(prediction.get("championVersion").asInt()).isEqualTo(1);
    assertThat(evaluation.at("/shadow/version").asInt()).isEqualTo(2);
    assertThat(evaluation.at("/shadow/scores/late").asDouble())
        .isGreaterThan(evaluation.at("/champion/scores/late").asDouble());
    assertThat(evaluation.at("/shadow/logLoss").asDouble())
        .isLessThan(evaluation.at("/champion/logLoss").asDouble());

    job = job.resumed();
    job.observe("LAS", "in-flight");
    assertThat(job.command("{\"id\":\"c-2\",\"command\":\"confirm\",\"version\":3}").get("reason"))
        .hasToString("\"the shadow is version 2, not 3\"");
    job.command("{\"id\":\"c-3\",\"command\":\"confirm\",\"version\":2}");
    assertThat(json(job.observe("LAS", "f-2")).get("championVersion").asInt()).isEqualTo(2);
    assertThat(job.pair("LAS", "f-3", "late").has("shadow")).isFalse();
    JsonNode late = job.evaluate("LAS", "in-flight", "late");
    assertThat(late.at("/shadow/version").asInt()).isEqualTo(2);

    job.promote("c-4", 3, ",\"shadow\":true", champion(2));
    assertThat(job.pair("LAS", "f-4", "late").at("/shadow/version").asInt()).isEqualTo(3);
    job.command("{\"id\":\"c-5\",\"command\":\"drop\",\"version\":3}");
    assertThat(job.pair("LAS", "f-5", "late").has("shadow")).isFalse();
    assertThat(json(job.observe("LAS", "f-6")).get("championVersion").asInt()).isEqualTo(2);
  }

  @Test
  void aModelThatDoesNotFitTheKeysModelsIsRejectedAndNothingChanges() throws Exception {
    JsonNode features = job.promote("c-1", 2, "", champion(3, "another", ControlHarness.SETTINGS));
    JsonNode version = job.promote("c-2", 1, "", champion(3));
    JsonNode garbage = job.promote("c-3", 2, "", new byte[] {1, 2, 3});

    assertThat(features.get("accepted").asBoolean()).isFalse();
    assertThat(features.get("reason").asText()).contains("feature domain");
    assertThat(version.get("reason").asText()).contains("version 1 is in use");
    assertThat(garbage.get("reason").asText()).contains("not a Tribuo protobuf model");
    assertThat(json(job.observe("LAS", "f-1")).get("championVersion").asInt()).isEqualTo(1);
  }

  @Test
  void aColdJobIsToldWhatItCanDoAboutALinearChampion() throws Exception {
    try (ControlHarness cold = ControlHarness.started(null)) {
      JsonNode refused = cold.promote("c-1", 1, "", champion(2));

      assertThat(refused.get("accepted").asBoolean()).isFalse();
      assertThat(refused.get("reason").asText())
          .contains("began without a champion", "Promote a model that is not linear")
          .contains("sluice.champion.uri");
    }
  }

  @Test
  void anEndlessReasonIsCut() throws Exception {
    RawRecord raw =
        new RawRecord(
            new Origin("sluice.control", 0, 0),
            5,
            null,
            "{\"id\":\"c-1\",\"command\":\"reset\"}".getBytes(UTF_8));
    job.processElement2(CommandDecoder.record(raw).refused("x".repeat(1 << 20)), 5);

    OutputRecord answer = job.extractOutputValues().get(0);
    assertThat(json(answer).get("accepted").asBoolean()).isFalse();
    assertThat(json(answer).get("reason").asText()).hasSize(2_001).endsWith("…");
  }

  @Test
  void aCommandThatIsSentAgainIsAnsweredAgainAndDoesNothing() throws Exception {
    job.command(PAUSE_LAS);
    job.command("{\"id\":\"r-1\",\"command\":\"resume\",\"part\":\"all\"}");
    job.command("{\"id\":\"bad\",\"command\":\"dance\"}");
    job = job.resumed();

    List<OutputRecord> again = job.commandRecord(PAUSE_LAS, null);
    assertThat(again.get(0).origin()).hasToString("sluice.control/0/3");
    assertThat(json(again.get(0)).get("repeated").asBoolean()).isTrue();
    assertThat(json(again.get(0)).get("accepted").asBoolean()).isTrue();
    assertThat(job.observe("LAS", "f-1").topic()).isEqualTo(OutputTopic.PREDICTIONS);
    JsonNode other = job.command("{\"id\":\"bad\",\"command\":\"pause\",\"part\":\"all\"}");
    assertThat(other.get("command").asText()).as("the first answer").isEqualTo("dance");
    assertThat(job.observe("LAS", "f-2").topic()).isEqualTo(OutputTopic.PREDICTIONS);
  }

  @Test
  void commandsNeverHoldTheEventsClockUp() throws Exception {
    job.conclude("LAS", "f-1", "late");
    job.processWatermarkStatus2(WatermarkStatus.ACTIVE);
    job.command(PAUSE_LAS);
    job = job.resumed();
    job.eventTime(1_000 + 2 * TIMEOUT_MS);

    assertThat(job.extractOutputValues())
        .extracting(OutputRecord::reason)
        .containsExactly(Reason.OUTCOME_WITHOUT_OBSERVATION);
  }

  @Test
  void aKeyWhoseLossesRiseBeginsAnewIfItIsToldTo() throws Exception {
    for (String reset : List.of("true", "false")) {
      try (ControlHarness drifting =
          ControlHarness.started(champion(1), "sluice.drift.reset", reset)) {
        for (int i = 0; i < 3_000; i++) {
          drifting.pair("LAS", "a-" + i, "ontime");
          drifting.getOutput().clear();
        }
        assertThat(drifting.model("LAS").drift.alarms).isZero();
        int i = 0;
        while (drifting.model("LAS").drift.alarms == 0) {
          assertThat(i).as("outcomes of the other label").isLessThan(200);
          drifting.pair("LAS", "b-" + i++, "late");
        }
        ModelState after = drifting.model("LAS");
        assertThat(Arrays.deepEquals(weights(after), freshWeights()))
            .isEqualTo(reset.equals("true"));
        assertThat(after.updates).as("counters continue").isEqualTo(3_000 + i);
        assertThat(after.lossWeight == 0).isEqualTo(reset.equals("true"));
      }
    }
  }

  /** What a key's challengers started from, and what they have learned. */
  private static double[][] weights(ModelState state) {
    List<double[]> rows = new ArrayList<>(List.of(state.start.weights()));
    for (ModelState.Challenger challenger : challengers(state)) {
      rows.addAll(List.of(challenger.weights()));
    }
    return rows.toArray(double[][]::new);
  }

  /** The same before the first outcome. */
  private static double[][] freshWeights() throws Exception {
    try (ControlHarness other = ControlHarness.started(champion(1))) {
      other.observe("LAS", "f-1");
      return weights(other.model("LAS"));
    }
  }
}
