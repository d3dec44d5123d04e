package dev.sluice.tool.guard;

import dev.sluice.tool.stop.StopPolicy;
import java.io.IOException;
import java.util.Optional;

/** Finds a stop that was begun and has not come to its end. */
@FunctionalInterface
public interface InFlight {

  /**
   * Looks into the policy's journal.
   *
   * @return what brings that very stop to its end, and begins no other
   * @throws IOException if that can't be told now
   */
  Optional<Stopping> find(StopPolicy policy) throws IOException, InterruptedException;
}
