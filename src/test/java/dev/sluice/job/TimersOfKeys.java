package dev.sluice.job;

import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.apache.flink.streaming.api.TimerService;

/** The event-time timers of one task, which fire in the order of Flink's: by time. */
final class TimersOfKeys implements TimerService {

  private record Timer(long atMs, String key) implements Comparable<Timer> {

    @Override
    public int compareTo(Timer other) {
      return atMs == other.atMs ? key.compareTo(other.key) : Long.compare(atMs, other.atMs);
    }
  }

  private final TreeSet<Timer> timers = new TreeSet<>();
  private long watermarkMs = Long.MIN_VALUE;

  String key = "";
  int registered;
  int fired;

  /** Fires what is due; each timer is shown with its key. */
  void advance(long toMs, BiConsumer<String, Long> each) {
    watermarkMs = toMs;
    while (!timers.isEmpty() && timers.first().atMs <= toMs) {
      Timer timer = timers.first();
      timers.remove(timer);
      fired++;
      each.accept(timer.key, timer.atMs);
    }
  }

  /** The times of each key's timers. */
  Map<String, SortedSet<Long>> times() {
    Map<String, SortedSet<Long>> times = new TreeMap<>();
    timers.forEach(timer -> times.computeIfAbsent(timer.key, k -> new TreeSet<>()).add(timer.atMs));
    return times;
  }

  @Override
  public long currentProcessingTime() {
    throw new UnsupportedOperationException("only event time decides");
  }

  @Override
  public long currentWatermark() {
    return watermarkMs;
  }

  @Override
  public void registerProcessingTimeTimer(long time) {
    throw new UnsupportedOperationException("only event time decides");
  }

  @Override
  public void registerEventTimeTimer(long time) {
    registered++;
    timers.add(new Timer(time, key));
  }

  @Override
  public void deleteProcessingTimeTimer(long time) {
    throw new UnsupportedOperationException("only event time decides");
  }

  @Override
  public void deleteEventTimeTimer(long time) {
    timers.remove(new Timer(time, key));
  }
}
