package dev.sluice.tool.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.tool.events.FileEvent;
import dev.sluice.tool.events.InputEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.api.Test;

class FeedPositionTest {

  private static final int PARTITIONS = 4;
  private static final List<InputEvent> EVENTS = events(300);

  @Test
  void whateverPrefixEachPartitionHoldsTheRestIsFedOnceAndInOrder() throws IOException {
    List<List<InputEvent>> whole = byPartition(EVENTS);
    Random random = new Random(3);
    for (int round = 0; round < 200; round++) {
      List<List<InputEvent>> topic = new ArrayList<>();
      long[] held = new long[PARTITIONS];
      for (int p = 0; p < PARTITIONS; p++) {
        held[p] = random.nextInt(whole.get(p).size() + 1);
        topic.add(new ArrayList<>(whole.get(p).subList(0, (int) held[p])));
      }
      Iterator<InputEvent> events = EVENTS.iterator();
      FeedPosition position = new FeedPosition("events", "Is %s another file?", held);
      for (InputEvent missing : position.passOver(events, lasts(topic))) {
        topic.get(position.partitionOf(missing.keyBytes())).add(missing);
      }
      events.forEachRemaining(e -> topic.get(position.partitionOf(e.keyBytes())).add(e));
      assertThat(topic).isEqualTo(whole);
    }
  }

  @Test
  void anEmptyTopicIsFedFromTheFirstEvent() throws IOException {
    Iterator<InputEvent> events = EVENTS.iterator();
    assertThat(
            new FeedPosition("events", "Is %s another file?", new long[PARTITIONS])
                .passOver(events, Map.of()))
        .isEmpty();
    assertThat(events.next()).isEqualTo(EVENTS.get(0));
  }

  @Test
  void keysGoWhereKafkasClientsSendThem() {
    FeedPosition position = new FeedPosition("events", "Is %s another file?", new long[PARTITIONS]);
    for (InputEvent event : EVENTS) {
      assertThat(position.partitionOf(event.keyBytes()))
          .isEqualTo(BuiltInPartitioner.partitionForKey(event.keyBytes(), PARTITIONS));
    }
  }

  @Test
  void aTopicWithAnotherLastRecordIsRefused() {
    List<List<InputEvent>> topic = byPartition(EVENTS.subList(0, 100));
    Map<Integer, FeedPosition.Last> lasts = lasts(topic);
    int filled = lasts.keySet().iterator().next();
    lasts.put(filled, new FeedPosition.Last(new byte[] {1}, new byte[] {2}));
    FeedPosition position = new FeedPosition("events", "Is %s another file?", sizes(topic));
    assertThatThrownBy(() -> position.passOver(EVENTS.iterator(), lasts))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("would repeat or skip events")
        .hasMessageEndingWith("Is events another file?")
        .hasMessageContaining(" of events/" + filled + " is not event ");
  }

  @Test
  void aTopicWithMoreThanTheDataIsRefused() {
    long[] sizes = sizes(byPartition(EVENTS));
    sizes[0]++;
    FeedPosition position = new FeedPosition("events", "Is %s another file?", sizes);
    assertThatThrownBy(() -> position.passOver(EVENTS.iterator(), lasts(byPartition(EVENTS))))
        .hasMessageContaining("it holds 1 more events than the data");
  }

  private static List<InputEvent> events(int count) {
    return IntStream.range(0, count)
        .<InputEvent>mapToObj(
            i ->
                new FileEvent(
                    i, "r-" + i, "k" + i % 17, i, ("{" + i).getBytes(StandardCharsets.UTF_8)))
        .toList();
  }

  private static List<List<InputEvent>> byPartition(List<InputEvent> events) {
    FeedPosition position = new FeedPosition("events", "Is %s another file?", new long[PARTITIONS]);
    List<List<InputEvent>> partitions = new ArrayList<>();
    for (int p = 0; p < PARTITIONS; p++) {
      partitions.add(new ArrayList<>());
    }
    events.forEach(e -> partitions.get(position.partitionOf(e.keyBytes())).add(e));
    return partitions;
  }

  private static long[] sizes(List<List<InputEvent>> topic) {
    return topic.stream().mapToLong(List::size).toArray();
  }

  private static Map<Integer, FeedPosition.Last> lasts(List<List<InputEvent>> topic) {
    Map<Integer, FeedPosition.Last> lasts = new HashMap<>();
    for (int p = 0; p < topic.size(); p++) {
      if (!topic.get(p).isEmpty()) {
        InputEvent last = topic.get(p).get(topic.get(p).size() - 1);
        lasts.put(p, new FeedPosition.Last(last.keyBytes(), last.json()));
      }
    }
    return lasts;
  }
}
