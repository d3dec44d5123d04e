package dev.sluice.state;

import dev.sluice.event.Event;
import dev.sluice.event.Event.Undecoded;
import java.util.Arrays;
import org.apache.flink.api.common.typeutils.SerializerTestBase;
import org.apache.flink.api.common.typeutils.TypeSerializer;

class EventSerializerTest extends SerializerTestBase<Event> {

  @Override
  protected TypeSerializer<Event> createSerializer() {
    return new EventSerializer();
  }

  @Override
  protected int getLength() {
    return -1;
  }

  @Override
  protected Class<Event> getTypeClass() {
    return Event.class;
  }

  @Override
  protected Event[] getTestData() {
    Event[] events = Samples.events();
    Event[] all = Arrays.copyOf(events, events.length + 1);
    all[events.length] = new Undecoded(events[0].raw());
    return all;
  }
}
