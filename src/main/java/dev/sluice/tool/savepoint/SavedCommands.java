package dev.sluice.tool.savepoint;

import dev.sluice.control.ControlState;
import dev.sluice.event.Answer.ControlReply;
import dev.sluice.event.Origin;
import dev.sluice.ledger.Partition;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.flink.api.common.typeinfo.BasicArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;

/**
 * The control commands that a snapshot's job had carried out, as far as they reset models. A reset
 * takes the next number of the standing orders. A command to forget a key leaves nothing there but
 * its answer, and only the last answers to commands with an id are kept.
 *
 * @param lastReset the number of the last command that reset models; 0 if none ever did
 * @param isReplay whether a replay of commands was under way, so that models may have followed more
 *     of them than are listed here
 * @param positions the offset behind the last command, by partition of the control topic
 * @param answered the commands whose answers are remembered
 */
public record SavedCommands(
    long lastReset,
    boolean isReplay,
    SortedMap<Partition, Long> positions,
    List<ControlReply> answered) {

  /**
   * Reads them.
   *
   * @param keyed the state of the operator that carries commands out
   * @param read how far the source of commands had come
   */
  static SavedCommands of(ControlState orders, OperatorLists keyed, SortedMap<Partition, Long> read)
      throws IOException {
    SortedMap<Partition, Long> positions = new TreeMap<>(read);
    for (String stored : keyed.read(Uids.CONTROL_POSITION_STATE, Types.STRING)) {
      Origin next = Origin.parse(stored);
      positions.merge(new Partition(next.topic(), next.partition()), next.offset(), Math::max);
    }
    boolean isReplay =
        !keyed.read(Uids.CONTROL_SINCE_STATE, SluiceTypes.CONTROL_RECORD).isEmpty()
            || !keyed
                .read(Uids.OPEN_FORGETS_STATE, BasicArrayTypeInfo.STRING_ARRAY_TYPE_INFO)
                .isEmpty();
    long lastReset =
        orders.keyResets().values().stream().reduce(orders.numbers().everyKeyReset(), Math::max);
    return new SavedCommands(lastReset, isReplay, positions, orders.answered().all());
  }

  /**
   * How many commands forgot a key since an earlier snapshot, as far as they are remembered.
   *
   * @param before the earlier one's source offsets, by partition as {@code topic/partition}
   */
  public long forgetsSince(Map<String, Long> before) {
    return since(before, reply -> reply.forgotten() != null);
  }

  /**
   * How many commands came since an earlier snapshot of which nothing is remembered.
   *
   * @param before the earlier one's source offsets, by partition as {@code topic/partition}
   */
  public long unknownSince(Map<String, Long> before) {
    long all = 0;
    for (Map.Entry<Partition, Long> position : positions.entrySet()) {
      all += Math.max(0, position.getValue() - from(before, position.getKey()));
    }
    return all - since(before, reply -> true);
  }

  private long since(Map<String, Long> before, Predicate<ControlReply> which) {
    return answered.stream().filter(which).filter(reply -> isSince(before, reply)).count();
  }

  private boolean isSince(Map<String, Long> before, ControlReply reply) {
    Origin origin = reply.origin();
    Partition partition = new Partition(origin.topic(), origin.partition());
    return origin.offset() >= from(before, partition)
        && origin.offset() < positions.getOrDefault(partition, 0L);
  }

  /** In a topic that the earlier snapshot did not read, every command counts. */
  private static long from(Map<String, Long> before, Partition partition) {
    return before.getOrDefault(partition.toString(), 0L);
  }
}
