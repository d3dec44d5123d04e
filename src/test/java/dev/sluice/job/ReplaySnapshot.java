package dev.sluice.job;

import dev.sluice.control.ControlState;
import dev.sluice.event.ControlRecord;
import dev.sluice.ledger.OriginSet;
import dev.sluice.model.Champion;
import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import dev.sluice.settings.JobSettings;
import dev.sluice.state.ModelStateSerializer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * What a snapshot of the simulated job holds.
 *
 * @param cut the sources' offsets
 * @param base the stored model of the commands, copied for each restore
 * @param position its control position
 * @param since the stored commands after it
 * @param forgets the stored commands to forget that keys have not followed
 * @param modelBytes each key's model
 * @param halves what waits for its other half, by key and id
 * @param answered every input that was answered up to here by the history of this snapshot
 * @param pending the transactions that wait for their commit, one of each subtask
 */
record ReplaySnapshot(
    ReplayCut cut,
    ControlledModel base,
    long position,
    List<ControlRecord> since,
    List<String[]> forgets,
    Map<String, byte[]> modelBytes,
    Map<String, Pending> halves,
    OriginSet answered,
    List<ReplayTransaction> pending) {

  static ReplaySnapshot start(JobSettings settings, byte[] champion, int partitions) {
    ControlledModel model =
        new ControlledModel(
            settings.models(),
            Champion.read(champion, 1, settings.model()),
            null,
            new ControlState());
    List<Integer> zeros = new ArrayList<>();
    for (int p = 0; p < partitions; p++) {
      zeros.add(0);
    }
    return new ReplaySnapshot(
        new ReplayCut(zeros, 0),
        model,
        0,
        List.of(),
        List.of(),
        Map.of(),
        Map.of(),
        new OriginSet(),
        List.of());
  }

  static ReplaySnapshot of(ReplayCut cut, List<ReplaySubtask> subtasks, boolean passed) {
    Map<String, byte[]> models = new TreeMap<>();
    Map<String, Pending> halves = new HashMap<>();
    List<ReplayTransaction> pending = new ArrayList<>();
    OriginSet answered = new OriginSet();
    List<String[]> forgets = new ArrayList<>();
    for (ReplaySubtask subtask : subtasks) {
      subtask.endReplayIf(passed);
      forgets.addAll(subtask.openForgets());
      models.putAll(bytes(subtask.models()));
      halves.putAll(subtask.halves());
      pending.add(subtask.endTransaction());
      answered.addAll(subtask.answered());
    }
    ControlHistory.Stored stored = subtasks.get(0).stored();
    return new ReplaySnapshot(
        cut,
        stored.base().model().copy(),
        stored.base().position(),
        stored.since(),
        forgets,
        models,
        halves,
        answered,
        pending);
  }

  Map<String, ModelState> models() {
    Map<String, ModelState> models = new TreeMap<>();
    modelBytes.forEach(
        (key, bytes) -> {
          try {
            models.put(
                key, new ModelStateSerializer().deserialize(new DataInputDeserializer(bytes)));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    return models;
  }

  static Map<String, byte[]> bytes(Map<String, ModelState> models) {
    Map<String, byte[]> bytes = new TreeMap<>();
    models.forEach(
        (key, model) -> {
          DataOutputSerializer out = new DataOutputSerializer(512);
          try {
            new ModelStateSerializer().serialize(model, out);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          bytes.put(key, out.getCopyOfBuffer());
        });
    return bytes;
  }

  /** Whether nothing that it counts as answered was aborted. */
  boolean isWhole() {
    return pending.stream().noneMatch(ReplayTransaction::isAborted);
  }
}
