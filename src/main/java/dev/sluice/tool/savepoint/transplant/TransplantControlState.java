package dev.sluice.tool.savepoint.transplant;

import dev.sluice.control.ControlState;
import dev.sluice.control.ControlState.Numbers;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import dev.sluice.tool.savepoint.OperatorLists;
import java.io.IOException;
import java.util.List;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.state.OperatorStateBackend;
import org.jspecify.annotations.Nullable;

/**
 * The combined effect of the control commands under older models. Which commands the models have
 * followed, and the serving policy, are the older snapshot's: by the newest one's numbers the older
 * models would be reset, for a reset that came after them. What is paused, and which commands are
 * answered, is the newest one's. The next number is beyond both.
 */
final class TransplantControlState {

  private final @Nullable ControlState orders;

  private TransplantControlState(@Nullable ControlState orders) {
    this.orders = orders;
  }

  /** For two snapshots, each of which may be from before there were commands. */
  static TransplantControlState of(OperatorState older, OperatorState newest) throws IOException {
    List<ControlState> then = read(older);
    List<ControlState> now = read(newest);
    return then.isEmpty() && now.isEmpty()
        ? new TransplantControlState(null)
        : new TransplantControlState(mix(last(then), last(now)));
  }

  static ControlState mix(ControlState then, ControlState now) {
    ControlState copy = now.copy();
    ControlState mixed =
        new ControlState(
            copy.learning(),
            copy.scoring(),
            then.policy(),
            new Numbers(
                Math.max(then.numbers().last(), now.numbers().last()),
                then.numbers().everyKeyReset(),
                then.numbers().promoted()),
            then.keyResets());
    copy.answered().all().forEach(mixed.answered()::remember);
    return mixed;
  }

  /** Puts them into the state of the task that stores them for all. */
  void putInto(OperatorStateBackend first) throws Exception {
    if (orders != null) {
      first
          .getUnionListState(
              new ListStateDescriptor<>(Uids.ORDERS_STATE, SluiceTypes.STANDING_ORDERS))
          .update(List.of(orders));
    }
  }

  private static List<ControlState> read(OperatorState operator) throws IOException {
    return new OperatorLists(operator).read(Uids.ORDERS_STATE, SluiceTypes.STANDING_ORDERS);
  }

  private static ControlState last(List<ControlState> stored) {
    return stored.isEmpty() ? new ControlState() : stored.get(stored.size() - 1);
  }
}
