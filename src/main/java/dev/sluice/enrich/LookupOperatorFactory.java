package dev.sluice.enrich;

import dev.sluice.event.Event;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.streaming.api.functions.async.AsyncFunction;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Creates the subtasks that look up events. */
final class LookupOperatorFactory extends AbstractStreamOperatorFactory<Event>
    implements OneInputStreamOperatorFactory<Event, Event> {

  private static final long serialVersionUID = 1L;

  private final AsyncFunction<Event, Event> lookups;
  private final int capacity;
  private final KeySelector<Event, String> key;

  LookupOperatorFactory(
      AsyncFunction<Event, Event> lookups, int capacity, KeySelector<Event, String> key) {
    this.lookups = lookups;
    this.capacity = capacity;
    this.key = key;
  }

  @Override
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the interface wants it so
  public <T extends StreamOperator<Event>> T createStreamOperator(
      StreamOperatorParameters<Event> parameters) {
    return (T) new LookupOperator(parameters, lookups, capacity, key);
  }

  @Override
  @SuppressWarnings("rawtypes") // the interface's own signature
  public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
    return LookupOperator.class;
  }
}
