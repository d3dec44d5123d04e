package dev.sluice.enrich;

import dev.sluice.event.Event;
import dev.sluice.event.Origin;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamElement;
import org.apache.flink.streaming.runtime.streamrecord.StreamElementSerializer;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Passes every event on as it came, first of all those that an earlier run left waiting for
 * lookups. It has the uid of an operator that an earlier run may have had, so that Flink finds a
 * place for its state in any snapshot. It stores nothing, and registers a state only where a
 * snapshot holds one; it is in the path of every event.
 */
abstract class PassOn extends AbstractStreamOperator<Event>
    implements OneInputStreamOperator<Event, Event> {

  private static final long serialVersionUID = 1L;

  private transient List<Event> waiting = List.of();

  @Override
  public final void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    waiting = new ArrayList<>();
    take(context.getOperatorStateStore(), waiting);
  }

  /** Adds the waiting events that this subtask passes on, and takes them out of the state. */
  abstract void take(OperatorStateStore store, List<Event> waiting) throws Exception;

  @Override
  public final void open() throws Exception {
    super.open();
    if (!waiting.isEmpty()) {
      LOG.info("{} events that waited for lookups are passed on without", waiting.size());
    }
    for (Event event : waiting) {
      output.collect(new StreamRecord<>(event, event.raw().arrivalMs()));
    }
    waiting = List.of();
  }

  @Override
  public final void processElement(StreamRecord<Event> event) {
    output.collect(event);
  }

  /**
   * Replaces Flink's own asynchronous operator, which looked events up between the source and the
   * partitioning by key until {@link LookupOperator} took over behind it. With the parallelism of
   * then each subtask gets back what its own source had read, and so the order of each key's
   * events; with another one Flink deals the waiting ones out.
   */
  static final class Earlier extends PassOn {

    private static final long serialVersionUID = 1L;

    /** As Flink's AsyncWaitOperator names it. */
    private static final String STATE = "_async_wait_operator_state_";

    @Override
    void take(OperatorStateStore store, List<Event> waiting) throws Exception {
      if (store.getRegisteredStateNames().contains(STATE)) {
        ListState<StreamElement> stored =
            store.getListState(
                new ListStateDescriptor<>(
                    STATE,
                    new StreamElementSerializer<>(
                        SluiceTypes.EVENT.createSerializer(
                            getExecutionConfig().getSerializerConfig()))));
        for (StreamElement element : stored.get()) {
          if (element.isRecord()) { // and no watermark
            waiting.add(element.<Event>asRecord().getValue());
          }
        }
        stored.clear();
      }
    }
  }

  /**
   * Replaces {@link LookupOperator} in a job without lookups: between the source and the
   * partitioning by key, where it costs no exchange between tasks. What waited leaves from the
   * subtask that the source gives its partition to at the first start, so a job that still has the
   * parallelism of then keeps the order of each key's events. In any other the waiting ones of a
   * key leave in order, but newer ones may come from another subtask and pass them.
   */
  static final class Off extends PassOn {

    private static final long serialVersionUID = 1L;

    @Override
    void take(OperatorStateStore store, List<Event> waiting) throws Exception {
      if (store.getRegisteredStateNames().contains(Uids.WAITING_STATE)) {
        ListState<Event> stored =
            store.getUnionListState(
                new ListStateDescriptor<>(Uids.WAITING_STATE, SluiceTypes.EVENT));
        for (Event event : stored.get()) {
          if (isMine(event.raw().origin())) {
            waiting.add(event);
          }
        }
        stored.clear();
      }
    }

    /** As {@code KafkaSourceEnumerator.getSplitOwner} deals partitions out. */
    private boolean isMine(Origin origin) {
      TaskInfo task = getRuntimeContext().getTaskInfo();
      int subtasks = task.getNumberOfParallelSubtasks();
      int first = ((origin.topic().hashCode() * 31) & Integer.MAX_VALUE) % subtasks;
      return (first + origin.partition()) % subtasks == task.getIndexOfThisSubtask();
    }
  }
}
