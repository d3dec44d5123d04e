package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.codec.CommandDecoder;
import dev.sluice.codec.EventDecoder;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.Event;
import dev.sluice.event.Features;
import dev.sluice.event.Origin;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.OutputTopic;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Target;
import dev.sluice.ledger.AheadAnswers;
import dev.sluice.model.ChampionTrainer;
import dev.sluice.model.ModelState;
import dev.sluice.settings.JobSettings;
import dev.sluice.state.ModelStateSerializer;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;

/** The keyed operator with both its inputs in Flink's harness, spoken to in the topics' JSON. */
@SuppressWarnings("try") // close() is declared to throw any exception
final class ControlHarness
    extends KeyedTwoInputStreamOperatorTestHarness<String, Event, ControlRecord, OutputRecord> {

  static final int KEY_GROUPS = 128;
  static final long TIMEOUT_MS = 16_000;
  static final Map<String, String> SETTINGS =
      Map.of(
          "sluice.outcome.timeout", TIMEOUT_MS + " ms",
          "sluice.features.width", "16",
          "sluice.serving.min-evaluations", "2");

  private static final ObjectMapper JSON = new ObjectMapper();

  private final EventDecoder decoder = new EventDecoder(List.of("ontime", "late"), 100);
  private final List<ControlRecord> commands = new ArrayList<>();
  private long offset;
  private long controlOffset;

  private ControlHarness(
      Map<String, String> settings, byte @Nullable [] champion, int subtasks, int subtask)
      throws Exception {
    super(
        new LearnsAlone(settings, champion, 2),
        SluiceJob::entity,
        null,
        Types.STRING,
        KEY_GROUPS,
        subtasks,
        subtask);
    setup(SluiceTypes.OUTPUT_RECORD.createSerializer(getExecutionConfig().getSerializerConfig()));
  }

  /** A job of one task at its start. */
  static ControlHarness started(byte @Nullable [] champion) throws Exception {
    ControlHarness harness = new ControlHarness(SETTINGS, champion, 1, 0);
    harness.open();
    return harness;
  }

  /** A job of one task with one more setting. */
  static ControlHarness started(byte @Nullable [] champion, String key, String value)
      throws Exception {
    ControlHarness harness = new ControlHarness(with(key, value), champion, 1, 0);
    harness.open();
    return harness;
  }

  private static Map<String, String> with(String key, String value) {
    Map<String, String> settings = new TreeMap<>(SETTINGS);
    settings.put(key, value);
    return settings;
  }

  /** One task of a job that continues from what all tasks of an earlier one have stored. */
  static ControlHarness restored(
      OperatorSubtaskState snapshot, int before, int subtasks, int subtask) throws Exception {
    ControlHarness harness = new ControlHarness(SETTINGS, null, subtasks, subtask);
    harness.initializeState(
        AbstractStreamOperatorTestHarness.repartitionOperatorState(
            snapshot, KEY_GROUPS, before, subtasks, subtask));
    harness.open();
    return harness;
  }

  /** A job of one task that continues with one more setting. */
  static ControlHarness restored(OperatorSubtaskState snapshot, String key, String value)
      throws Exception {
    ControlHarness harness = new ControlHarness(with(key, value), null, 1, 0);
    harness.initializeState(snapshot);
    harness.open();
    return harness;
  }

  /** As {@link #replaying}, with one more setting, of all that was published. */
  static ControlHarness replaying(
      OperatorSubtaskState snapshot, List<OutputRecord> published, String key, String value)
      throws Exception {
    AheadAnswers ahead = new AheadAnswers();
    published.forEach(answer -> ahead.origins().add(answer.origin()));
    ControlHarness harness = new ControlHarness(with(key, value), null, 1, 0);
    ((LearnsAlone) harness.getOperator())
        .find(new LearnsAlone.Committed(ahead, List.of(), List.of()));
    harness.initializeState(snapshot);
    harness.open();
    return harness;
  }

  /**
   * A job of one task that continues from a snapshot over output that holds answers to later
   * inputs.
   *
   * @param published every answer that was given so far
   * @param commands every command that was given so far, by offset
   * @param offset of the next event; that of the next command is that of the snapshot
   */
  static ControlHarness replaying(
      OperatorSubtaskState snapshot,
      List<OutputRecord> published,
      List<ControlRecord> commands,
      long offset,
      long controlOffset)
      throws Exception {
    AheadAnswers ahead = new AheadAnswers();
    for (OutputRecord answer : published) {
      boolean command = answer.topic() == OutputTopic.CONTROL_LOG;
      if (answer.origin().offset() >= (command ? controlOffset : offset)) {
        ahead.origins().add(answer.origin());
        if (answer.controlPosition() > 0) {
          ahead.journal().note(answer.origin(), answer.controlPosition());
        }
      }
    }
    ControlHarness harness = new ControlHarness(SETTINGS, null, 1, 0);
    ((LearnsAlone) harness.getOperator())
        .find(new LearnsAlone.Committed(ahead, commands, List.of()));
    harness.initializeState(snapshot);
    harness.open();
    harness.offset = offset;
    harness.controlOffset = controlOffset;
    return harness;
  }

  /** Offset of the next event. */
  long offset() {
    return offset;
  }

  /** Offset of the next command. */
  long controlOffset() {
    return controlOffset;
  }

  /** Every command so far, as the gate handed it on. */
  List<ControlRecord> commands() {
    return List.copyOf(commands);
  }

  /** As a task does it: flush, then snapshot. */
  OperatorSubtaskState saved() throws Exception {
    prepareSnapshotPreBarrier(1);
    return snapshot(1, 1);
  }

  /** The same job, stopped and resumed. */
  ControlHarness resumed() throws Exception {
    OperatorSubtaskState snapshot = saved();
    close();
    ControlHarness next = restored(snapshot, 1, 1, 0);
    next.offset = offset;
    next.controlOffset = controlOffset;
    return next;
  }

  OutputRecord observe(String key, String id) throws Exception {
    return observe(key, id, 1_000);
  }

  OutputRecord observe(String key, String id, long arrivalMs) throws Exception {
    String json =
        """
        {"type":"observation","id":"%s","key":"%s","time":1,"features":{"x":1,"dow":"%s"}}\
        """
            .formatted(id, key, id.length() % 3);
    return last(event(key, json, arrivalMs));
  }

  /** An outcome, and what comes out for it. */
  List<OutputRecord> conclude(String key, String id, String label) throws Exception {
    String json =
        """
        {"type":"outcome","id":"%s","key":"%s","time":2,"label":"%s"}\
        """
            .formatted(id, key, label);
    return event(key, json, 1_000);
  }

  /** The outcome of an observation that is here; its evaluation. */
  JsonNode evaluate(String key, String id, String label) throws Exception {
    return json(last(conclude(key, id, label)));
  }

  /** An observation and its outcome; the evaluation. */
  JsonNode pair(String key, String id, String label) throws Exception {
    observe(key, id);
    return evaluate(key, id, label);
  }

  private List<OutputRecord> event(String key, String json, long arrivalMs) throws Exception {
    Origin origin = new Origin("sluice.events", 0, offset++);
    RawRecord raw = new RawRecord(origin, arrivalMs, key.getBytes(UTF_8), json.getBytes(UTF_8));
    int before = extractOutputValues().size();
    processElement1(decoder.decode(raw), arrivalMs);
    return after(before);
  }

  /** A command without a model; its answer. */
  JsonNode command(String json) throws Exception {
    return json(last(commandRecord(json, null)));
  }

  /** A command with the model that the gate has read. */
  JsonNode command(String json, byte[] model) throws Exception {
    return json(last(commandRecord(json, model)));
  }

  /** What comes out for a command. */
  List<OutputRecord> commandRecord(String json, byte @Nullable [] model) throws Exception {
    RawRecord raw =
        new RawRecord(
            new Origin("sluice.control", 0, controlOffset++), 5, null, json.getBytes(UTF_8));
    int before = extractOutputValues().size();
    ControlRecord record = withModel(raw, model);
    commands.add(record);
    processElement2(record, 5);
    return after(before);
  }

  /** A command as the gate hands it on. */
  static ControlRecord withModel(RawRecord raw, byte @Nullable [] model) {
    ControlRecord plain = CommandDecoder.record(raw);
    return model == null ? plain : plain.with(model);
  }

  /** Why the gate has refused a command. */
  static String refusalOf(ControlRecord record) {
    assertThat(record).isInstanceOf(ControlRecord.Refused.class);
    return ((ControlRecord.Refused) record).reason();
  }

  /** Promotes a model, as the gate hands it on. */
  JsonNode promote(String id, int version, String more, byte[] model) throws Exception {
    return command(
        """
        {"id":"%s","command":"promote","uri":"file:///m","sha256":"%s","version":%s%s}\
        """
            .formatted(id, "0".repeat(64), version, more),
        model);
  }

  void eventTime(long timestampMs) throws Exception {
    processWatermark1(new Watermark(timestampMs));
  }

  List<OutputRecord> after(int before) {
    List<OutputRecord> all = new ArrayList<>(extractOutputValues());
    return all.subList(before, all.size());
  }

  /** A key's model as it is stored. */
  ModelState model(String key) throws Exception {
    return requireNonNull(models().get(key), key);
  }

  /** Every key's model as it is stored. */
  Map<String, ModelState> models() throws Exception {
    Map<String, ModelState> models = new TreeMap<>();
    prepareSnapshotPreBarrier(0);
    getOperator()
        .getKeyedStateBackend()
        .applyToAllKeys(
            VoidNamespace.INSTANCE,
            VoidNamespaceSerializer.INSTANCE,
            new ValueStateDescriptor<>(Uids.MODEL_STATE, SluiceTypes.MODEL_STATE),
            (key, state) -> models.put(key.toString(), state.value()));
    return models;
  }

  static byte[] bytes(ModelState state) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(1024);
    new ModelStateSerializer().serialize(state, out);
    return out.getCopyOfBuffer();
  }

  static JsonNode json(OutputRecord answer) {
    try {
      return JSON.readTree(answer.value());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static OutputRecord last(List<OutputRecord> out) {
    if (out.isEmpty()) {
      throw new AssertionError("nothing came out");
    }
    return out.get(out.size() - 1);
  }

  /**
   * A linear champion that knows one feature.
   *
   * @param late how many of four examples are late
   */
  static byte[] champion(int late, String feature, Map<String, String> settings) {
    List<String> labels = JobSettings.of(settings).model().labels();
    Features features = new Features(new String[] {feature}, new String[] {null}, new double[] {1});
    List<ChampionTrainer.Example> examples = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      examples.add(
          new ChampionTrainer.Example(features, new Target.Label(labels.get(i < late ? 1 : 0))));
    }
    return ChampionTrainer.toBytes(
        ChampionTrainer.train(
            examples,
            JobSettings.of(settings).model(),
            new ChampionTrainer.Parameters(0.05, 5, 1, 1.0)));
  }

  static byte[] champion(int late) {
    return champion(late, "x", SETTINGS);
  }
}
