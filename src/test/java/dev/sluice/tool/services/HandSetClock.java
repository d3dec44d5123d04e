package dev.sluice.tool.services;

import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.time.Time;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.NavigableMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Time that passes when the test says so, and when what is tested sleeps: that returns at once. May
 * be used by several threads.
 */
public final class HandSetClock extends Clock {

  public static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

  private final Instant began;
  private final AtomicLong passed = new AtomicLong();
  private volatile Duration least = Duration.ZERO;
  private final NavigableMap<Duration, Runnable> events = new ConcurrentSkipListMap<>();

  /** From {@link #NOON} on. */
  public HandSetClock() {
    this(NOON);
  }

  public HandSetClock(Instant began) {
    this.began = began;
  }

  /** What the world does once so much has passed. */
  public void at(Duration passing, Runnable event) {
    events.put(passing, event);
  }

  public void pass(Duration time) {
    passed.addAndGet(time.toNanos());
    while (!events.isEmpty() && events.firstKey().compareTo(passed()) <= 0) {
      events.pollFirstEntry().getValue().run();
    }
  }

  /** From now on a sleep takes at least this, as on a busy machine: less is asked meanwhile. */
  public HandSetClock slow(Duration sleep) {
    least = sleep;
    return this;
  }

  private void sleep(Duration time) {
    pass(time.compareTo(least) < 0 ? least : time);
  }

  /** How much has passed. */
  public Duration passed() {
    return Duration.ofNanos(passed.get());
  }

  /** As what is tested is given it. */
  public Time time() {
    return new Time(this, passed::get, this::sleep);
  }

  /** Clients as the tool has them, in this time. */
  public ToolServices services() {
    return new ToolServices(
        JobManager::new, Brokers::new, time(), () -> UUID.randomUUID().toString());
  }

  @Override
  public Instant instant() {
    return began.plusNanos(passed.get());
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
