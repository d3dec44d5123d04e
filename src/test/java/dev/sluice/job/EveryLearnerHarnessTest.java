package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.codec.EventDecoder;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.Event;
import dev.sluice.event.Origin;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.RawRecord;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import dev.sluice.support.traffic.SeededTraffic;
import dev.sluice.support.traffic.TargetKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.State;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.KeyedStateFunction;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every objective with every optimiser, on either state backend: stopped and resumed at other
 * parallelisms, the operator ends with the same bits in every key's state and the same answers as
 * one that never stopped.
 */
@SuppressWarnings("try") // Flink's harness declares close() to throw any exception
class EveryLearnerHarnessTest {

  private static final int EVENTS = 1_200;
  private static final int KEYS = 12;

  static Stream<Arguments> learners() {
    return Stream.of("log", "hinge", "squared", "absolute", "huber")
        .flatMap(
            objective ->
                Stream.of("sgd", "sgd-momentum", "adagrad", "adadelta")
                    .map(optimiser -> Arguments.of(objective, optimiser)));
  }

  @ParameterizedTest
  @MethodSource("learners")
  void stopsAndRescalesChangeNoBit(String objective, String optimiser) throws Exception {
    TargetKind goal =
        List.of("log", "hinge").contains(objective) ? TargetKind.LABELS : TargetKind.VALUES;
    Map<String, String> settings = new HashMap<>();
    settings.put("sluice.features.width", "32");
    settings.put("sluice.outcome.timeout", "1 h");
    settings.put("sluice.model.objective", objective);
    settings.put("sluice.model.optimiser", optimiser);
    if (goal == TargetKind.LABELS) {
      settings.put("sluice.model.labels", "ontime,late");
    }
    List<Event> events = events(goal);
    Run straight = new Run(settings, new HashMapStateBackend()).play(events, List.of(1));
    assertThat(straight.states).hasSize(KEYS);
    assertThat(straight.answers).hasSizeGreaterThan(EVENTS / 2);
    for (Run stopped :
        List.of(
            new Run(settings, new HashMapStateBackend()).play(events, List.of(1, 3, 2)),
            new Run(settings, new EmbeddedRocksDBStateBackend()).play(events, List.of(2, 1)))) {
      assertThat(stopped.states).isEqualTo(straight.states);
      assertThat(stopped.answers).isEqualTo(straight.answers);
    }
  }

  private static List<Event> events(TargetKind goal) {
    EventDecoder decoder =
        new EventDecoder(goal == TargetKind.LABELS ? List.of("ontime", "late") : List.of(), 100);
    SeededTraffic traffic = new SeededTraffic(7, KEYS, goal);
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      SeededTraffic.Event event = traffic.next();
      events.add(
          decoder.decode(
              new RawRecord(
                  new Origin("events", 0, i),
                  i,
                  event.key().getBytes(UTF_8),
                  event.json().getBytes(UTF_8))));
    }
    return events;
  }

  /** One job's life: as many subtasks as its current parallelism. */
  private static final class Run {

    /** Everything stored for a key, in hexadecimal: equal texts mean equal bits. */
    private final Map<String, String> states = new TreeMap<>();

    private final Map<Long, String> answers = new TreeMap<>();
    private final Map<String, String> settings;
    private final StateBackend backend;

    Run(Map<String, String> settings, StateBackend backend) {
      this.settings = settings;
      this.backend = backend;
    }

    /** Feeds the events, an equal part at each parallelism, with a stop after each part. */
    Run play(List<Event> events, List<Integer> parallelisms) throws Exception {
      @Nullable OperatorSubtaskState stored = null;
      int before = 0;
      for (int part = 0; part < parallelisms.size(); part++) {
        int parallelism = parallelisms.get(part);
        List<Subtask> subtasks = new ArrayList<>();
        for (int i = 0; i < parallelism; i++) {
          subtasks.add(new Subtask(settings, backend, i, parallelism, before, stored));
        }
        int from = events.size() * part / parallelisms.size();
        int to = events.size() * (part + 1) / parallelisms.size();
        for (int i = from; i < to; i++) {
          Event event = events.get(i);
          subtasks
              .get(
                  KeyGroupRangeAssignment.assignKeyToParallelOperator(
                      SluiceJob.entity(event), Uids.MAX_PARALLELISM, parallelism))
              .processElement1(event, i);
        }
        stored = stop(subtasks, part == parallelisms.size() - 1);
        before = parallelism;
      }
      return this;
    }

    private OperatorSubtaskState stop(List<Subtask> subtasks, boolean last) throws Exception {
      List<OperatorSubtaskState> parts = new ArrayList<>();
      for (Subtask subtask : subtasks) {
        subtask.prepareSnapshotPreBarrier(1);
        parts.add(subtask.snapshot(1, 1));
        for (OutputRecord answer : subtask.extractOutputValues()) {
          answers.put(answer.origin().offset(), HexFormat.of().formatHex(answer.value()));
        }
        if (last) {
          subtask.copyStates(states);
        }
        subtask.close();
      }
      return AbstractStreamOperatorTestHarness.repackageState(
          parts.toArray(new OperatorSubtaskState[0]));
    }
  }

  private static final class Subtask
      extends KeyedTwoInputStreamOperatorTestHarness<String, Event, ControlRecord, OutputRecord> {

    Subtask(
        Map<String, String> settings,
        StateBackend backend,
        int index,
        int parallelism,
        int parallelismBefore,
        @Nullable OperatorSubtaskState stored)
        throws Exception {
      super(
          new LearnsAlone(settings, null, 2),
          SluiceJob::entity,
          null,
          Types.STRING,
          Uids.MAX_PARALLELISM,
          parallelism,
          index);
      setStateBackend(backend);
      setup(SluiceTypes.OUTPUT_RECORD.createSerializer(getExecutionConfig().getSerializerConfig()));
      if (stored != null) {
        initializeState(
            repartitionOperatorState(
                stored, Uids.MAX_PARALLELISM, parallelismBefore, parallelism, index));
      }
      open();
    }

    void copyStates(Map<String, String> into) throws Exception {
      copy(
          new ValueStateDescriptor<>(Uids.MODEL_STATE, SluiceTypes.MODEL_STATE),
          (key, state) ->
              into.merge(key, hex(SluiceTypes.MODEL_STATE, state.value()), String::concat));
      copy(
          new MapStateDescriptor<>(Uids.PENDING_STATE, Types.STRING, SluiceTypes.PENDING),
          (key, state) -> {
            Map<String, String> pending = new TreeMap<>();
            state
                .entries()
                .forEach(e -> pending.put(e.getKey(), hex(SluiceTypes.PENDING, e.getValue())));
            into.merge(key, pending.toString(), String::concat);
          });
    }

    private <S extends State> void copy(
        StateDescriptor<S, ?> descriptor, KeyedStateFunction<String, S> each) throws Exception {
      this.<String>backend()
          .applyToAllKeys(
              VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, descriptor, each);
    }

    @SuppressWarnings("unchecked") // the keys are strings
    private <K> KeyedStateBackend<K> backend() {
      return (KeyedStateBackend<K>) getOperator().getKeyedStateBackend();
    }

    private static <T> String hex(TypeInformation<T> type, T value) {
      DataOutputSerializer out = new DataOutputSerializer(1024);
      try {
        type.createSerializer(new SerializerConfigImpl()).serialize(value, out);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return HexFormat.of().formatHex(out.getCopyOfBuffer());
    }
  }
}
