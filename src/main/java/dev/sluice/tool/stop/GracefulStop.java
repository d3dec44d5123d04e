package dev.sluice.tool.stop;

import dev.sluice.settings.SettingsException;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.receipt.UntrustedReceiptException;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.stop.FlinkStopResult.Gone;
import dev.sluice.tool.stop.FlinkStopResult.OtherRun;
import dev.sluice.tool.stop.FlinkStopResult.Saved;
import dev.sluice.tool.stop.FlinkStopResult.Unsaved;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Stops a job with a savepoint and proves the stop: preflight, request, savepoint, finished,
 * committed, sane, receipt.
 *
 * <p>Safe to be killed and started again at any step, by this or another process with the same
 * journal: each request to Flink is recorded before it is sent, under an id chosen by the tool, so
 * that Flink treats a second request as the first. A stop that is over returns its receipt again.
 *
 * <p>Sources: Flink's REST interface (FLINK-18663, idempotent trigger ids), FLIP-34 (stop with
 * savepoint), KIP-664 (describing transactions).
 */
public final class GracefulStop {

  private static final Logger LOG = System.getLogger(GracefulStop.class.getName());
  private static final Duration REHEARSED = Duration.ofSeconds(10);

  private final ToolServices services;
  private final StopPolicy policy;
  private final StopLog log;
  private final JobManager flink;
  private final Grace grace;
  private final Beginning beginning;
  private final StopProver conclusion;
  private final LeftStops leftStops;
  private final WithoutFlink withoutFlink;

  /** How long to wait for another stop of the job. */
  private final Duration others;

  /** The stop to be ended, and no other is begun; null if a stop was asked for. */
  private final Journal.@Nullable Entry left;

  /** What Flink may have been asked for; null before, and when it is certain that it was not. */
  private Journal.@Nullable Entry asked;

  /**
   * @param patience with what may pass in a moment
   */
  private GracefulStop(
      ToolServices services,
      StopPolicy policy,
      StopListener listener,
      Duration patience,
      Journal.@Nullable Entry left,
      boolean rehearses) {
    this.services = services;
    this.left = left;
    this.others = policy.grace().plus(policy.proofPatience()).plusMinutes(2);
    this.leftStops = new LeftStops(services, policy);
    this.policy = policy;
    this.log = new StopLog(listener, services.time().clock());
    this.flink = services.flink(policy.rest());
    this.grace = new Grace(patience, log, services.time());
    Preflight preflight = new Preflight(services, policy, flink, rehearses);
    this.beginning = new Beginning(services, policy, flink, log, grace, preflight, left);
    this.conclusion = new StopProver(services, policy, log);
    this.withoutFlink =
        new WithoutFlink(policy, log, beginning, conclusion, leftStops, services.time());
  }

  /**
   * Begins a stop on a thread of its own.
   *
   * @param listener receives every step, on that thread
   * @return the outcome; exceptional only after a bug, or if the thread was interrupted
   */
  public static CompletableFuture<StopResult> start(
      ToolServices services, StopPolicy policy, StopListener listener) {
    return start(services, policy, listener, null);
  }

