package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.codec.EventDecoder;
import dev.sluice.event.Event;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * Two partitions whose keys are busy for a while and silent for a while. Times never go back within
 * a partition, and a key has one partition, so its events have one order for every reader.
 */
final class ExpiryTraffic {

  private static final int KEYS = 8;
  private static final int EVENTS = 1_000;
  private static final int BUSY_FOR = 40;
  private static final int MEAN_GAP_MS = 600;

  private ExpiryTraffic() {}

  /** The same for the same seed. */
  static List<List<Event>> partitions(long seed) {
    return List.of(partition(seed, 0), partition(seed, 1));
  }

  private record Line(long atMs, String key, String json) {}

  private static List<Event> partition(long seed, int partition) {
    Random random = new Random(seed * 2 + partition);
    List<Line> lines = new ArrayList<>();
    long nowMs = 1_000_000;
    for (int i = 0; i < EVENTS; i++) {
      nowMs += random.nextInt(2 * MEAN_GAP_MS);
      String key = "K" + partition + (i / BUSY_FOR + random.nextInt(2)) * 5 % KEYS;
      String of = "\"id\":\"f-%s-%s\",\"key\":\"%s\",\"time\":1".formatted(partition, i, key);
      lines.add(
          new Line(
              nowMs,
              key,
              "{\"type\":\"observation\",%s,\"features\":{\"x\":%s}}"
                  .formatted(of, random.nextInt(9))));
      if (random.nextInt(10) > 0) {
        // Some come before their observation, some when it has timed out.
        lines.add(
            new Line(
                nowMs - 4_000 + random.nextInt(24_000),
                key,
                "{\"type\":\"outcome\",%s,\"label\":\"%s\"}"
                    .formatted(of, random.nextBoolean() ? "late" : "ontime")));
      }
    }
    lines.sort(Comparator.comparingLong(Line::atMs));
    EventDecoder decoder = new EventDecoder(List.of("ontime", "late"), 100);
    List<Event> events = new ArrayList<>();
    for (Line line : lines) {
      Origin origin = new Origin("events", partition, events.size());
      events.add(
          decoder.decode(
              new RawRecord(
                  origin, line.atMs, line.key.getBytes(UTF_8), line.json.getBytes(UTF_8))));
    }
    return events;
  }
}
