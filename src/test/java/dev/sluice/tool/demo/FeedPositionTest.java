package dev.sluice.tool.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.api.Test;

class FeedPositionTest {

  private static final int PARTITIONS = 4;
  private static final List<FlightEvent> EVENTS =
      FlightEventsTest.all(FlightEventsTest.flights(300), 0, 300);

  @Test
  void whateverPrefixEachPartitionHoldsTheRestIsFedOnceAndInOrder() throws IOException {
    List<List<FlightEvent>> whole = byPartition(EVENTS);
    Random random = new Random(3);
    for (int round = 0; round < 200; round++) {
      List<List<FlightEvent>> topic = new ArrayList<>();
      long[] held = new long[PARTITIONS];
      for (int p = 0; p < PARTITIONS; p++) {
        held[p] = random.nextInt(whole.get(p).size() + 1);
        topic.add(new ArrayList<>(whole.get(p).subList(0, (int) held[p])));
      }
      Iterator<FlightEvent> events = EVENTS.iterator();
      FeedPosition position = new FeedPosition("events", held);
      for (FlightEvent missing : position.passOver(events, lasts(topic))) {
        topic.get(position.partitionOf(missing.keyBytes())).add(missing);
      }
      events.forEachRemaining(e -> topic.get(position.partitionOf(e.keyBytes())).add(e));
      assertThat(topic).isEqualTo(whole);
    }
  }

  @Test
  void anEmptyTopicIsFedFromTheFirstEvent() throws IOException {
    Iterator<FlightEvent> events = EVENTS.iterator();
    assertThat(new FeedPosition("events", new long[PARTITIONS]).passOver(events, Map.of()))
        .isEmpty();
    assertThat(events.next()).isEqualTo(EVENTS.get(0));
  }

  @Test
  void keysGoWhereKafkasClientsSendThem() {
    FeedPosition position = new FeedPosition("events", new long[PARTITIONS]);
    for (FlightEvent event : EVENTS) {
      assertThat(position.partitionOf(event.keyBytes()))
          .isEqualTo(BuiltInPartitioner.partitionForKey(event.keyBytes(), PARTITIONS));
    }
  }

  @Test
  void aTopicWithAnotherLastRecordIsRefused() {
    List<List<FlightEvent>> topic = byPartition(EVENTS.subList(0, 100));
    Map<Integer, FeedPosition.Last> lasts = lasts(topic);
    int filled = lasts.keySet().iterator().next();
    lasts.put(filled, new FeedPosition.Last(new byte[] {1}, new byte[] {2}));
    FeedPosition position = new FeedPosition("events", sizes(topic));
    assertThatThrownBy(() -> position.passOver(EVENTS.iterator(), lasts))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("would repeat or skip events")
        .hasMessageContaining(" of events/" + filled + " is not event ");
  }

  @Test
  void aTopicWithMoreThanTheDataIsRefused() {
    long[] sizes = sizes(byPartition(EVENTS));
    sizes[0]++;
    FeedPosition position = new FeedPosition("events", sizes);
    assertThatThrownBy(() -> position.passOver(EVENTS.iterator(), lasts(byPartition(EVENTS))))
        .hasMessageContaining("it holds 1 more events than the data");
  }

  private static List<List<FlightEvent>> byPartition(List<FlightEvent> events) {
    FeedPosition position = new FeedPosition("events", new long[PARTITIONS]);
    List<List<FlightEvent>> partitions = new ArrayList<>();
    for (int p = 0; p < PARTITIONS; p++) {
      partitions.add(new ArrayList<>());
    }
    events.forEach(e -> partitions.get(position.partitionOf(e.keyBytes())).add(e));
    return partitions;
  }

  private static long[] sizes(List<List<FlightEvent>> topic) {
    return topic.stream().mapToLong(List::size).toArray();
  }

  private static Map<Integer, FeedPosition.Last> lasts(List<List<FlightEvent>> topic) {
    Map<Integer, FeedPosition.Last> lasts = new HashMap<>();
    for (int p = 0; p < topic.size(); p++) {
      if (!topic.get(p).isEmpty()) {
        FlightEvent last = topic.get(p).get(topic.get(p).size() - 1);
        lasts.put(p, new FeedPosition.Last(last.keyBytes(), last.json()));
      }
    }
    return lasts;
  }
}
