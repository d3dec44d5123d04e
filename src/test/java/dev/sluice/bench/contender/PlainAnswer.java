package dev.sluice.bench.contender;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A prediction or an evaluation of {@link PlainFlink}. */
@SuppressWarnings("NullAway.Init") // a POJO
public final class PlainAnswer {

  public String id;
  public String key;
  public String time;
  public String prediction;
  public Map<String, Double> scores;

  /** Of an evaluation only. */
  public @Nullable String label;

  public @Nullable Double loss;
  public @Nullable Long delayMs;
}
