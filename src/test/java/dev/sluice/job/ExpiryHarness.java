package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.codec.CommandDecoder;
import dev.sluice.codec.EventDecoder;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.Event;
import dev.sluice.event.Origin;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.OutputTopic;
import dev.sluice.event.RawRecord;
import dev.sluice.model.ModelState;
import dev.sluice.settings.JobSettings;
import dev.sluice.state.KeyCache;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.groups.OperatorMetricGroup;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;

/** One task of the keyed operator, with its clock, its timers and its figures. */
@SuppressWarnings("try") // close() is declared to throw any exception
final class ExpiryHarness
    extends KeyedTwoInputStreamOperatorTestHarness<String, Event, ControlRecord, OutputRecord> {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final EventDecoder decoder = new EventDecoder(List.of("ontime", "late"), 100);
  private final RecordedMetrics recorded = new RecordedMetrics();
  private long offset;
  private long controlOffset;

  /** One of some tasks; not open yet. */
  ExpiryHarness(Map<String, String> settings, StateBackend backend, int subtasks, int subtask)
      throws Exception {
    this(new LearnAndPredict(JobSettings.of(settings), null), backend, subtasks, subtask);
  }

  private ExpiryHarness(LearnAndPredict function, StateBackend backend, int subtasks, int subtask)
      throws Exception {
    super(
        new LearnsAlone(function, new KeyCache.Limit(2, Long.MAX_VALUE)),
        SluiceJob::entity,
        null,
        Types.STRING,
        Uids.MAX_PARALLELISM,
        subtasks,
        subtask);
    setStateBackend(backend);
    setup(SluiceTypes.OUTPUT_RECORD.createSerializer(getExecutionConfig().getSerializerConfig()));
    function.setRuntimeContext(measured(function.getRuntimeContext()));
  }

  /** A job of one task at its start. */
  static ExpiryHarness started(Map<String, String> settings) throws Exception {
    ExpiryHarness harness = new ExpiryHarness(settings, new HashMapStateBackend(), 1, 0);
    harness.open();
    return harness;
  }

  /** The same job, stopped and resumed under other settings. */
  ExpiryHarness resumed(Map<String, String> settings) throws Exception {
    OperatorSubtaskState snapshot = saved();
    close();
    ExpiryHarness next = new ExpiryHarness(settings, new HashMapStateBackend(), 1, 0);
    next.initializeState(snapshot);
    next.open();
    next.offset = offset;
    next.controlOffset = controlOffset;
    return next;
  }

  /** As a task does it: flush, then snapshot. */
  OperatorSubtaskState saved() throws Exception {
    prepareSnapshotPreBarrier(1);
    return snapshot(1, 1);
  }

  /** An observation, and what comes out for it. */
  List<OutputRecord> observe(String key, String id, long atMs) throws Exception {
    return event(
        key,
        """
        {"type":"observation","id":"%s","key":"%s","time":1,"features":{"x":1}}"""
            .formatted(id, key),
        atMs);
  }

  /** An outcome, and what comes out for it. */
  List<OutputRecord> conclude(String key, String id, long atMs) throws Exception {
    return event(
        key,
        """
        {"type":"outcome","id":"%s","key":"%s","time":2,"label":"late"}"""
            .formatted(id, key),
        atMs);
  }

  /** Any event, and what comes out for it. */
  List<OutputRecord> event(String key, String json, long atMs) throws Exception {
    int before = extractOutputValues().size();
    Origin origin = new Origin("sluice.events", 0, offset++);
    processElement1(
        decoder.decode(new RawRecord(origin, atMs, key.getBytes(UTF_8), json.getBytes(UTF_8))),
        atMs);
    return after(before);
  }

  /** A command, and what comes out for it. */
  List<OutputRecord> command(String json) throws Exception {
    int before = extractOutputValues().size();
    Origin origin = new Origin("sluice.control", 0, controlOffset++);
    processElement2(CommandDecoder.record(new RawRecord(origin, 5, null, json.getBytes(UTF_8))), 5);
    return after(before);
  }

  /** The events' clock advances; what comes out for it. */
  List<OutputRecord> eventTime(long toMs) throws Exception {
    int before = extractOutputValues().size();
    processWatermark1(new Watermark(toMs));
    return after(before);
  }

  private List<OutputRecord> after(int before) {
    List<OutputRecord> all = new ArrayList<>(extractOutputValues());
    return all.subList(before, all.size());
  }

  JsonNode lastPrediction() throws IOException {
    OutputRecord last = null;
    for (OutputRecord answer : extractOutputValues()) {
      last = answer.topic() == OutputTopic.PREDICTIONS ? answer : last;
    }
    return JSON.readTree(requireNonNull(last, "no prediction").value());
  }

  /** Every timer's time, all keys together. */
  List<Long> timers() throws Exception {
    List<Long> times = new ArrayList<>();
    ((LearnAndPredictOperator) getOperator())
        .getInternalTimerService(
            "user-timers",
            VoidNamespaceSerializer.INSTANCE,
            (LearnAndPredictOperator) getOperator())
        .forEachEventTimeTimer((namespace, time) -> times.add(time));
    return times;
  }

  /** Whether a key's state is in this task. */
  boolean owns(String key) {
    return KeyGroupRangeAssignment.assignKeyToParallelOperator(
            key, Uids.MAX_PARALLELISM, getEnvironment().getTaskInfo().getNumberOfParallelSubtasks())
        == getEnvironment().getTaskInfo().getIndexOfThisSubtask();
  }

  int stateEntries() throws Exception {
    prepareSnapshotPreBarrier(0);
    return numKeyedStateEntries();
  }

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

  long metric(String name) {
    return (long) recorded.value("sluice." + name);
  }

  /** The function's context, but for its metrics, which Flink's harness throws away. */
  private RuntimeContext measured(RuntimeContext context) {
    OperatorMetricGroup metrics =
        (OperatorMetricGroup)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {OperatorMetricGroup.class},
                (proxy, method, arguments) -> method.invoke(recorded, arguments));
    return (RuntimeContext)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {RuntimeContext.class},
            (proxy, method, arguments) ->
                method.getName().equals("getMetricGroup")
                    ? metrics
                    : method.invoke(context, arguments));
  }
}
