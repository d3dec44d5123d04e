package dev.sluice.tool.guard;

import dev.sluice.tool.stop.OutputState;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Looks at a job's output. */
@FunctionalInterface
public interface OutputLook {

  /**
   * Asks the brokers; may take half a minute.
   *
   * @param running the id of the job that runs; null if none is known to
   * @return empty if no job has run yet
   * @throws IOException if it can't be told; why
   */
  Optional<OutputState> look(@Nullable String running) throws IOException, InterruptedException;
}
