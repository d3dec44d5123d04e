package dev.sluice.tool.guard;

import dev.sluice.tool.stop.StopListener;
import dev.sluice.tool.stop.StopOutcome;
import dev.sluice.tool.stop.StopPolicy;
import java.util.concurrent.CompletableFuture;

/** How a job is stopped. */
@FunctionalInterface
public interface Stopping {

  /**
   * Begins a stop, or goes on with the one that the policy's journal tells of, on another thread.
   *
   * @param listener hears of its events
   */
  CompletableFuture<StopOutcome> start(StopPolicy policy, StopListener listener);
}
