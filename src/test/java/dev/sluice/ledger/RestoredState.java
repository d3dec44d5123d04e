package dev.sluice.ledger;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot's state as it is handed to the subtasks of a new attempt; or none at a first start.
 */
final class RestoredState {

  private final Scenario setting;
  private final Broker broker;
  private final @Nullable Snapshot snapshot;
  private final FenceNote note;
  private final List<Restore> restores = new ArrayList<>();
  private final OriginSet ahead = new OriginSet();
  private final List<List<Input>> held = new ArrayList<>();

  RestoredState(Scenario setting, Broker broker, @Nullable Snapshot snapshot, int parallelism) {
    this.setting = setting;
    this.broker = broker;
    this.snapshot = snapshot;
    this.note = merged();
    List<Restore.Duties> duties = new ArrayList<>();
    for (int i = 0; i < parallelism; i++) {
      duties.add(
          new Restore.Duties(
              new ArrayDeque<>(), new ArrayDeque<>(), new ArrayList<>(), note, new ArrayList<>()));
      held.add(new ArrayList<>());
    }
    if (snapshot != null) {
      hand(snapshot, duties);
    }
    List<Transaction> toCommit = duties.stream().flatMap(d -> d.commit().stream()).toList();
    for (Transaction lingering : broker.open()) {
      if (!toCommit.contains(lingering)) {
        any(duties).abort().add(lingering);
      }
    }
    if (snapshot != null) {
      shareOut(duties);
    }
    duties.forEach(duty -> restores.add(new Restore(setting, broker, duty)));
  }

  @Nullable Snapshot snapshot() {
    return snapshot;
  }

  List<Restore> restores() {
    return restores;
  }

  int[] positions() {
    return snapshot == null ? new int[setting.inputs().size()] : snapshot.positions().clone();
  }

  /** What is to be suppressed: what the snapshot suppressed already, and what was found. */
  OriginSet aheadWith(OriginSet found) {
    OriginSet all = setting.has(Flaw.FORGETS_RESTORED_AHEAD) ? new OriginSet() : ahead.copy();
    all.addAll(found);
    return all;
  }

  Subtask start(int index, OriginSet known) {
    return new Subtask(setting, broker, index == 0, note, known, held.get(index));
  }

  private void hand(Snapshot from, List<Restore.Duties> duties) {
    for (int i = 0; i < from.parts().size(); i++) {
      Snapshot.Part part = from.parts().get(i);
      part.pending().forEach(transaction -> any(duties).commit().add(transaction));
      for (OpenInterval interval : part.open()) {
        Restore.Duties given = any(duties);
        if (!setting.has(Flaw.IGNORES_FOREIGN_INTERVALS) || duties.indexOf(given) == i) {
          given.open().add(interval);
        }
      }
      part.held().forEach(input -> held.get(input.key() % held.size()).add(input));
      if (part.ahead() != null) {
        ahead.addAll(part.ahead());
      }
    }
  }

  private void shareOut(List<Restore.Duties> duties) {
    int shift = setting.random().nextInt(duties.size());
    for (int i = 0; i < broker.partitions(); i++) {
      int reader = (i + shift) % duties.size();
      if (reader == 0 || !setting.has(Flaw.NOTE_GOES_TO_ONE_SUBTASK)) {
        duties.get(reader).share().add(i);
      }
    }
  }

  private FenceNote merged() {
    if (snapshot == null) {
      return new FenceNote("job", 0, 0, true, new TreeMap<>(), new TreeMap<>());
    }
    List<FenceNote> notes = snapshot.parts().stream().map(Snapshot.Part::note).toList();
    FenceNote merged = FenceNote.merge(notes);
    if (!setting.has(Flaw.MERGES_TO_THE_HIGHEST_END)) {
      return merged;
    }
    SortedMap<Partition, Long> ends = new TreeMap<>();
    notes.forEach(n -> n.stableEnds().forEach((p, end) -> ends.merge(p, end, Math::max)));
    return new FenceNote(
        "job", merged.checkpointId(), merged.settledId(), true, ends, merged.passed());
  }

  private Restore.Duties any(List<Restore.Duties> duties) {
    Random random = setting.random();
    return duties.get(random.nextInt(duties.size()));
  }
}
