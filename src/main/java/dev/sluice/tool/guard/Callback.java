package dev.sluice.tool.guard;

import dev.sluice.tool.stop.StopEvent;
import java.io.Closeable;

/** Hears of a stop, and never holds it up: whatever takes time runs on a thread of its own. */
interface Callback extends Closeable {

  void on(StopEvent event);

  /** The stop is over. */
  void ended(StopEnd end);

  /** Waits a bounded time for what is still under way. */
  @Override
  void close();
}