  /**
   * Begins a stop, or ends the given one.
   *
   * @param left begun before; null for the one that the policy asks for
   */
  static CompletableFuture<StopResult> start(
      ToolServices services,
      StopPolicy policy,
      StopListener listener,
      Journal.@Nullable Entry left) {
    CompletableFuture<StopResult> outcome = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                outcome.complete(
                    new GracefulStop(services, policy, listener, policy.grace(), left, false)
                        .run());
              } catch (Throwable bug) { // an Error too must reach who waits
                outcome.completeExceptionally(bug);
              }
            },
            "graceful-stop");
    thread.start();
    return outcome;
  }

  /**
   * Does what a stop does before its first request; creates the journal's directory if there is
   * none.
   *
   * @return what would happen, in a few sentences
   * @throws IOException if the stop would be refused; why
   */
  public static String rehearse(ToolServices services, StopPolicy policy)
      throws IOException, InterruptedException {
    GracefulStop stop = new GracefulStop(services, policy, event -> {}, REHEARSED, null, true);
    JobFacts facts = stop.grace.ask(stop.beginning::rehearse);
    Journal.requireUsable(policy.journal());
    if (stop.beginning.isGoingOn()) {
      return "would continue the stop of job (%s), %s, that has not come to its end"
          .formatted(facts.name(), facts.id());
    }
    return "would stop job (%s), %s, parallelism %s, with a %s savepoint in %s; after %s s without one it would %s%s"
        .formatted(
            facts.name(),
            facts.id(),
            facts.parallelism(),
            policy.nativeFormat() ? "native" : "canonical",
            policy.savepointDirectory() == null
                ? "the cluster's own directory"
                : policy.savepointDirectory(),
            policy.grace().toSeconds(),
            policy.onTimeout().words(),
            stop.beginning.warning());
  }

  StopResult run() throws InterruptedException {
    String wanted = left == null ? policy.job() : left.job().id();
    log.begin(Step.PREFLIGHT, "checks job (%s)".formatted(wanted));
    try {
      JobOverview job = grace.ask(() -> beginning.find(wanted), silence());
      Time time = services.time();
      long waiting = time.nanos();
      try (Journal journal = Journal.open(policy.journal(), job.id(), others, time)) {
        grace.extend(time.since(waiting));
        return stop(journal, job);
      }
    } catch (Journal.HeldException e) {
      log.failed(String.valueOf(e.getMessage()));
      return StopResult.of(
          StopResult.Kind.NOT_KNOWN,
          "%s. How that one ends is not known here; the same command waits for it again and then gives its receipt"
              .formatted(e.getMessage()));
    } catch (IOException | IllegalArgumentException | SettingsException e) {
      return failed(e, String.valueOf(e.getMessage()));
    } catch (RuntimeException | Error e) {
      if (asked == null) {
        throw e;
      }
      return failed(e, e.toString());
    }
  }

  /**
   * How long the JobManager may be silent. A JobManager without a standby, whose job has its
   * savepoint, has most likely ended with its job: the stop is proved without Flink.
   */
  private Duration silence() {
    Optional<Journal.Entry> last = left == null ? leftStops.last() : Optional.of(left);
    return last.filter(entry -> leftStops.isLeftByFlink(entry, log.now())).isPresent()
        ? FlinkStop.SILENT
        : policy.grace();
  }

  /** An error: what may be said of the job depends on the earlier requests to Flink. */
  private StopResult failed(Throwable thrown, String why) throws InterruptedException {
    log.failed(why);
    Journal.Entry entry = asked;
    if (entry != null) {
      LOG.log(Level.ERROR, "a stop broke off after it was asked for", thrown);
      return StopResult.of(
          StopResult.Kind.NOT_KNOWN,
          ("The stop was asked for, and broke off with an error (%s). Whether the job still runs is not known: "
                  + "check it in Flink. The same command continues this stop, which %s records")
              .formatted(why, Journal.file(policy.journal(), entry.job().id())));
    }
    if (!beginning.isMissing() && !Grace.isSilence(thrown)) {
      return nothing(thrown, why);
    }
    Optional<Journal.Entry> last = left == null ? leftStops.last() : Optional.of(left);
    if (last.isEmpty()) {
      return nothing(thrown, why + leftStops.elsewhere());
    }
    return beginning.hasSeenAnother(last.get())
        ? nothing(thrown, why)
        : withoutFlink.of(last.get(), why, others);
  }

  private static StopResult nothing(Throwable thrown, String why) {
    if (Grace.isUnanswered(thrown)) {
      return StopResult.of(
          StopResult.Kind.NOT_BEGUN,
          RefusalCode.NO_ANSWER.in(
              "Nothing was touched, and the same command may succeed: " + why));
    }
    return StopResult.of(
        StopResult.Kind.NOTHING_CHANGED,
        thrown instanceof RefusedStop ? "Refused, and nothing was touched: " + why : why);
  }

  /**
   * Holds the journal: no other stop of the job is under way on this machine.
   *
   * @param seen the job before the journal was free
   */
  private StopResult stop(Journal journal, JobOverview seen)
      throws IOException, InterruptedException {
    Optional<Journal.Entry> before = journal.read();
    if (before.isPresent() && beginning.isAnswered(before.get(), seen)) {
      return again(journal, before.get());
    }
    Journal.Entry entry = grace.ask(() -> beginning.entry(journal, before, seen.id()));
    return stop(journal, entry);
  }

  /**
   * A stop of this very run is over: reports its outcome again, or proves again what was not
   * proved.
   */
  private StopResult again(Journal journal, Journal.Entry entry)
      throws IOException, InterruptedException {
    Path file = Path.of(String.valueOf(entry.receipt()));
    String savepoint = entry.savepoint();
    Receipt receipt;
    try {
      receipt = ReceiptFile.read(file, policy.keys());
    } catch (UntrustedReceiptException e) {
      throw e;
    } catch (IOException e) {
      if (savepoint == null) {
        throw e;
      }
      log.progress("the receipt is proved again, as it can't be read: " + e.getMessage(), Map.of());
      return stop(journal, entry);
    }
    if (savepoint == null
        || !Reproof.isUnproved(
            receipt.resumedAs(conclusion.settled(receipt.resumptions(), entry, savepoint)))) {
      return conclusion.stoppedAlready(receipt, file);
    }
    log.ok(
        "the proof of the stop failed at %s: proves it again"
            .formatted(receipt.endedAt().truncatedTo(ChronoUnit.SECONDS)));
    return Reproof.isTold(receipt)
        ? conclusion.proveAgain(journal, entry, receipt)
        : stop(journal, entry);
  }

  private StopResult stop(Journal journal, Journal.Entry entry)
      throws IOException, InterruptedException {
    asked = entry;
    FlinkStop stop = new FlinkStop(policy, flink, log, journal, entry, grace);
    FlinkStopResult ending;
    try {
      ending = stop.run();
    } catch (RefusedStop e) {
      forget(journal);
      throw e;
    }
    asked = stop.entry();
    if (!(ending instanceof Unsaved unsaved)) {
      return over(journal, stop, ending);
    }
    log.failed(unsaved.reason());
    return policy.onTimeout() == OnTimeout.FAIL
        ? leave(journal, stop, unsaved)
        : escalate(journal, stop, unsaved.reason());
  }

  /** The result for a job that is over, or is about to be. */
  private StopResult over(Journal journal, FlinkStop stop, FlinkStopResult ending)
      throws IOException, InterruptedException {
    if (ending instanceof Saved saved) {
      return saved(journal, stop.entry(), saved);
    } else if (ending instanceof Gone gone) {
      forget(journal);
      log.failed("the job is " + gone.state());
      return gone.result(stop.entry().attempt());
    } else if (ending instanceof OtherRun other) {
      log.failed(other.reason());
      return StopResult.of(
          StopResult.Kind.NOT_KNOWN,
          "The savepoint that was asked for is complete, and another run of the job is there now, which may "
              + "have started from an older state and was not asked to stop: check it in Flink: "
              + other.reason());
    }
    throw new IllegalArgumentException("the job may run on: " + ending);
  }

  private StopResult saved(Journal journal, Journal.Entry now, Saved saved)
      throws InterruptedException {
    switch (saved.end()) {
      case FINISHED -> log.ok("every task has finished");
      case FAILED -> log.failed(Reproof.JOB_FAILED + ": " + saved.reason());
      case RUNNING, UNANSWERED -> log.failed(saved.reason());
    }
    return switch (saved.end()) {
      case FINISHED -> conclusion.prove(journal, now, saved.uri(), StopResult.Kind.PROVED);
      case FAILED ->
          conclusion.prove(journal, now, saved.uri(), StopResult.Kind.FAILED_WHILE_STOPPING);
      case UNANSWERED -> conclusion.proveWithoutFlink(journal, now, saved.uri(), saved.reason());
      case RUNNING ->
          StopResult.of(
              StopResult.Kind.TIMED_OUT,
              ("The savepoint is complete (%s), but the job does not end: %s. It commits at its end, so wait for "
                      + "it: the same command continues to wait")
                  .formatted(saved.uri(), saved.reason()));
    };
  }

  private StopResult leave(Journal journal, FlinkStop stop, Unsaved ending) throws IOException {
    if (ending.why() == FlinkStopResult.Why.FAILED) {
      forget(journal);
      return ending.left();
    }
    try {
      journal.write(stop.entry().givenUp(true));
    } catch (IOException e) {
      LOG.log(Level.WARNING, "a guard that starts may continue the stop that is given up", e);
    }
    return ending.left();
  }

  private StopResult escalate(Journal journal, FlinkStop stop, String reason)
      throws IOException, InterruptedException {
    log.begin(
        Step.FINISHED,
        "cancels the job, as --on-timeout %s says".formatted(policy.onTimeout().code()));
    Journal.Entry entry = stop.entry();
    Escalation.Cancelled cancelled;
    try {
      cancelled = new Escalation(flink, services.time()).cancel(entry.job().id());
    } catch (IOException e) {
      log.failed(String.valueOf(e.getMessage()));
      return StopResult.of(
          StopResult.Kind.NOT_KNOWN,
          "The job was to be cancelled, and Flink has not said that it is over (%s). The same command continues"
              .formatted(e.getMessage()));
    }
    FlinkStopResult ending = stop.afterEnd(cancelled.state());
    if (ending instanceof Unsaved silent) {
      log.failed(silent.reason());
      return StopResult.of(
          StopResult.Kind.NOT_KNOWN,
          ("The job is %s, and Flink does not report whether the savepoint was complete before (%s). The same "
                  + "command asks for it again; search for it before you resume from a checkpoint")
              .formatted(cancelled.state(), silent.reason()));
    }
    if (!(ending instanceof Gone) || cancelled.state().equals("FINISHED")) {
      return over(journal, stop, ending);
    }
    log.ok("the job is " + cancelled.state());
    return conclusion.cancelled(journal, entry, cancelled, reason);
  }

  /** The stop is abandoned: it is certain that Flink performs none. */
  private void forget(Journal journal) throws IOException {
    journal.forget();
    asked = null;
  }
}
