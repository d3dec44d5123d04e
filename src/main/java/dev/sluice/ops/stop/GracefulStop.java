package dev.sluice.ops.stop;

import dev.sluice.job.SettingsException;
import dev.sluice.ops.flink.JobManager;
import dev.sluice.ops.flink.JobOverview;
import dev.sluice.ops.receipt.Receipt;
import dev.sluice.ops.receipt.ReceiptFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Stops a job with a savepoint and proves the stop: preflight, request, savepoint, finished,
 * committed, sane, receipt.
 *
 * <p>Safe to be killed and begun anew at any step, by this or another process with the same
 * journal: what will be asked of Flink is written down before it is asked, under an id of our own
 * under which Flink takes a second request for the first. A stop that is over gives its receipt
 * again.
 *
 * <p>Sources: Flink's REST interface (FLINK-18663, idempotent trigger ids), FLIP-34 (stop with
 * savepoint), KIP-664 (describing transactions).
 */
public final class GracefulStop {

  private static final Duration ANSWER = Duration.ofSeconds(10);

  private final StopPolicy policy;
  private final StopLog log;
  private final JobManager flink;
  private final Conclusion conclusion;

  private GracefulStop(StopPolicy policy, StopListener listener) {
    this.policy = policy;
    this.log = new StopLog(listener, Clock.systemUTC());
    this.flink = new JobManager(policy.rest(), ANSWER);
    this.conclusion = new Conclusion(policy, log);
  }

