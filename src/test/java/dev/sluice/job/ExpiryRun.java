package dev.sluice.job;

import static java.util.Objects.requireNonNull;

import dev.sluice.event.Event;
import dev.sluice.event.OutputRecord;
import dev.sluice.model.ModelState;
import dev.sluice.state.ModelStateSerializer;
import dev.sluice.state.Uids;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;

/** One job's life under {@link ExpiryTraffic}, its partitions read in some order. */
final class ExpiryRun {

  private final Map<String, String> settings;
  private final StateBackend backend;
  private final boolean clock;
  private final Map<String, String> answers = new TreeMap<>();
  private final Map<String, ModelState> models = new TreeMap<>();
  private List<ExpiryHarness> subtasks = List.of();
  private long latestMs;
  private long expired;

  /**
   * @param clock whether watermarks come now and then, as far as the slower partition is; otherwise
   *     no timer fires before the end of the traffic
   */
  ExpiryRun(Map<String, String> settings, StateBackend backend, boolean clock) {
    this.settings = settings;
    this.backend = backend;
    this.clock = clock;
  }

  /**
   * Plays all of it, an equal part at each parallelism, with a stop after each part.
   *
   * @param seed of the order in which the partitions are read, and of the watermarks
   */
  void play(List<List<Event>> partitions, long seed, List<Integer> parallelisms) throws Exception {
    Random random = new Random(seed);
    int[] next = new int[partitions.size()];
    long[] timeMs = new long[partitions.size()];
    int all = partitions.stream().mapToInt(List::size).sum();
    start(parallelisms.get(0), 1, null);
    for (int i = 0; i < all; i++) {
      int part = i * parallelisms.size() / all;
      if (part != (i - 1) * parallelisms.size() / all) {
        OperatorSubtaskState stored = stop();
        start(parallelisms.get(part), parallelisms.get(part - 1), stored);
      }
      int partition = random.nextInt(partitions.size());
      if (next[partition] == partitions.get(partition).size()) {
        partition = 1 - partition;
      }
      Event event = partitions.get(partition).get(next[partition]++);
      timeMs[partition] = event.raw().arrivalMs();
      latestMs = Math.max(latestMs, timeMs[partition]);
      subtasks
          .get(
              KeyGroupRangeAssignment.assignKeyToParallelOperator(
                  SluiceJob.entity(event), Uids.MAX_PARALLELISM, subtasks.size()))
          .processElement1(event, timeMs[partition]);
      if (clock && random.nextInt(5) == 0) {
        tick(Math.min(timeMs[0], timeMs[1]) - 1);
      }
    }
    copyModels();
    tick(latestMs + 1_000_000_000L); // every outcome that still waits is answered
    stop();
  }

  private void start(int parallelism, int before, @Nullable OperatorSubtaskState stored)
      throws Exception {
    List<ExpiryHarness> started = new ArrayList<>();
    for (int i = 0; i < parallelism; i++) {
      ExpiryHarness subtask = new ExpiryHarness(settings, backend, parallelism, i);
      if (stored != null) {
        subtask.initializeState(
            AbstractStreamOperatorTestHarness.repartitionOperatorState(
                stored, Uids.MAX_PARALLELISM, before, parallelism, i));
      }
      subtask.open();
      started.add(subtask);
    }
    subtasks = started;
  }

  private void tick(long toMs) throws Exception {
    for (ExpiryHarness subtask : subtasks) {
      subtask.eventTime(toMs);
    }
  }

  private void copyModels() throws Exception {
    for (ExpiryHarness subtask : subtasks) {
      models.putAll(subtask.models());
      expired += subtask.metric("modelsExpired");
    }
  }

  private OperatorSubtaskState stop() throws Exception {
    List<OperatorSubtaskState> parts = new ArrayList<>();
    for (ExpiryHarness subtask : subtasks) {
      parts.add(subtask.saved());
      for (OutputRecord answer : subtask.extractOutputValues()) {
        answers.put(
            answer.origin().toString(),
            "%s %s %s"
                .formatted(
                    answer.topic(),
                    answer.reason(),
                    answer.value() == null ? "" : HexFormat.of().formatHex(answer.value())));
      }
      subtask.close();
    }
    return AbstractStreamOperatorTestHarness.repackageState(
        parts.toArray(new OperatorSubtaskState[0]));
  }

  /** By origin. */
  Map<String, String> answers() {
    return answers;
  }

  /** Every key's model behind the last event, in hexadecimal: equal texts mean equal bits. */
  Map<String, String> models() throws IOException {
    Map<String, String> hex = new TreeMap<>();
    for (Map.Entry<String, ModelState> model : models.entrySet()) {
      DataOutputSerializer out = new DataOutputSerializer(1024);
      new ModelStateSerializer().serialize(model.getValue(), out);
      hex.put(model.getKey(), HexFormat.of().formatHex(out.getCopyOfBuffer()));
    }
    return hex;
  }

  /** When a key had its last event. */
  long lastEventMs(String key) {
    return requireNonNull(models.get(key), key).lastEventMs;
  }

  /** When the last event of all was. */
  long latestMs() {
    return latestMs;
  }

  /** Models that had expired behind the last event. */
  long expired() {
    return expired;
  }
}
