package dev.sluice.enrich;

import dev.sluice.event.Event;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.functions.async.AsyncFunction;
import org.apache.flink.streaming.api.functions.async.CollectionSupplier;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.operators.AbstractUdfStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamElement;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.jspecify.annotations.Nullable;

/**
 * Looks up events and emits all of them in the order in which they arrived, however long their
 * lookups take. Its input is partitioned by key.
 *
 * <p>A snapshot holds the events that wait here; a restore begins with them. Flink's own operator
 * distributes its waiting events to the subtasks of another parallelism regardless of their keys,
 * so that newer events of a key may pass older ones. Here every subtask stores its own into a union
 * list state, is handed those of all at a restore, and keeps the ones whose keys belong to it:
 *
 * <ul>
 *   <li>All waiting events of a key were in one subtask, one behind the other, because the input is
 *       partitioned by key. A union state keeps the order within each subtask's list, though not
 *       between the subtasks.
 *   <li>They are restored in the subtask that gets the key's next events, and before any of these,
 *       because {@link #open} runs before the input is read.
 *   <li>What leaves in order is sent on by key, so it arrives in order: one sender for each key.
 * </ul>
 *
 * <p>A task reads the waiting events of all tasks for a moment: up to capacity times parallelism.
 * Watermarks are not stored: after a restore time does not advance until the source's next event,
 * as it does without lookups.
 */
@SuppressWarnings("NullAway.Init") // Flink calls initializeState, then open, then everything else
final class LookupOperator extends AbstractUdfStreamOperator<Event, AsyncFunction<Event, Event>>
    implements OneInputStreamOperator<Event, Event>, BoundedOneInput {

  private static final long serialVersionUID = 1L;

  private final int capacity;
  private final KeySelector<Event, String> key;
  private final transient MailboxExecutor mailbox;

  /** Used by the task's thread only. */
  private final transient ArrayDeque<Waiting> queue = new ArrayDeque<>();

  /** Of the events in the queue; watermarks take no place. */
  private transient int events;

  private transient ListState<Event> stored;
  private transient List<Event> restored;

  /**
   * @param capacity events that wait at most
   * @param key by which the input is partitioned
   */
  LookupOperator(
      StreamOperatorParameters<Event> parameters,
      AsyncFunction<Event, Event> lookups,
      int capacity,
      KeySelector<Event, String> key) {
    super(lookups);
    this.capacity = capacity;
    this.key = key;
    this.mailbox = parameters.getMailboxExecutor();
    // Which hands the lookups their runtime context: not before they are here.
    setup(parameters.getContainingTask(), parameters.getStreamConfig(), parameters.getOutput());
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    stored =
        context
            .getOperatorStateStore()
            .getUnionListState(new ListStateDescriptor<>(Uids.WAITING_STATE, SluiceTypes.EVENT));
    restored = new ArrayList<>();
    TaskInfo task = getRuntimeContext().getTaskInfo();
    for (Event event : stored.get()) {
      if (isMine(event, task)) {
        restored.add(event);
      }
    }
    stored.clear();
  }

  private boolean isMine(Event event, TaskInfo task) throws Exception {
    return KeyGroupRangeAssignment.assignKeyToParallelOperator(
            key.getKey(event),
            task.getMaxNumberOfParallelSubtasks(),
            task.getNumberOfParallelSubtasks())
        == task.getIndexOfThisSubtask();
  }

  @Override
  public void open() throws Exception {
    super.open();
    for (Event event : restored) {
      processElement(new StreamRecord<>(event, event.raw().arrivalMs()));
    }
    restored = List.of();
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    List<Event> waiting = new ArrayList<>(events);
    for (Waiting in : queue) {
      if (in.element.isRecord()) {
        waiting.add(in.element.<Event>asRecord().getValue());
      }
    }
    stored.update(waiting);
  }

  @Override
  public void processElement(StreamRecord<Event> record) throws Exception {
    while (events == capacity) {
      mailbox.yield();
    }
    Event event = record.getValue();
    Waiting waiting = new Waiting(record.copy(event));
    queue.add(waiting);
    events++;
    userFunction.asyncInvoke(event, new Result(waiting));
  }

  @Override
  public void processWatermark(Watermark mark) throws Exception {
    queue.add(new Waiting(mark));
    emitWhatIsDone();
  }

  @Override
  public void processWatermarkStatus(WatermarkStatus status) throws Exception {
    queue.add(new Waiting(status));
    emitWhatIsDone();
  }

  @Override
  public void endInput() throws Exception {
    while (!queue.isEmpty()) {
      mailbox.yield();
    }
  }

  private void emitWhatIsDone() throws Exception {
    Waiting head = queue.peek();
    while (head != null && head.isDone()) {
      queue.remove();
      emit(head);
      head = queue.peek();
    }
  }

  private void emit(Waiting done) throws Exception {
    if (done.element.isWatermark()) {
      super.processWatermark(done.element.asWatermark());
    } else if (done.element.isWatermarkStatus()) {
      super.processWatermarkStatus(done.element.asWatermarkStatus());
    } else {
      events--;
      long timestamp = done.element.asRecord().getTimestamp();
      for (Event event : done.results()) {
        output.collect(new StreamRecord<>(event, timestamp));
      }
    }
  }

  /** An event, or the watermark behind it. Used by the task's thread only. */
  private static final class Waiting {

    private final StreamElement element;
    private @Nullable Collection<Event> results;

    Waiting(StreamElement element) {
      this.element = element;
    }

    boolean isDone() {
      return results != null || !element.isRecord();
    }

    Collection<Event> results() {
      return results == null ? List.of() : results;
    }
  }

  /** Hands the end of one lookup from any thread to the task's. */
  private final class Result implements ResultFuture<Event> {

    private final Waiting waiting;
    private final AtomicBoolean given = new AtomicBoolean();

    Result(Waiting waiting) {
      this.waiting = waiting;
    }

    @Override
    public void complete(Collection<Event> results) {
      complete(() -> results);
    }

    @Override
    public void complete(CollectionSupplier<Event> supplier) {
      if (given.compareAndSet(false, true)) {
        inTask(supplier);
      }
    }

    @Override
    public void completeExceptionally(Throwable error) {
      if (given.compareAndSet(false, true)) {
        inTask(
            () -> {
              throw new IllegalStateException(
                  "The lookup for " + waiting.element + " broke", error);
            });
      }
    }

    /** What is thrown there fails the task. */
    private void inTask(CollectionSupplier<Event> supplier) {
      try {
        mailbox.execute(
            () -> {
              waiting.results = supplier.get();
              emitWhatIsDone();
            },
            "the end of a lookup");
      } catch (RejectedExecutionException e) {
        LOG.debug("The task is closed; the event is in its last snapshot", e);
      }
    }
  }
}
