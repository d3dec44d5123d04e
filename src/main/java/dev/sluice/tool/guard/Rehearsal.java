package dev.sluice.tool.guard;

import dev.sluice.tool.stop.StopPolicy;
import java.io.IOException;

/** Does what a stop does before it asks for anything. */
@FunctionalInterface
public interface Rehearsal {

  /**
   * Looks at the job, its checkpoints and its brokers; touches nothing, and may take half a minute.
   *
   * @return what the stop would do, a sentence
   * @throws IOException if it would be refused; why, and the way out
   */
  String rehearse(StopPolicy policy) throws IOException, InterruptedException;
}
