package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.codec.EventDecoder;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.Event;
import dev.sluice.event.Origin;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.RawRecord;
import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import dev.sluice.settings.JobSettings;
import dev.sluice.state.KeyCache;
import dev.sluice.state.SluiceTypes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The keyed operator behind its cache answers and stores what it does without one, on both
 * backends, with timers, timeouts, stops and the end of the input.
 */
@SuppressWarnings("try") // Flink's harness declares close() to throw any exception
class CacheHarnessTest {

  private static final long TIMEOUT_MS = 4_000;
  private static final Map<String, String> SETTINGS =
      Map.of("sluice.outcome.timeout", TIMEOUT_MS + " ms", "sluice.features.width", "16");
  private static final int EVENTS = 2_000;
  private static final int KEYS = 9;

  private final EventDecoder decoder = new EventDecoder(List.of("ontime", "late"), 100);

  @ParameterizedTest
  @CsvSource({
    "hashmap, 1, 1",
    "hashmap, 3, 20000",
    "hashmap, 100, 1000000",
    "rocksdb, 1, 1",
    "rocksdb, 3, 20000",
    "rocksdb, 9, 30000",
    "rocksdb, 100, 1000000"
  })
  void answersAndStateAreThoseWithoutACache(String backend, int keys, long bytes) throws Exception {
    for (int seed = 0; seed < 2; seed++) {
      Run plain = new Run(null, new HashMapStateBackend());
      plain.play(seed, false);
      Run cached = new Run(new KeyCache.Limit(keys, bytes), backendOf(backend));
      cached.play(seed, true);
      assertThat(cached.models).as("seed %s", seed).hasSize(KEYS).isEqualTo(plain.models);
      assertThat(cached.waiting).as("seed %s", seed).isNotEmpty().isEqualTo(plain.waiting);
      List<String> others = new ArrayList<>(cached.answers);
      plain.answers.forEach(others::remove);
      assertThat(others).as("seed %s, answers that a cache changes", seed).isEmpty();
      assertThat(cached.answers).as("seed %s", seed).hasSameSizeAs(plain.answers);
      assertThat(cached.left).as("after the end of the input").isEmpty();
      assertThat(cached.timers).as("after the end of the input").isZero();
    }
  }

  /** Or a snapshot, which a heap backend writes in another thread, would not be of one moment. */
  @Test
  void onTheHeapWhatIsStoredDoesNotChangeBeforeTheNextFlush() throws Exception {
    Run run = new Run(new KeyCache.Limit(10, 1 << 20), new HashMapStateBackend());
    try (Task task = run.start(null)) {
      task.processElement1(decoder.decode(observation(0, "K0", "f-0", 1)), 1);
      task.prepareSnapshotPreBarrier(1);
      String before = task.models().get("K0");
      task.processElement1(decoder.decode(observation(1, "K0", "f-1", 2)), 2);
      assertThat(task.models().get("K0")).isEqualTo(before);
      task.prepareSnapshotPreBarrier(2);
      assertThat(task.models().get("K0")).isNotEqualTo(before);
    }
  }

  @ParameterizedTest
  @CsvSource({"hashmap, true", "rocksdb, false"})
  void onlyRocksDbKeepsNoReferences(String backend, boolean keeps) throws Exception {
    try (Task task = new Run(new KeyCache.Limit(1, 1), backendOf(backend)).start(null)) {
      assertThat(LearnAndPredictOperator.keepsReferences(task.getOperator().getKeyedStateBackend()))
          .isEqualTo(keeps);
    }
  }

  private static StateBackend backendOf(String name) {
    return name.equals("rocksdb") ? new EmbeddedRocksDBStateBackend() : new HashMapStateBackend();
  }

  private static RawRecord observation(int offset, String key, String id, long atMs) {
    return raw(
        offset,
        key,
        atMs,
        """
        {"type":"observation","id":"%s","key":"%s","time":1,"features":{"x":%s}}"""
            .formatted(id, key, offset % 7));
  }

  private static RawRecord outcome(int offset, String key, String id, long atMs) {
    return raw(
        offset,
        key,
        atMs,
        """
        {"type":"outcome","id":"%s","key":"%s","time":2,"label":"%s"}"""
            .formatted(id, key, offset % 3 == 0 ? "late" : "ontime"));
  }

  private static RawRecord raw(int offset, String key, long atMs, String json) {
    return new RawRecord(
        new Origin("sluice.events", 0, offset), atMs, key.getBytes(UTF_8), json.getBytes(UTF_8));
  }

  /** One job's life with the events of a seed. */
  private final class Run {

