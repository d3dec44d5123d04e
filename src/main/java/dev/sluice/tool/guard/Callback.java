package dev.sluice.tool.guard;

import dev.sluice.tool.stop.StopListener;
import java.io.Closeable;

/** Receives the events of a stop, and never delays it: slow work runs on a separate thread. */
interface Callback extends StopListener, Closeable {

  /** The stop is over. */
  void ended(StopEnd end);

  /** Waits a bounded time for what is still under way. */
  @Override
  void close();
}
