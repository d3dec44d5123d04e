package dev.sluice.ledger;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of the job, from a start or restore until it is killed: sources, channels, subtasks,
 * one checkpoint at a time. Each step is one thing that may happen next.
 */
final class Attempt {

  private final Scenario setting;
  private final Random random;
  private final RestoreBarrier meeting;
  private final List<Restore> restores;
  private final List<@Nullable Subtask> subtasks = new ArrayList<>();
  private final RestoredState state;
  private final Channels channels;
  private final Broker broker;
  private final long[] notices;
  private final long[] noticedAt;
  private final Set<Long> discarded = new HashSet<>();
  private @Nullable Checkpoint inFlight;
  private @Nullable Snapshot latest;
  private @Nullable OriginSet ahead;
  private long nextId;
  private boolean lostInTime;
  private boolean crashedUnjudged;

  /** A checkpoint that is on its way. */
  private record Checkpoint(
      long id,
      long triggeredAt,
      int[] positions,
      boolean[] injected,
      List<Snapshot.@Nullable Part> parts) {}

  Attempt(
      Scenario setting, Broker broker, RestoredState state, RestoreBarrier meeting, long nextId) {
    this.setting = setting;
    this.random = setting.random();
    this.broker = broker;
    this.state = state;
    this.meeting = meeting;
    this.restores = state.restores();
    this.latest = state.snapshot();
    this.nextId = nextId;
    this.channels = new Channels(setting, state.positions(), restores.size());
    this.notices = new long[restores.size()];
    this.noticedAt = new long[restores.size()];
    for (int i = 0; i < restores.size(); i++) {
      subtasks.add(null);
    }
  }

  RestoredState state() {
    return state;
  }

  RestoreBarrier meeting() {
    return meeting;
  }

  int parallelism() {
    return restores.size();
  }

  long nextId() {
    return nextId;
  }

  /** What the fences found together, until it is judged. */
  @Nullable Verdict unjudged() {
    return ahead == null && haveAllArrived() ? meeting.verdict() : null;
  }

  private boolean haveAllArrived() {
    for (Restore restore : restores) {
      if (!restore.hasArrived()) {
        return false;
      }
    }
    return true;
  }

  /** Lets the subtasks run. */
  void admit(Verdict verdict) {
    ahead = state.aheadWith(verdict.ahead());
  }

  boolean crashed() {
    for (Subtask subtask : subtasks) {
      if (subtask != null && subtask.crashed()) {
        return true;
      }
    }
    return false;
  }

  /** A restore has failed before the fence could judge it: it would fail for ever. */
  boolean crashedUnjudged() {
    return crashedUnjudged;
  }

  /** A commit failed in time, over a transaction that only its timeout has ended. */
  boolean hasLostInTime() {
    return lostInTime;
  }

  long suppressed() {
    return subtasks.stream().mapToLong(s -> s == null ? 0 : s.suppressed()).sum();
  }

  /** All that was read is answered. */
  boolean isDone() {
    return channels.isDone()
        && subtasks.stream().allMatch(subtask -> subtask != null && !subtask.holdsAny());
  }

  /** No transaction waits for anything. */
  boolean isCommitted() {
    return subtasks.stream().allMatch(subtask -> subtask != null && subtask.isCommitted());
  }

  /** Transactions that a killed attempt's tasks may still commit, as they were notified to. */
  List<Transaction> toldToCommit() {
    List<Transaction> reported = new ArrayList<>();
    for (int i = 0; i < notices.length; i++) {
      Subtask subtask = subtasks.get(i);
      if (subtask != null && notices[i] > 0) {
        reported.addAll(subtask.pending(notices[i]));
      }
    }
    return reported;
  }

  /** Transactions that a killed attempt's tasks may still write to, until they are aborted. */
  List<Transaction> current() {
    List<Transaction> current = new ArrayList<>();
    for (Subtask subtask : subtasks) {
      Transaction transaction = subtask == null ? null : subtask.current();
      if (transaction != null) {
        current.add(transaction);
      }
    }
    return current;
  }

  /** One thing that may happen, by chance; the snapshot that it completes, if any. */
  @Nullable Snapshot step() {
    int subtask = random.nextInt(parallelism());
    int partition = random.nextInt(channels.sources());
    if (restore(subtask)) {
      return null;
    }
    switch (random.nextInt(16)) {
      case 0 -> channels.emit(partition);
      case 1 -> ring(subtask);
      case 2 -> trigger();
      case 3, 4, 5 -> inject(partition);
      case 6, 7 -> tell(subtask);
      case 8 -> {
        if (inFlight != null && setting.happens(setting.chances().discard() / 10)) {
          discard();
        }
      }
      case 9, 10 -> {
        return finish();
      }
      default -> process(subtask);
    }
    return null;
  }

