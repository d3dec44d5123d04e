package dev.sluice.tool.guard;

import dev.sluice.tool.stop.OutputState;
import dev.sluice.tool.stop.StopListener;
import dev.sluice.tool.stop.StopOutcome;
import dev.sluice.tool.stop.StopPolicy;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The actions of a guard on its job.
 *
 * @param stopping stops it
 * @param inFlight finds a stop that was begun and has not ended
 * @param rehearsal whether a stop would be refused
 * @param output how far its output can be read
 */
public record GuardOperations(
    Stopping stopping, InFlight inFlight, Rehearsal rehearsal, OutputLook output) {

  /** How a job is stopped. */
  @FunctionalInterface
  public interface Stopping {

    /**
     * Begins a stop, or continues the one that the policy's journal records, on another thread.
     *
     * @param listener hears of its events
     */
    CompletableFuture<StopOutcome> start(StopPolicy policy, StopListener listener);
  }

  /** Finds a stop that was begun and has not come to its end. */
  @FunctionalInterface
  public interface InFlight {

    /**
     * Looks into the policy's journal.
     *
     * @return what brings that very stop to its end, and begins no other
     * @throws IOException if that is not known now
     */
    Optional<Stopping> find(StopPolicy policy) throws IOException, InterruptedException;
  }

  /** Does what a stop does before it asks for anything. */
  @FunctionalInterface
  public interface Rehearsal {

    /**
     * Looks at the job, its checkpoints and its brokers; touches nothing, and may take half a
     * minute.
     *
     * @return what the stop would do, a sentence
     * @throws IOException if it would be refused; why, and the way out
     */
    String rehearse(StopPolicy policy) throws IOException, InterruptedException;
  }

  /** Looks at a job's output. */
  @FunctionalInterface
  public interface OutputLook {

    /**
     * Asks the brokers; may take half a minute.
     *
     * @param running the id of the job that runs; null if none is known to
     * @return empty if no job has run yet
     * @throws IOException if it is not known; why
     */
    Optional<OutputState> look(@Nullable String running) throws IOException, InterruptedException;
  }
}
