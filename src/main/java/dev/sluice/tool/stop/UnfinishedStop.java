package dev.sluice.tool.stop;

import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A stop that was begun and has not ended. A caller that continues it without a request for a stop,
 * as a guard that starts, ends this one and begins no other: a job of the same name may run
 * healthily since.
 */
public final class UnfinishedStop {

  private final ToolServices services;
  private final Journal.Entry entry;

  private UnfinishedStop(ToolServices services, Journal.Entry entry) {
    this.services = services;
    this.entry = entry;
  }

  /**
   * The stop of the job that was begun with this journal and that the same command continues: none
   * if Flink must have given up the savepoint long ago, it was asked for under other flags, or its
   * command has ended and left the job running.
   *
   * @throws IOException if the journal or the JobManager can't be asked
   */
  public static Optional<UnfinishedStop> find(ToolServices services, StopPolicy policy)
      throws IOException, InterruptedException {
    JobManager flink = services.flink(policy.rest());
    Optional<JobOverview> job;
    try {
      job = flink.find(policy.job());
    } catch (IOException e) {
      Optional<UnfinishedStop> saved = saved(services, policy);
      if (Grace.isSilence(e) && saved.isPresent()) {
        return saved; // It can be proved without Flink.
      }
      throw e;
    }
    if (job.isEmpty()) {
      return saved(services, policy);
    }
    Optional<Journal.Entry> entry = Journal.peek(policy.journal(), job.get().id());
    try {
      return entry.isPresent()
              && (job.get().isOver() || !entry.get().behind().givenUp())
              && new LeftStops(services, policy).isOpen(entry.get(), job.get())
              && new Adoption(policy, flink).goesOn(entry.get(), job.get(), services.time().now())
          ? entry.map(one -> new UnfinishedStop(services, one))
          : Optional.empty();
    } catch (RefusedStop another) {
      return Optional.empty(); // The rehearsal says why.
    }
  }

  private static Optional<UnfinishedStop> saved(ToolServices services, StopPolicy policy) {
    LeftStops left = new LeftStops(services, policy);
    return left.last()
        .filter(entry -> entry.receipt() == null && entry.savepoint() != null)
        .filter(entry -> left.isRecent(entry, services.time().now()))
        .map(entry -> new UnfinishedStop(services, entry));
  }

  /**
   * Brings it to its end, on a thread of its own.
   *
   * @param policy with which it was found
   * @param listener receives every step, on that thread
   * @return the outcome; exceptional only if there is a bug, or the thread was interrupted
   */
  public CompletableFuture<StopResult> goOn(StopPolicy policy, StopListener listener) {
    return GracefulStop.start(services, policy, listener, entry);
  }
}
