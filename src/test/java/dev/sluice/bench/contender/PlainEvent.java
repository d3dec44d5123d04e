package dev.sluice.bench.contender;

import java.util.Map;

/** An input event as {@link PlainFlink} maps it: what Jackson fills, and Flink takes for a POJO. */
@SuppressWarnings("NullAway.Init") // Jackson sets what the event has
public final class PlainEvent {

  public String type;
  public String id;
  public String key;
  public String time;
  public Map<String, Object> features;
  public String label;
}
