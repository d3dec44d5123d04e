package dev.sluice.ledger;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One running subtask: answers inputs behind its fence into its transaction of the interval. */
final class Subtask {

  private final Scenario setting;
  private final Broker broker;
  private final boolean first;
  private final Fence fence;
  private final OriginSet ahead;
  private final List<Input> held;
  private final TreeMap<Long, Transaction> pending = new TreeMap<>();
  private final SortedMap<Partition, Long> stableEnds = new TreeMap<>();
  private @Nullable Transaction current;
  private final @Nullable TransactionDeadline deadline;
  private boolean crashed;

  /**
   * A subtask at its start.
   *
   * @param first whether it stores what is ahead
   * @param restored merged over the snapshot that it starts from
   * @param held taken as its own
   */
  Subtask(
      Scenario setting,
      Broker broker,
      boolean first,
      FenceNote restored,
      OriginSet ahead,
      List<Input> held) {
    this.setting = setting;
    this.broker = broker;
    this.first = first;
    this.fence = new Fence(restored.checkpointId(), ahead, true, restored.passed());
    this.ahead = ahead;
    this.held = held;
    TransactionDeadline.Limits limits = setting.limits();
    this.deadline =
        limits == null || setting.has(Flaw.NO_DEADLINE)
            ? null
            : new TransactionDeadline(limits, true, broker::now, broker::now);
  }

  /** Whether its transaction ended under it, or would have: the whole job fails. */
  boolean crashed() {
    return crashed;
  }

  long suppressed() {
    return fence.suppressed();
  }

  boolean holdsAny() {
    return !held.isEmpty();
  }

  /** The transaction that it is writing to. */
  @Nullable Transaction current() {
    return current;
  }

  /** Whether no transaction of its own waits for anything. */
  boolean isCommitted() {
    return current == null && pending.isEmpty();
  }

  /** The transactions that a completed snapshot covers. */
  List<Transaction> pending(long checkpointId) {
    return List.copyOf(pending.headMap(checkpointId, true).values());
  }

  /** Answers an input or holds it back; it may set free what was held. */
  void process(Input input) {
    Random random = setting.random();
    if (input.mayWait() && random.nextBoolean()) {
      held.add(input);
      return;
    }
    answer(input, setting.outputOf(input));
    if (random.nextBoolean()) {
      for (Input waiting : List.copyOf(held)) {
        if (waiting.key() == input.key()) {
          release(waiting);
        }
      }
    }
  }

  /** A timer rings for one of the inputs that it holds. */
  void ring() {
    release(held.get(setting.random().nextInt(held.size())));
  }

  /** Queries the output's ends; a note may say what was seen long before. */
  void look() {
    for (int i = 0; i < broker.partitions(); i++) {
      if (!setting.happens(setting.chances().overlook())) {
        stableEnds.put(Broker.name(i), broker.stableEnd(i));
      }
    }
  }

  /**
   * Ends the interval at a barrier. A producer that has nothing more to send does not notice that
   * its transaction was aborted.
   *
   * @param triggeredAt when the checkpoint began
   */
  Snapshot.Part snapshot(long checkpointId, long triggeredAt) {
    if (current != null) {
      pending.put(checkpointId, current);
      current = null;
    }
    judge(checkpointId, triggeredAt);
    look();
    List<OpenInterval> open = fence.snapshot(checkpointId);
    if (setting.has(Flaw.KEEPS_ONLY_THE_LAST_INTERVAL) && open.size() > 1) {
      open = open.subList(open.size() - 1, open.size());
    }
    Snapshot.Part part =
        new Snapshot.Part(
            note(checkpointId),
            open,
            storedAhead(),
            List.copyOf(pending.values()),
            List.copyOf(held));
    if (setting.has(Flaw.SETTLES_AT_THE_SNAPSHOT)) {
      fence.settled(checkpointId);
    }
    return setting.asBytes() ? part.throughBytes() : part;
  }

  /** Fails rather than take part in a snapshot that its transactions may not live to see. */
  private void judge(long checkpointId, long triggeredAt) {
    if (deadline == null) {
      return;
    }
    try {
      deadline.snapshot(checkpointId, triggeredAt);
    } catch (TransactionDeadlineException tooOld) {
      crashed = true;
    }
    if (setting.has(Flaw.DEADLINE_FORGETS_OLDER_INTERVALS)) {
      deadline.settled(checkpointId - 1);
    }
  }

  /**
   * A snapshot is complete: commits all that it covers, in their order. The first that can't be
   * committed any more fails the task; the fence is still notified that the snapshot is complete.
   *
   * @return the transaction that could not be committed
   */
  @Nullable Transaction complete(long checkpointId) {
    Transaction lost = null;
    Map<Long, Transaction> covered = pending.headMap(checkpointId, true);
    for (Transaction transaction : covered.values()) {
      broker.commit(transaction);
      if (transaction.isAborted() && !setting.has(Flaw.COMMIT_IS_DROPPED_WHILE_RUNNING)) {
        crashed = true;
        lost = transaction;
        break;
      }
    }
    fence.settled(checkpointId);
    if (lost == null) {
      covered.clear();
      if (deadline != null) {
        deadline.settled(checkpointId);
      }
    }
    return lost;
  }

  private FenceNote note(long checkpointId) {
    SortedMap<Partition, Long> ends = new TreeMap<>(stableEnds);
    if (setting.has(Flaw.NOTES_THE_HIGH_WATERMARK)) {
      for (int i = 0; i < broker.partitions(); i++) {
        ends.put(Broker.name(i), broker.end(i));
      }
    }
    return new FenceNote("job", checkpointId, fence.settledId(), true, ends, fence.passed());
  }

  private @Nullable OriginSet storedAhead() {
    if (!first || setting.has(Flaw.FORGETS_AHEAD)) {
      return null;
    }
    SortedMap<Partition, Long> passed = fence.passed();
    boolean allPassed =
        ahead.highest().entrySet().stream()
            .allMatch(e -> passed.getOrDefault(e.getKey(), -1L) >= e.getValue());
    return allPassed && setting.has(Flaw.DROPS_AHEAD_WHEN_ONE_HAS_PASSED_IT) ? null : ahead;
  }

  private void release(Input waiting) {
    held.remove(waiting);
    answer(waiting, setting.random().nextInt(broker.partitions()));
  }

  private void answer(Input input, int partition) {
    if (!fence.passes(input.origin())) {
      return;
    }
    if (deadline != null) {
      deadline.answered();
    }
    if (current == null) {
      current = broker.begin();
    }
    crashed |= !broker.append(partition, current, input.origin());
  }
}