    private final KeyCache.@Nullable Limit limit;
    private final StateBackend backend;
    private final List<String> answers = new ArrayList<>();
    private Map<String, String> models = Map.of();
    private Map<String, String> waiting = Map.of();
    private Map<String, String> left = Map.of();
    private int timers;

    /**
     * @param limit null for no cache
     */
    Run(KeyCache.@Nullable Limit limit, StateBackend backend) {
      this.limit = limit;
      this.backend = backend;
    }

    Task start(@Nullable OperatorSubtaskState stored) throws Exception {
      LearnAndPredict function = new LearnAndPredict(JobSettings.of(SETTINGS), null);
      Task task =
          new Task(
              limit == null
                  ? new KeyedCoProcessOperator<>(function)
                  : new LearnsAlone(function, limit),
              backend);
      if (stored != null) {
        task.initializeState(stored);
      }
      task.open();
      return task;
    }

    void play(int seed, boolean stops) throws Exception {
      Random random = new Random(seed);
      Task task = start(null);
      for (int i = 0; i < EVENTS; i++) {
        long atMs = i * 10L;
        String key = "K" + random.nextInt(KEYS);
        String id = "f-" + random.nextInt(60);
        RawRecord raw =
            random.nextBoolean() ? observation(i, key, id, atMs) : outcome(i, key, id, atMs);
        task.processElement1(decoder.decode(raw), atMs);
        if (i % 20 == 19) {
          task.advance(atMs - 1);
        }
        if (i % 70 == 69) {
          task.prepareSnapshotPreBarrier(i);
        }
        if (stops && i % 400 == 399) {
          task.prepareSnapshotPreBarrier(i);
          OperatorSubtaskState snapshot = task.snapshot(i, i);
          end(task);
          task = start(snapshot);
        }
      }
      task.prepareSnapshotPreBarrier(EVENTS);
      models = task.models();
      waiting = task.waiting(EVENTS * 10L - TIMEOUT_MS);
      task.advance(Long.MAX_VALUE);
      task.prepareSnapshotPreBarrier(EVENTS);
      left = task.waiting(Long.MIN_VALUE);
      timers = task.numEventTimeTimers();
      end(task);
      Collections.sort(answers);
    }

    private void end(Task task) throws Exception {
      for (OutputRecord answer : task.extractOutputValues()) {
        answers.add(
            answer.topic()
                + " "
                + answer.origin()
                + " "
                + answer.reason()
                + " "
                + new String(answer.value(), UTF_8)
                + " "
                + hex(SluiceTypes.OUTPUT_RECORD, answer).hashCode());
      }
      task.close();
    }
  }

  private static final class Task
      extends KeyedTwoInputStreamOperatorTestHarness<String, Event, ControlRecord, OutputRecord> {

    Task(
        KeyedCoProcessOperator<String, Event, ControlRecord, OutputRecord> operator,
        StateBackend backend)
        throws Exception {
      super(operator, SluiceJob::entity, null, Types.STRING);
      setStateBackend(backend);
      setup(SluiceTypes.OUTPUT_RECORD.createSerializer(getExecutionConfig().getSerializerConfig()));
    }

    /** Without a cache Flink's own operator runs, which waits for the commands' clock, too. */
    void advance(long toMs) throws Exception {
      processWatermark1(new Watermark(toMs));
      processWatermark2(new Watermark(toMs));
    }

    /** As they are stored. */
    Map<String, String> models() throws Exception {
      Map<String, String> models = new TreeMap<>();
      getOperator()
          .getKeyedStateBackend()
          .applyToAllKeys(
              VoidNamespace.INSTANCE,
              VoidNamespaceSerializer.INSTANCE,
              KeyedModel.descriptor(),
              (key, state) -> {
                ModelState model = state.value();
                models.put(key.toString(), hex(SluiceTypes.MODEL_STATE, model));
              });
      return models;
    }

    /** What is stored and came at this time or later. */
    Map<String, String> waiting(long fromMs) throws Exception {
      Map<String, String> waiting = new TreeMap<>();
      getOperator()
          .getKeyedStateBackend()
          .applyToAllKeys(
              VoidNamespace.INSTANCE,
              VoidNamespaceSerializer.INSTANCE,
              PendingHalves.descriptor(),
              (key, state) -> {
                for (Map.Entry<String, Pending> entry : state.entries()) {
                  if (entry.getValue().arrivalMs() >= fromMs) {
                    waiting.put(
                        key + " " + entry.getKey(), hex(SluiceTypes.PENDING, entry.getValue()));
                  }
                }
              });
      return waiting;
    }
  }

  private static <T> String hex(TypeInformation<T> type, T value) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(1024);
    type.createSerializer(new SerializerConfigImpl()).serialize(value, out);
    return HexFormat.of().formatHex(out.getCopyOfBuffer());
  }
}
