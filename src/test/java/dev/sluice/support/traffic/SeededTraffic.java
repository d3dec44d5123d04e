package dev.sluice.support.traffic;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Locale;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * Good events over many keys, the same for the same seed: observations, outcomes that come up to
 * {@value #MAX_DELAY} events later, some outcomes that come before their observation, and some
 * observations whose outcome never comes. The outcomes depend on the features, so there is
 * something to learn. Not thread-safe.
 */
public final class SeededTraffic {

  /** The longest way between the halves of a pair, in events. */
  static final int MAX_DELAY = 400;

  private static final double LEFT_OPEN = 0.03;
  private static final double OUTCOME_FIRST = 0.10;
  private static final long START_MS = 978_307_200_000L;

  /**
   * A good event.
   *
   * @param key the entity, also the record key
   * @param id joins observation and outcome
   * @param isOutcome whether this is the outcome
   * @param json the record value
   */
  public record Event(String key, String id, boolean isOutcome, String json) {

    byte[] keyBytes() {
      return key.getBytes(UTF_8);
    }

    byte[] valueBytes() {
      return json.getBytes(UTF_8);
    }
  }

  private record Due(long step, long serial, Event event) implements Comparable<Due> {

    @Override
    public int compareTo(Due other) {
      return step == other.step
          ? Long.compare(serial, other.serial)
          : Long.compare(step, other.step);
    }
  }

  private final Random random;
  private final int keys;
  private final TargetKind goal;
  private final PriorityQueue<Due> due = new PriorityQueue<>();
  private long step;
  private long serial;

  /** Traffic of {@code keys} entities. */
  public SeededTraffic(long seed, int keys, TargetKind goal) {
    this.random = new Random(seed);
    this.keys = keys;
    this.goal = goal;
  }

  /** The next event. */
  public Event next() {
    step++;
    Due head = due.peek();
    if (head != null && head.step <= step) {
      due.remove();
      return head.event;
    }
    return fresh();
  }

  /**
   * The next half that still waits to be sent, ahead of its time; empty when every pair is shut.
   */
  public Optional<Event> nextOutstanding() {
    return Optional.ofNullable(due.poll()).map(Due::event);
  }

  private Event fresh() {
    serial++;
    String id = "e-" + serial;
    int entity = random.nextInt(keys);
    String key = "k-" + entity;
    Draw draw = Draw.from(random, entity);
    Event observation = new Event(key, id, false, observation(key, id, draw));
    Event outcome = new Event(key, id, true, outcome(key, id, draw));
    double fate = random.nextDouble();
    long later = step + 1 + random.nextInt(MAX_DELAY);
    if (fate < LEFT_OPEN) {
      return observation;
    }
    if (fate < LEFT_OPEN + OUTCOME_FIRST) {
      due.add(new Due(later, serial, observation));
      return outcome;
    }
    due.add(new Due(later, serial, outcome));
    return observation;
  }

  private String observation(String key, String id, Draw draw) {
    return """
        {"type":"observation","id":"%s","key":"%s","time":%d,"features":%s}"""
        .formatted(id, key, START_MS + step * 60_000, draw.features());
  }

  private String outcome(String key, String id, Draw draw) {
    String target =
        goal == TargetKind.LABELS
            ? "\"label\":\"" + (draw.chance() > draw.luck() ? "late" : "ontime") + "\""
            : String.format(Locale.ROOT, "\"value\":%.3f", draw.logit() * 2 + draw.luck());
    return """
        {"type":"outcome","id":"%s","key":"%s","time":%d,%s}"""
        .formatted(id, key, START_MS + (step + MAX_DELAY) * 60_000, target);
  }

  /** One event's features and the truth behind them. */
  private record Draw(
      double distance,
      double load,
      int carrier,
      int hour,
      boolean weekend,
      int entity,
      double luck) {

    static Draw from(Random random, int entity) {
      return new Draw(
          random.nextInt(30_000) / 10.0,
          Math.round(random.nextGaussian() * 1000) / 1000.0,
          random.nextInt(9),
          random.nextInt(24),
          random.nextInt(7) > 4,
          entity,
          random.nextDouble());
    }

    double logit() {
      return distance / 1500
          - 1.5
          + load
          + (carrier - 4) * 0.3
          + (hour > 15 ? 0.8 : -0.4)
          + (weekend ? -0.5 : 0.2)
          + (entity % 5 - 2) * 0.4;
    }

    double chance() {
      return 1 / (1 + Math.exp(-logit()));
    }

    /** Numbers, texts, a boolean and, for one carrier, an absent feature. */
    String features() {
      return String.format(
          Locale.ROOT,
          "{\"distance\":%.1f,\"load\":%.3f,\"carrier\":%s,\"hour\":\"%02d\",\"weekend\":%s}",
          distance,
          load,
          carrier == 8 ? "null" : "\"c" + carrier + "\"",
          hour,
          weekend);
    }
  }
}
