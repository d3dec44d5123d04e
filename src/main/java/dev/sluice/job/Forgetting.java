package dev.sluice.job;

import dev.sluice.event.Answer.ControlReply;
import dev.sluice.event.ControlRecord;
import dev.sluice.model.Pending;
import dev.sluice.state.Uids;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeinfo.BasicArrayTypeInfo;
import org.apache.flink.streaming.api.TimerService;

/** This subtask's keys that are to be forgotten, and how they are reached and stored. */
@SuppressWarnings("NullAway.Init") // reach and restore run before everything else
final class Forgetting {

  private final OpenForgets open = new OpenForgets();
  private final ListState<String[]> stored;

  private KeyedModel model;
  private PendingHalves pending;
  private Predicate<String> mine;
  private Consumer<String> current;

  Forgetting(OperatorStateStore store) throws Exception {
    stored =
        store.getUnionListState(
            new ListStateDescriptor<>(
                Uids.OPEN_FORGETS_STATE, BasicArrayTypeInfo.STRING_ARRAY_TYPE_INFO));
  }

  /** Takes how to reach what is forgotten with a key. */
  void reach(KeyedModel model, PendingHalves pending) {
    this.model = model;
    this.pending = pending;
  }

  /**
   * Reads what a restored snapshot holds.
   *
   * @param mine whether a key's state is this subtask's
   * @param current makes a key the current one
   */
  void restore(Predicate<String> mine, Consumer<String> current) throws Exception {
    this.mine = mine;
    this.current = current;
    open.restore(stored.get(), mine);
  }

  /** Every task writes its own. */
  void snapshot() throws Exception {
    stored.update(open.stored());
  }

  /** The commands that this subtask's keys have not followed. */
  OpenForgets open() {
    return open;
  }

  /**
   * Takes a command that has just been carried out for the job.
   *
   * @return whether a key of this subtask is to be forgotten
   */
  boolean take(ControlRecord record, ControlReply reply) {
    String key = reply.forgotten();
    if (key == null || !mine.test(key)) {
      return false;
    }
    open.add(key, record.raw().origin().offset());
    return true;
  }

  /** Forgets every key that is still to be forgotten; changes the current key. */
  void forgetAll(TimerService timers, Consumer<Pending> giveUp) throws Exception {
    for (String key : open.keys()) {
      current.accept(key);
      forget(key, Long.MAX_VALUE, timers, giveUp);
    }
  }

  /**
   * Forgets everything about the current key, before an event under this position.
   *
   * @param giveUp takes each half that still waits
   */
  void forget(String key, long position, TimerService timers, Consumer<Pending> giveUp)
      throws Exception {
    long latestMs = Math.max(timers.currentWatermark(), model.forget(timers));
    pending.forget(id -> open.spares(key, id), latestMs, timers, giveUp);
    open.followed(key, position);
  }
}