  /**
   * Begins a stop on a thread of its own.
   *
   * @param listener hears every step, on that thread
   * @return the outcome; exceptional only if there is a bug, or the thread was interrupted
   */
  public static CompletableFuture<StopOutcome> start(StopPolicy policy, StopListener listener) {
    CompletableFuture<StopOutcome> outcome = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                outcome.complete(new GracefulStop(policy, listener).run());
              } catch (Throwable bug) { // an Error too must reach who waits
                outcome.completeExceptionally(bug);
              }
            },
            "graceful-stop");
    thread.start();
    return outcome;
  }

  /**
   * Does what a stop does before it asks for anything; a directory for the journal is made if there
   * is none.
   *
   * @return what would happen, in some sentences
   * @throws IOException if the stop would be refused; why
   */
  public static String rehearse(StopPolicy policy) throws IOException, InterruptedException {
    GracefulStop stop = new GracefulStop(policy, event -> {});
    Preflight preflight = new Preflight(policy, stop.flink);
    JobOverview job = preflight.find();
    JobFacts facts = preflight.check(job, stop.log.now());
    Journal.requireUsable(policy.journal());
    return "would stop job (%s), %s, parallelism %s, with a %s savepoint in %s; after %s s without one it would %s"
        .formatted(
            facts.name(),
            facts.id(),
            facts.parallelism(),
            policy.nativeFormat() ? "native" : "canonical",
            policy.savepointDirectory() == null
                ? "the cluster's own directory"
                : policy.savepointDirectory(),
            policy.grace().toSeconds(),
            policy.onTimeout().words());
  }

  /**
   * Whether a stop of the job was begun with this journal and goes on by itself: not if Flink must
   * have given up the savepoint long ago, and the job runs on.
   *
   * @throws IOException if the journal or the JobManager can't be asked
   */
  public static boolean inFlight(StopPolicy policy) throws IOException, InterruptedException {
    Optional<JobOverview> job = new JobManager(policy.rest(), ANSWER).find(policy.job());
    if (job.isEmpty()) {
      return false;
    }
    return Journal.peek(policy.journal(), job.get().id())
        .filter(entry -> entry.receipt() == null)
        .filter(entry -> job.get().isOver() || entry.mayGoOn(policy.grace(), Instant.now()))
        .isPresent();
  }

  private StopOutcome run() throws InterruptedException {
    log.begin(Step.PREFLIGHT, "looks at job (%s)".formatted(policy.job()));
    try {
      JobOverview job = new Preflight(policy, flink).find();
      Duration others = policy.grace().plus(policy.proofPatience()).plusMinutes(2);
      try (Journal journal = Journal.open(policy.journal(), job.id(), others)) {
        Optional<Journal.Entry> before = journal.read();
        String receipt = before.map(Journal.Entry::receipt).orElse(null);
        if (receipt != null && job.isOver()) {
          return again(receipt);
        }
        // A receipt of a job that runs is of an earlier run under the same id, as deployments fix
        // it.
        return stop(
            journal,
            before.isPresent() && receipt == null ? adopt(before.get()) : begin(journal, job));
      }
    } catch (IOException | IllegalArgumentException | SettingsException e) {
      String why = String.valueOf(e.getMessage());
      log.failed(why);
      return new StopOutcome.NothingChanged(
          e instanceof RefusedStop ? "Refused, and nothing was touched: " + why : why);
    }
  }

  /** A stop of this very job is over: says again how. */
  private StopOutcome again(String receiptFile) throws IOException {
    Path file = Path.of(receiptFile);
    Receipt receipt = ReceiptFile.read(file);
    String text =
        "The job was stopped already, at %s; see %s"
            .formatted(receipt.endedAt().truncatedTo(ChronoUnit.SECONDS), file);
    log.ok(text);
    return Conclusion.outcome(receipt, file, text);
  }

  private Journal.Entry adopt(Journal.Entry entry) {
    log.ok(
        "goes on with the stop that was begun at %s and did not come to its end"
            .formatted(entry.startedAt()));
    return entry;
  }

  private Journal.Entry begin(Journal journal, JobOverview job)
      throws IOException, InterruptedException {
    JobFacts facts = new Preflight(policy, flink).check(job, log.now());
    Journal.Entry entry =
        new Journal.Entry(
            1,
            facts,
            UUID.randomUUID().toString().replace("-", ""),
            log.startedAt().toString(),
            policy.savepointDirectory(),
            policy.drain(),
            policy.nativeFormat(),
            null,
            null);
    log.ok(
        "job %s runs with parallelism %s, its brokers answer, its last checkpoint is recent"
            .formatted(facts.id(), facts.parallelism()));
    journal.write(entry);
    return entry;
  }

  private StopOutcome stop(Journal journal, Journal.Entry entry)
      throws IOException, InterruptedException {
    FlinkStop stop = new FlinkStop(policy, flink, log, journal, entry);
    Ending ending;
    try {
      ending = stop.run();
    } catch (RefusedStop e) {
      journal.forget();
      throw e;
    }
    Journal.Entry now = stop.entry();
    if (ending instanceof Ending.Saved saved) {
      log.ok("every task has finished");
      return conclusion.prove(journal, now, saved.uri(), Receipt.Outcome.PROVED);
    } else if (ending instanceof Ending.FailedAfterSaving failed) {
      log.failed("the job failed while it stopped: " + failed.reason());
      return conclusion.prove(journal, now, failed.uri(), Receipt.Outcome.FAILED_WHILE_STOPPING);
    } else if (ending instanceof Ending.NotFinished hanging) {
      log.failed(hanging.reason());
      return new StopOutcome.TimedOut(
          "The savepoint is complete (%s), but the job does not end: %s. It commits at its end, so wait for it: the same command goes on waiting"
              .formatted(hanging.uri(), hanging.reason()));
    } else if (ending instanceof Ending.Gone gone) {
      journal.forget();
      log.failed("the job is " + gone.state());
      return new StopOutcome.NothingChanged(
          "The job is %s, and not by this stop%s; there is no savepoint of it. Resume from its last checkpoint"
              .formatted(gone.state(), gone.reason().isEmpty() ? "" : " (" + gone.reason() + ")"));
    }
    String reason =
        ending instanceof Ending.NoSavepoint none
            ? none.reason()
            : ((Ending.GraceOver) ending).reason();
    log.failed(reason);
    return policy.onTimeout() == OnTimeout.FAIL
        ? leave(journal, ending, reason)
        : escalate(journal, now, reason);
  }

  private StopOutcome leave(Journal journal, Ending ending, String reason) throws IOException {
    if (ending instanceof Ending.NoSavepoint) {
      journal.forget();
      return new StopOutcome.NothingChanged(
          "No savepoint could be made, and the job runs on: " + reason);
    }
    return new StopOutcome.TimedOut(
        "The grace period is over, and the job still runs (%s). Flink goes on with the savepoint until execution.checkpointing.timeout; the same command joins it, with --on-timeout checkpoint it cancels the job and keeps its last checkpoint"
            .formatted(reason));
  }

  private StopOutcome escalate(Journal journal, Journal.Entry entry, String reason)
      throws IOException, InterruptedException {
    log.begin(
        Step.FINISHED,
        "cancels the job, as --on-timeout %s says".formatted(policy.onTimeout().code()));
    Escalation.Cancelled cancelled;
    try {
      cancelled = new Escalation(flink).cancel(entry.job().id());
    } catch (IOException e) {
      log.failed(String.valueOf(e.getMessage()));
      return new StopOutcome.TimedOut(String.valueOf(e.getMessage()));
    }
    if (cancelled.state().equals("FINISHED")) {
      log.ok("the stop was quicker");
      return stop(journal, entry);
    }
    log.ok("the job is " + cancelled.state());
    return conclusion.cancelled(journal, entry, cancelled, reason);
  }
}
