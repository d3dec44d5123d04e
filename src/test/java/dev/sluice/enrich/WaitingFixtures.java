package dev.sluice.enrich;

import dev.sluice.event.Event;
import dev.sluice.state.SluiceTypes;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.datastream.AsyncDataStream.OutputMode;
import org.apache.flink.streaming.api.functions.async.AsyncFunction;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.async.AsyncWaitOperatorFactory;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/** What is stored of lookups that never end. */
@SuppressWarnings("try") // Flink's harness declares close() to throw any exception
public final class WaitingFixtures {

  private static final TypeSerializer<Event> EVENTS =
      SluiceTypes.EVENT.createSerializer(new SerializerConfigImpl());

  private static final int MAX_PARALLELISM = 128;
  private static final int CAPACITY = 10;

  private static final AsyncFunction<Event, Event> HANGING = (event, result) -> {};

  private WaitingFixtures() {}

  /** By the job's operator. */
  public static OperatorSubtaskState now(Event... events) throws Exception {
    return now(1, 0, events);
  }

  static OperatorSubtaskState now(int parallelism, int subtask, Event... events) throws Exception {
    return stored(
        new LookupOperatorFactory(HANGING, CAPACITY, event -> "k"), parallelism, subtask, events);
  }

  /** By Flink's operator, which did the lookups before. */
  public static OperatorSubtaskState earlier(Event... events) throws Exception {
    return earlier(1, 0, events);
  }

  static OperatorSubtaskState earlier(int parallelism, int subtask, Event... events)
      throws Exception {
    return stored(
        new AsyncWaitOperatorFactory<>(HANGING, 0, CAPACITY, OutputMode.ORDERED),
        parallelism,
        subtask,
        events);
  }

  private static OperatorSubtaskState stored(
      OneInputStreamOperatorFactory<Event, Event> operator,
      int parallelism,
      int subtask,
      Event... events)
      throws Exception {
    try (OneInputStreamOperatorTestHarness<Event, Event> harness =
        new Harness(operator, parallelism, subtask)) {
      harness.open();
      for (Event event : events) {
        harness.processElement(event, 1);
      }
      harness.processWatermark(1);
      return harness.snapshot(1, 1);
    }
  }

  private static final class Harness extends OneInputStreamOperatorTestHarness<Event, Event> {

    Harness(OneInputStreamOperatorFactory<Event, Event> operator, int parallelism, int subtask)
        throws Exception {
      super(operator, MAX_PARALLELISM, parallelism, subtask);
      config.setupNetworkInputs(EVENTS);
      config.serializeAllConfigs();
      setup(EVENTS);
    }
  }
}
