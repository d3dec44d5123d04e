package dev.sluice.guard;

import dev.sluice.ops.stop.StopPolicy;
import java.io.IOException;

/** Tells whether a stop was begun that has not come to its end. */
@FunctionalInterface
public interface InFlight {

  /**
   * Looks into the policy's journal.
   *
   * @throws IOException if that can't be told now
   */
  boolean test(StopPolicy policy) throws IOException, InterruptedException;
}
