package dev.sluice.job;

import dev.sluice.event.Event;
import dev.sluice.settings.SettingsException;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** Fails the job for good, before it has read anything. Has no state. */
final class RefusedStart extends AbstractStreamOperator<Event>
    implements OneInputStreamOperator<Event, Event> {

  private static final long serialVersionUID = 1L;

  private final String why;
  private final boolean any;

  /**
   * @param why the message of a {@link SettingsException}
   * @param any whether a start from a snapshot is refused, too
   */
  RefusedStart(String why, boolean any) {
    this.why = why;
    this.any = any;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    if (any || !context.isRestored()) {
      throw new SuppressRestartsException(new SettingsException(why));
    }
  }

  @Override
  public void processElement(StreamRecord<Event> event) {
    output.collect(event);
  }
}
