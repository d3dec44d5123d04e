package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.codec.EventDecoder;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.Event;
import dev.sluice.event.Event.Undecoded;
import dev.sluice.event.Features;
import dev.sluice.event.Origin;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.OutputTopic;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Reason;
import dev.sluice.event.Target;
import dev.sluice.model.ChampionTrainer;
import dev.sluice.model.ModelState;
import dev.sluice.settings.JobSettings;
import dev.sluice.settings.SettingsException;
import dev.sluice.state.ModelStateSerializer;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The keyed operator in Flink's harness, with the real codec, model and serializers. */
@SuppressWarnings("try") // Flink's harness declares close() to throw any exception
class LearnAndPredictHarnessTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long TIMEOUT_MS = 16_000;
  private static final Map<String, String> SETTINGS =
      Map.of("sluice.outcome.timeout", TIMEOUT_MS + " ms", "sluice.features.width", "16");

  private final EventDecoder decoder = new EventDecoder(List.of("ontime", "late"), 100);
  private Harness harness;
  private long offset;

  @BeforeEach
  void open() throws Exception {
    harness = cached(SETTINGS, 2);
    harness.open();
  }

  @AfterEach
  void close() throws Exception {
    harness.close();
  }

  @Test
  void anObservationIsPredictedAndItsOutcomeEvaluated() throws Exception {
    observation("f-1", 1_000);
    outcome("f-1", "late", 2_000);

    List<OutputRecord> answers = answers();
    assertThat(answers)
        .extracting(OutputRecord::topic)
        .containsExactly(OutputTopic.PREDICTIONS, OutputTopic.EVALUATIONS);
    assertThat(answers).extracting(answer -> answer.origin().offset()).containsExactly(0L, 1L);
    assertThat(json(answers.get(0)).get("updates").asLong()).isZero();
    assertThat(json(answers.get(1)).get("learned").asBoolean()).isTrue();
    assertThat(json(answers.get(1)).get("label").asText()).isEqualTo("late");
  }

  @Test
  void nothingStaysPendingOnceBothHalvesMet() throws Exception {
    observation("f-1", 1_000);
    assertThat(stateEntries()).isEqualTo(2);
    outcome("f-1", "late", 2_000);
    assertThat(stateEntries()).isEqualTo(1);

    harness.processEventTime(1_000 + 2 * TIMEOUT_MS);
    assertThat(harness.numEventTimeTimers()).isZero();
    assertThat(answers()).hasSize(2);
  }

  @Test
  void anOutcomeThatComesFirstWaitsForItsObservation() throws Exception {
    outcome("f-1", "late", 1_000);
    assertThat(answers()).isEmpty();
    observation("f-1", 2_000);

    List<OutputRecord> answers = answers();
    assertThat(answers)
        .extracting(OutputRecord::topic)
        .containsExactly(OutputTopic.PREDICTIONS, OutputTopic.EVALUATIONS);
    assertThat(answers).extracting(answer -> answer.origin().offset()).containsExactly(1L, 0L);
  }

  @Test
  void aSecondHalfOfTheSameKindIsADeadLetter() throws Exception {
    observation("f-1", 1_000);
    observation("f-1", 1_001);
    outcome("f-2", "late", 1_002);
    outcome("f-2", "ontime", 1_003);

    assertThat(answers())
        .extracting(OutputRecord::reason)
        .containsExactly(null, Reason.DUPLICATE_OBSERVATION, Reason.DUPLICATE_OUTCOME);
  }

  @Test
  void anOutcomeForNothingIsADeadLetterAfterTheTimeout() throws Exception {
    outcome("f-1", "late", 1_000);
    harness.processEventTime(1_000 + TIMEOUT_MS);
    assertThat(answers()).isEmpty();

    harness.processEventTime(1_000 + TIMEOUT_MS + TIMEOUT_MS / 8);
    assertThat(answers())
        .extracting(OutputRecord::reason)
        .containsExactly(Reason.OUTCOME_WITHOUT_OBSERVATION);
    assertThat(stateEntries()).isZero();
  }

  @Test
  void anObservationWithoutOutcomeIsForgottenAfterTheTimeout() throws Exception {
    observation("f-1", 1_000);
    harness.processEventTime(1_000 + TIMEOUT_MS + TIMEOUT_MS / 8);

    assertThat(stateEntries()).isEqualTo(1);
    assertThat(answers()).extracting(OutputRecord::topic).containsExactly(OutputTopic.PREDICTIONS);
  }

  @Test
  void aLongerTimeoutOrphansNothingThatIsPending() throws Exception {
    outcome("f-1", "late", 1_000);
    outcome("f-2", "late", 3_500);
    OperatorSubtaskState snapshot = snapshot(harness, 1);
    harness.close();
    Map<String, String> longer = new HashMap<>(SETTINGS);
    longer.put("sluice.outcome.timeout", 4 * TIMEOUT_MS + " ms");
    harness = cached(longer, 2);
    harness.initializeState(snapshot);
    harness.open();

    harness.processEventTime(1_000 + 4 * TIMEOUT_MS);
    assertThat(answers()).as("the timers of the shorter timeout have fired").isEmpty();
    harness.processEventTime(3_500 + 4 * TIMEOUT_MS + TIMEOUT_MS / 2);
    assertThat(answers())
        .extracting(OutputRecord::reason)
        .containsOnly(Reason.OUTCOME_WITHOUT_OBSERVATION)
        .hasSize(2);
    assertThat(harness.numEventTimeTimers()).isZero();
    assertThat(stateEntries()).isZero();
  }

  /** A producer may write any timestamp that the broker accepts, -1 among them. */
  @ParameterizedTest
  @CsvSource({
    "9223372036854775807, 16000 ms",
    "9223372036854775807, 1 ms",
    "9223372036854775806, 1 ms",
    "9223372036854759807, 16000 ms",
    "-9223372036854775808, 3650 d",
    "-1, 1 ms",
    "0, 3650 d"
  })
  void halvesMeetAtAnyTimestamp(long arrivalMs, String timeout) throws Exception {
    harness.close();
    harness = cached(Map.of("sluice.outcome.timeout", timeout), 2);
    harness.open();
    observation("f-1", arrivalMs);
    outcome("f-1", "late", arrivalMs);
    outcome("f-2", "late", arrivalMs);

    assertThat(answers())
        .extracting(OutputRecord::topic)
        .containsExactly(OutputTopic.PREDICTIONS, OutputTopic.EVALUATIONS);
    harness.processEventTime(Long.MAX_VALUE);
    assertThat(answers())
        .extracting(OutputRecord::reason)
        .containsExactly(null, null, Reason.OUTCOME_WITHOUT_OBSERVATION);
    assertThat(harness.numEventTimeTimers()).isZero();
  }

  @Test
  void halvesWithTimestampsFarApartDoNotMeet() throws Exception {
    outcome("f-1", "late", Long.MIN_VALUE);
    observation("f-1", Long.MAX_VALUE);
    outcome("f-2", "late", Long.MAX_VALUE);
    observation("f-2", Long.MIN_VALUE);

    assertThat(answers())
        .as("the second pair's observation comes in time, however early it is")
        .extracting(OutputRecord::topic)
        .containsExactly(
            OutputTopic.DEAD_LETTERS,
            OutputTopic.PREDICTIONS,
            OutputTopic.PREDICTIONS,
            OutputTopic.EVALUATIONS);
  }

  @Test
  void whetherTwoHalvesMeetDoesNotDependOnWhenTheTimerFires() throws Exception {
    observation("f-1", 1_000);
    outcome("f-1", "late", 1_001 + TIMEOUT_MS);
    outcome("f-2", "late", 1_000);
    observation("f-2", 1_000 + TIMEOUT_MS);

    assertThat(answers())
        .extracting(OutputRecord::topic)
        .containsExactly(OutputTopic.PREDICTIONS, OutputTopic.PREDICTIONS, OutputTopic.EVALUATIONS);
  }

  @Test
  void aBrokenRecordIsADeadLetterWithItsBytes() throws Exception {
    byte[] bytes = "{\"type\":".getBytes(UTF_8);
    harness.processElement1(decoder.decode(raw(bytes, 5)), 5);

    OutputRecord letter = answers().get(0);
    assertThat(letter.topic()).isEqualTo(OutputTopic.DEAD_LETTERS);
    assertThat(letter.value()).isEqualTo(bytes);
    assertThat(letter.reason()).isEqualTo(Reason.MALFORMED_JSON);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 100})
  void neitherStopsNorTheCacheChangeABitOfAnyModel(int cachedKeys) throws Exception {
    Map<String, byte[]> uninterrupted = models(run(plain(SETTINGS), 1, false));
    Map<String, byte[]> interrupted = models(run(cached(SETTINGS, cachedKeys), 1, true));

    assertThat(uninterrupted).hasSize(5);
    assertThat(interrupted.keySet()).isEqualTo(uninterrupted.keySet());
    uninterrupted.forEach((key, model) -> assertThat(interrupted.get(key)).isEqualTo(model));
    assertThat(models(run(plain(SETTINGS), 2, false)).get("K0"))
        .as("other labels make another model")
        .isNotEqualTo(uninterrupted.get("K0"));
  }

  @Test
  void withoutFlushBeforeTheBarrierASnapshotMissesTheCache() throws Exception {
    observation("f-1", 1_000);
    OperatorSubtaskState missed = harness.snapshot(1, 1);
    OperatorSubtaskState whole = snapshot(harness, 2);

    assertThat(keysOf(missed)).isEmpty();
    assertThat(keysOf(whole)).containsExactly("LAS");
  }

  private static List<String> keysOf(OperatorSubtaskState snapshot) throws Exception {
    Harness restored = cached(SETTINGS, 1);
    restored.initializeState(snapshot);
    restored.open();
    return List.copyOf(models(restored).keySet());
  }

  @Test
  void aSnapshotIsRefusedIfSettingsChangeWhatItsArraysMean() throws Exception {
    observation("f-1", 1_000);
    OperatorSubtaskState snapshot = snapshot(harness, 1);

    Map<String, String> wider = new HashMap<>(SETTINGS);
    wider.put("sluice.features.width", "32");
    try (Harness other = cached(wider, 2)) {
      assertThatThrownBy(() -> other.initializeState(snapshot))
          .rootCause()
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("sluice.features.width")
          .hasMessageContaining("32")
          .hasMessageContaining("16");
    }
    Map<String, String> faster = new HashMap<>(SETTINGS);
    faster.put("sluice.model.learning-rate", "0.5");
    try (Harness other = cached(faster, 2)) {
      other.initializeState(snapshot);
      other.open();
    }
  }

  @Test
  void theChampionComesWithTheSnapshotAndNotFromItsFile() throws Exception {
    byte[] file = champion();
    Harness warm =
        new Harness(
            new KeyedCoProcessOperator<>(new LearnAndPredict(JobSettings.of(SETTINGS), file)));
    warm.open();
    OperatorSubtaskState snapshot = snapshot(warm, 1);
    warm.close();

    harness.close();
    harness = cached(SETTINGS, 2);
    harness.initializeState(snapshot);
    harness.open();
    observation("f-1", 1_000);
    assertThat(json(answers().get(0)).get("championVersion").asInt()).isEqualTo(1);
    assertThat(json(answers().get(0)).get("servedBy").asText()).isEqualTo("blend");

    Map<String, String> otherLabels = new HashMap<>(SETTINGS);
    otherLabels.put("sluice.model.labels", "good,bad");
    try (Harness other = cached(otherLabels, 2)) {
      assertThatThrownBy(() -> other.initializeState(snapshot))
          .isInstanceOf(SuppressRestartsException.class)
          .rootCause()
          .hasMessageContaining("good, bad")
          .hasMessageContaining("nothing was touched");
    }
  }

  private static byte[] champion() {
    Features features = new Features(new String[] {"x"}, new String[] {null}, new double[] {1});
    List<ChampionTrainer.Example> examples =
        List.of(
            new ChampionTrainer.Example(features, new Target.Label("late")),
            new ChampionTrainer.Example(features, new Target.Label("ontime")));
    return ChampionTrainer.toBytes(
        ChampionTrainer.train(
            examples,
            JobSettings.of(SETTINGS).model(),
            new ChampionTrainer.Parameters(0.05, 5, 1, 1.0)));
  }

  private Harness run(Harness fresh, int labelPeriod, boolean stopInBetween) throws Exception {
    offset = 0;
    Harness running = fresh;
    running.open();
    for (int i = 0; i < 400; i++) {
      if (stopInBetween && i % 90 == 45) {
        OperatorSubtaskState snapshot = snapshot(running, i);
        running.close();
        running = cached(SETTINGS, 2);
        running.initializeState(snapshot);
        running.open();
      }
      String key = "K" + i % 5;
      running.processElement1(decoder.decode(raw(key, observationJson("f-" + i, key, i), i)), i);
      if (i >= 25) {
        int landed = i - 25;
        String label = landed / labelPeriod % 2 == 0 ? "late" : "ontime";
        String of = "K" + landed % 5;
        running.processElement1(
            decoder.decode(raw(of, outcomeJson("f-" + landed, of, label), i)), i);
      }
    }
    return running;
  }

  /** As a task does it: flush, then snapshot. */
  private static OperatorSubtaskState snapshot(Harness running, int checkpointId) throws Exception {
    running.prepareSnapshotPreBarrier(checkpointId);
    return running.snapshot(checkpointId, checkpointId);
  }

  private static Map<String, byte[]> models(Harness running) throws Exception {
    Map<String, byte[]> models = new HashMap<>();
    running.prepareSnapshotPreBarrier(0);
    running
        .getOperator()
        .getKeyedStateBackend()
        .applyToAllKeys(
            VoidNamespace.INSTANCE,
            VoidNamespaceSerializer.INSTANCE,
            new ValueStateDescriptor<>(Uids.MODEL_STATE, SluiceTypes.MODEL_STATE),
            (key, state) -> models.put(key.toString(), bytes(state.value())));
    running.close();
    return models;
  }

  private static byte[] bytes(ModelState state) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(1024);
    new ModelStateSerializer().serialize(state, out);
    return out.getCopyOfBuffer();
  }

  private static Harness plain(Map<String, String> settings) throws Exception {
    return new Harness(
        new KeyedCoProcessOperator<>(new LearnAndPredict(JobSettings.of(settings), null)));
  }

  private static Harness cached(Map<String, String> settings, int cachedKeys) throws Exception {
    return new Harness(new LearnsAlone(settings, null, cachedKeys));
  }

  private static final class Harness
      extends KeyedTwoInputStreamOperatorTestHarness<String, Event, ControlRecord, OutputRecord> {

    Harness(KeyedCoProcessOperator<String, Event, ControlRecord, OutputRecord> operator)
        throws Exception {
      super(operator, SluiceJob::entity, null, Types.STRING);
      setup(SluiceTypes.OUTPUT_RECORD.createSerializer(getExecutionConfig().getSerializerConfig()));
    }

    /** The events' clock alone; the commands have none. */
    void processEventTime(long timestampMs) throws Exception {
      processWatermark1(new Watermark(timestampMs));
    }
  }

  private void observation(String id, long arrivalMs) throws Exception {
    harness.processElement1(
        new Undecoded(raw("LAS", observationJson(id, "LAS", 7), arrivalMs)), arrivalMs);
  }

  private void outcome(String id, String label, long arrivalMs) throws Exception {
    harness.processElement1(
        new Undecoded(raw("LAS", outcomeJson(id, "LAS", label), arrivalMs)), arrivalMs);
  }

  private static String observationJson(String id, String key, int i) {
    return """
    {"type":"observation","id":"%s","key":"%s","time":%s,"features":{"distance":%s,"dow":"%s"}}"""
        .formatted(id, key, i, 100 + i * 7 % 31, i % 7);
  }

  private static String outcomeJson(String id, String key, String label) {
    return """
    {"type":"outcome","id":"%s","key":"%s","time":99,"label":"%s"}"""
        .formatted(id, key, label);
  }

  private RawRecord raw(String key, String json, long arrivalMs) {
    return new RawRecord(
        new Origin("sluice.events", 0, offset++),
        arrivalMs,
        key.getBytes(UTF_8),
        json.getBytes(UTF_8));
  }

  private RawRecord raw(byte[] value, long arrivalMs) {
    return new RawRecord(
        new Origin("sluice.events", 0, offset++), arrivalMs, "LAS".getBytes(UTF_8), value);
  }

  private int stateEntries() throws Exception {
    harness.prepareSnapshotPreBarrier(0);
    return harness.numKeyedStateEntries();
  }

  private List<OutputRecord> answers() {
    return new ArrayList<>(harness.extractOutputValues());
  }

  private static JsonNode json(OutputRecord answer) throws IOException {
    return JSON.readTree(answer.value());
  }
}
