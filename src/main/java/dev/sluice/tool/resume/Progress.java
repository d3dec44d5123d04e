package dev.sluice.tool.resume;

import dev.sluice.tool.time.Time;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Says what is being done, and of what is tried again and again only the first time, and then
 * shortened now and then. Used by one thread.
 */
final class Progress implements Consumer<String> {

  private static final Duration AGAIN = Duration.ofSeconds(30);
  private static final int SHORT = 100;

  private final Consumer<String> progress;
  private final Time time;

  private String last = "";
  private long since;

  Progress(Consumer<String> progress, Time time) {
    this.progress = progress;
    this.time = time;
  }

  @Override
  public void accept(String text) {
    long now = time.nanos();
    if (!text.equals(last)) {
      last = text;
      since = now;
      progress.accept(text);
    } else if (now - since >= AGAIN.toNanos()) {
      since = now;
      progress.accept("still " + (text.length() > SHORT ? text.substring(0, SHORT) + "…" : text));
    }
  }
}