  /** Runs everything that can happen, until nothing changes any more; says what was completed. */
  List<Snapshot> settle() {
    List<Snapshot> completed = new ArrayList<>();
    boolean moved = true;
    while (moved && !crashed() && unjudged() == null) {
      moved = false;
      for (int i = 0; i < channels.sources(); i++) {
        moved |= channels.emit(i);
        moved |= inject(i);
      }
      for (int i = 0; i < parallelism(); i++) {
        moved |= restore(i);
        moved |= process(i);
        moved |= ring(i);
        moved |= tell(i);
      }
      Snapshot snapshot = finish();
      if (snapshot != null) {
        completed.add(snapshot);
        moved = true;
      }
    }
    return completed;
  }

  /** The sources' coordinator begins a checkpoint, if none is on its way. */
  void trigger() {
    if (inFlight == null) {
      List<Snapshot.@Nullable Part> parts = new ArrayList<>();
      restores.forEach(restore -> parts.add(null));
      inFlight =
          new Checkpoint(
              nextId++,
              broker.now(),
              new int[channels.sources()],
              new boolean[channels.sources()],
              parts);
    }
  }

  /** Gives a checkpoint up that has taken too long; the job tolerates it. */
  void giveUpWhatIsLate() {
    TransactionDeadline.Limits limits = setting.limits();
    if (limits != null
        && inFlight != null
        && broker.now() - inFlight.triggeredAt >= limits.checkpointTimeout().toMillis()) {
      discard();
    }
  }

  private void discard() {
    if (inFlight != null) {
      discarded.add(inFlight.id);
      inFlight = null;
    }
  }

  private boolean restore(int subtask) {
    if (subtasks.get(subtask) != null) {
      return false;
    }
    Restore restore = restores.get(subtask);
    if (restore.step(meeting, subtask)) {
      crashedUnjudged |= restore.crashed();
      return true;
    }
    OriginSet known = ahead;
    if (known == null && restore.hasArrived() && setting.has(Flaw.DOES_NOT_MEET)) {
      known = state.aheadWith(Verdict.of(List.of(restore.report())).ahead());
    }
    if (known == null || !restore.hasArrived()) {
      return false;
    }
    subtasks.set(subtask, state.start(subtask, known));
    return true;
  }

  private boolean inject(int partition) {
    if (inFlight == null || inFlight.injected[partition]) {
      return false;
    }
    inFlight.injected[partition] = true;
    inFlight.positions[partition] = channels.position(partition);
    channels.send(partition, new Barrier(inFlight.id));
    return true;
  }

  private boolean process(int index) {
    Subtask subtask = subtasks.get(index);
    Element next = subtask == null ? null : channels.take(index, discarded);
    if (subtask == null || next == null) {
      return false;
    }
    if (next instanceof Input input) {
      subtask.process(input);
    } else if (inFlight != null) {
      inFlight.parts.set(index, subtask.snapshot(inFlight.id, inFlight.triggeredAt));
    }
    return true;
  }

  private boolean ring(int index) {
    Subtask subtask = subtasks.get(index);
    if (subtask == null) {
      return false;
    }
    subtask.look();
    if (subtask.holdsAny()) {
      subtask.ring();
      return true;
    }
    return false;
  }

  private @Nullable Snapshot finish() {
    if (inFlight == null || inFlight.parts.contains(null) || crashed()) {
      return null;
    }
    if (setting.happens(setting.chances().discard())) {
      discard();
      return null;
    }
    List<Snapshot.Part> parts = new ArrayList<>();
    for (Snapshot.Part part : inFlight.parts) {
      if (part != null) {
        parts.add(part);
      }
    }
    latest = new Snapshot(inFlight.id, latest, inFlight.positions, parts);
    for (int i = 0; i < notices.length; i++) {
      if (random.nextInt(4) > 0) {
        notices[i] = inFlight.id;
        noticedAt[i] = broker.now();
      }
    }
    inFlight = null;
    return latest;
  }

  private boolean tell(int index) {
    Subtask subtask = subtasks.get(index);
    if (subtask == null || notices[index] == 0) {
      return false;
    }
    Transaction lost = subtask.complete(notices[index]);
    TransactionDeadline.Limits limits = setting.limits();
    lostInTime |=
        lost != null
            && limits != null
            && lost.expired
            && broker.now() - noticedAt[index] < limits.margin().toMillis();
    notices[index] = 0;
    return true;
  }
}
