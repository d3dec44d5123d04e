package dev.sluice.tool.stop;

/**
 * Receives a stop's events in their order, on the stop's own thread: what takes long holds the stop
 * up. What it throws is logged and does not end the stop.
 */
@FunctionalInterface
public interface StopListener {

  /** Something happened. */
  void on(StopEvent event);
}
