package dev.sluice.tool.stop;

import dev.sluice.tool.flink.FlinkException;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.flink.SavepointProgress;
import dev.sluice.tool.flink.StopRequest;
import dev.sluice.tool.flink.StopStatus;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.stop.FlinkStopResult.JobEnd;
import dev.sluice.tool.stop.FlinkStopResult.Saved;
import dev.sluice.tool.stop.FlinkStopResult.Unsaved;
import dev.sluice.tool.stop.FlinkStopResult.Why;
import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The part of a stop that Flink does: request, savepoint, end of the job. One loop for every
 * earlier state: what the JobManager does not know under the stop's trigger id is asked for under
 * that id, so a request that got lost, a tool that was killed and a JobManager that was replaced
 * are one case, and a stop is never asked for twice. After a failed savepoint the next one is
 * requested under a new id, which is recorded first. Used by one thread.
 */
final class FlinkStop {

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration SHOW = Duration.ofSeconds(1);
  private static final Duration TROUBLE = SHOW.dividedBy(2);
  private static final Duration FINISH_AT_LEAST = Duration.ofMinutes(1);
  private static final Duration SETTLE = Duration.ofSeconds(10);

  /** After which a JobManager whose job is saved counts as gone. */
  static final Duration SILENT = Duration.ofSeconds(15);

  private final StopPolicy policy;
  private final JobManager flink;
  private final StopLog log;
  private final Journal journal;

  private Journal.Entry entry;
  private Step step = Step.REQUEST;
  private final Deadline graceEnds;
  private final Time time;
  private Deadline deadline;
  private long answered;
  private long shown;
  private String trouble = "";

  /** Why Flink can't be asked now; empty if it was. */
  private String obstacle = "";

  /** Why the last savepoint failed; null if none has, or the next one may be under way. */
  private @Nullable String failure;

  private final FailedSavepoints failures = new FailedSavepoints();

  /** Whether Flink is known to have got a request. */
  private boolean posted;

  /** Whether the last round ended with a request, of which nothing is known yet. */
  private boolean justPosted;

  /** Until when no other savepoint is asked for. */
  private Deadline pausing;

  FlinkStop(
      StopPolicy policy,
      JobManager flink,
      StopLog log,
      Journal journal,
      Journal.Entry entry,
      Grace grace) {
    this.policy = policy;
    this.flink = flink;
    this.log = log;
    this.journal = journal;
    this.entry = entry;
    this.graceEnds = grace.deadline();
    this.deadline = graceEnds;
    this.time = graceEnds.time();
    this.answered = time.nanos();
    this.pausing = time.after(Duration.ZERO);
  }

  /** Asks, and waits until it is clear how it ended. */
  FlinkStopResult run() throws IOException, InterruptedException {
    log.begin(Step.REQUEST, "asks job %s to stop".formatted(entry.job().id()));
    while (true) {
      FlinkStopResult ending = null;
      justPosted = false;
      try {
        ending = look();
        trouble = "";
        answered = time.nanos();
      } catch (RefusedStop e) {
        throw e;
      } catch (IOException e) {
        trouble = String.valueOf(e.getMessage());
        log.progress("is waiting: " + trouble, Map.of());
        time.sleep(TROUBLE);
      }
      if (ending != null) {
        return ending;
      }
      if (deadline.isOver() && !justPosted) {
        return timedOut();
      }
      time.sleep(POLL);
    }
  }

  private @Nullable FlinkStopResult look() throws IOException, InterruptedException {
    String jobId = entry.job().id();
    StopStatus status = flink.stopStatus(jobId, entry.triggerId());
    if (status instanceof StopStatus.Saved saved) {
      return saved(saved.uri());
    } else if (status instanceof StopStatus.FailedAfterSaving failed) {
      return failedAfterSaving(failed.uri(), failed.reason());
    } else if (status instanceof StopStatus.Failed failed) {
      posted = true;
      to(Step.SAVEPOINT, null);
      return again(failed.reason());
    } else if (status instanceof StopStatus.Running) {
      posted = true;
      failure = null; // Another tool may have been the first to ask for this one.
      obstacle = "";
      to(Step.SAVEPOINT, null);
      return show();
    }
    return ask();
  }

  /**
   * Prepares another savepoint after one that failed, as an object store may fail for a while: the
   * next id is recorded, and requested after a pause. It retries failures until the grace period is
   * over.
   *
   * @return the end, if tasks decline each of them and the job is to be left as it is
   */
  private @Nullable FlinkStopResult again(String reason) throws InterruptedException {
    Journal.Entry next = entry.again();
    try {
      journal.write(next);
    } catch (IOException e) {
      failure =
          "%s; another one is not asked for, as it can't be written down: %s".formatted(reason, e);
      log.progress("the savepoint failed: " + failure, Map.of());
      time.sleep(TROUBLE);
      return null;
    }
    entry = next;
    failures.add(reason);
    failure = reason;
    if (failures.areDeclined() && policy.onTimeout() == OnTimeout.FAIL) {
      FlinkStopResult end =
          noSavepoint(
              "%s; %s savepoints in a row failed so, and each has restarted the job"
                  .formatted(reason, failures.inARow()));
      return end instanceof Unsaved left && left.why() == Why.NOT_ASKED
          ? new Unsaved(Why.GIVEN_UP, left.reason())
          : end;
    }
    Duration left = deadline.remaining();
    Duration pause = failures.pause(left);
    pausing = time.after(pause);
    log.progress(
        "the savepoint failed, %s: %s"
            .formatted(
                pause.compareTo(left) > 0
                    ? "and no other one is asked for"
                    : "the next one is asked for in %s s".formatted(pause.toSeconds()),
                reason),
        Map.of());
    return null;
  }

  /** No further savepoint is asked for: whether the job still runs is checked, not assumed. */
  private FlinkStopResult noSavepoint(String reason) throws InterruptedException {
    try {
      String state = flink.state(entry.job().id());
      if (JobOverview.isOver(state)) {
        return over(state);
      }
      return state.equals("RUNNING")
          ? new Unsaved(Why.FAILED, reason)
          : new Unsaved(
              Why.NOT_ASKED,
              "the last one failed (%s), and the job is %s".formatted(reason, state));
    } catch (IOException e) {
      return new Unsaved(Why.UNANSWERED, "%s; %s".formatted(reason, e.getMessage()));
    }
  }

  /** Asks for what the JobManager knows nothing of, unless the job has ended meanwhile. */
  private @Nullable FlinkStopResult ask() throws IOException, InterruptedException {
    String jobId = entry.job().id();
    String state = flink.state(jobId);
    if (JobOverview.isOver(state)) {
      return over(state);
    }
    if (failure != null && !state.equals("RUNNING")) {
      failures.jobRestarts();
    }
    if (!pausing.isOver()) {
      return null;
    }
    if (!state.equals("RUNNING") || !flink.detail(jobId).allTasksRun()) {
      obstacle = state.equals("RUNNING") ? "not all of the job's tasks run" : "the job is " + state;
      log.progress("is waiting: " + obstacle, Map.of());
      time.sleep(TROUBLE);
      return null;
    }
    obstacle = "";
    FlinkStopResult other = follow(jobId);
    if (other != null) {
      return other;
    }
    failure = null;
    try {
      flink.stop(
          jobId,
          entry.triggerId(),
          new StopRequest(entry.savepointDirectory(), entry.drain(), entry.nativeFormat()));
      posted = true;
      justPosted = true;
    } catch (FlinkException e) {
      if (e.isPassing()) {
        throw e;
      }
      throw new RefusedStop(
          RefusalCode.STOP_BY_FLINK,
          "Flink refuses the stop, and the job runs on: " + e.getMessage());
    }
    return null;
  }

  /**
   * Records which run of the job it stops, if another JobManager has recovered it meanwhile, and
   * that a savepoint which the job has left behind does not belong to the current stop.
   *
   * @return the end, if the job may have been resumed from this stop's savepoint instead
   */
  private @Nullable FlinkStopResult follow(String jobId) throws IOException, InterruptedException {
    Optional<JobOverview> run = flink.find(jobId);
    boolean same = run.isEmpty() || entry.isOf(run.get());
    String savepoint = entry.savepoint();
    if (same && savepoint == null) {
      return null;
    }
    if (!same && savepoint != null) {
      Optional<String> restored = flink.restored(jobId);
      if (restored.isEmpty() || StopHistory.isSame(restored.get(), savepoint)) {
        return new FlinkStopResult.OtherRun(
            String.valueOf(new Adoption(policy, flink).anotherRun(entry, savepoint).getMessage()));
      }
    }
    Journal.Entry now =
        same ? entry.unsaved() : entry.ofRun(run.get().startedAt(), JobFacts.of(flink, run.get()));
    journal.write(now);
    entry = now;
    if (step == Step.FINISHED) {
      step = Step.SAVEPOINT;
      deadline = graceEnds;
      log.begin(
          Step.SAVEPOINT, "waits for another savepoint, as the job has left the first behind");
    }
    return null;
  }

  /**
   * The state of the stop when the job was ended by other means: its savepoint may have been
   * complete just before.
   *
   * @param state of the job that is over
   */
  FlinkStopResult afterEnd(String state) throws InterruptedException {
    Deadline settled = time.after(SETTLE);
    String why = "the job is " + state;
    boolean silent = false;
    while (!settled.isOver()) {
      try {
        StopStatus status = flink.stopStatus(entry.job().id(), entry.triggerId());
        if (status instanceof StopStatus.Saved saved && state.equals("FINISHED")) {
          return saved(saved.uri());
        } else if (status instanceof StopStatus.FailedAfterSaving failed) {
          return failedAfterSaving(failed.uri(), failed.reason());
        } else if (!(status instanceof StopStatus.Running)) {
          return over(state);
        }
        silent = false;
      } catch (IOException e) {
        silent = true;
        why = String.valueOf(e.getMessage());
      }
      time.sleep(POLL);
    }
    String uri = entry.savepoint();
    if (silent && (uri == null || state.equals("FINISHED"))) {
      return uri == null
          ? new Unsaved(Why.UNANSWERED, why)
          : new Saved(uri, JobEnd.UNANSWERED, why);
    }
    return uri == null ? new FlinkStopResult.Gone(state, why) : new Saved(uri, JobEnd.FAILED, why);
  }

  /** A job that is over, of whose stop the JobManager has forgotten the result. */
  private FlinkStopResult over(String state) throws IOException, InterruptedException {
    Optional<SavepointProgress> made =
        ofThisStop().filter(one -> one.status().equals("COMPLETED")).findFirst();
    String known = entry.savepoint();
    boolean sameRun = flink.find(entry.job().id()).map(entry::isOf).orElse(true);
    String uri = made.map(SavepointProgress::uri).orElse(sameRun ? known : null);
    if (uri == null || uri.isEmpty()) {
      return known != null && state.equals("FINISHED")
          ? new Saved(known, JobEnd.UNANSWERED, "Flink shows another run of the job")
          : new FlinkStopResult.Gone(state, flink.failure(entry.job().id()));
    }
    to(Step.FINISHED, uri); // Before the next request, which may fail.
    return state.equals("FINISHED")
        ? saved(uri)
        : failedAfterSaving(uri, flink.failure(entry.job().id()));
  }

  private FlinkStopResult saved(String uri) {
    to(Step.FINISHED, uri);
    return new Saved(uri, JobEnd.FINISHED, "");
  }

  private FlinkStopResult failedAfterSaving(String uri, String reason) {
    to(Step.FINISHED, uri);
    return new Saved(uri, JobEnd.FAILED, reason);
  }

  /** The newest first; none that the job was found to run after. */
  private Stream<SavepointProgress> ofThisStop() throws IOException, InterruptedException {
    return flink.savepoints(entry.job().id()).stream()
        .filter(one -> one.stops() && !entry.behind().hasLeft(one.uri()));
  }

  private @Nullable FlinkStopResult show() throws IOException, InterruptedException {
    long now = time.nanos();
    if (now - shown < SHOW.toNanos()) {
      return null;
    }
    shown = now;
    Optional<SavepointProgress> latest = ofThisStop().findFirst();
    Map<String, Long> figures = new HashMap<>();
    figures.put("elapsedMs", policy.grace().minus(deadline.remaining()).toMillis());
    figures.put("graceMs", policy.grace().toMillis());
    if (latest.isPresent() && step == Step.SAVEPOINT) {
      SavepointProgress one = latest.get();
      figures.put("subtasksAcknowledged", (long) one.acknowledged());
      figures.put("subtasks", (long) one.subtasks());
      figures.put("bytes", one.bytes());
      log.progress(
          "%s of %s subtasks have written their part, %,d bytes"
              .formatted(one.acknowledged(), one.subtasks(), one.bytes()),
          figures);
      if (one.status().equals("COMPLETED") && !one.uri().isEmpty()) {
        to(Step.FINISHED, one.uri());
      }
    } else {
      log.progress(
          "is waiting for " + (step == Step.FINISHED ? "the job's end" : "the savepoint"), figures);
    }
    return null;
  }

  /** Ends every step before this one. */
  private void to(Step next, @Nullable String uri) {
    if (step == Step.REQUEST && next.compareTo(Step.REQUEST) > 0) {
      log.ok("Flink knows the stop as %s".formatted(entry.triggerId()));
      step = Step.SAVEPOINT;
      log.begin(Step.SAVEPOINT, "waits for the savepoint");
    }
    if (step == Step.SAVEPOINT && next == Step.FINISHED && uri != null) {
      entry = entry.saved(uri);
      try {
        journal.write(entry);
      } catch (IOException e) { // for example after a full disk: what Flink has done is done
        log.progress("can't write down that the savepoint is complete: " + e, Map.of());
      }
      log.ok("the savepoint is complete: " + uri);
      step = Step.FINISHED;
      log.begin(Step.FINISHED, "waits for the job's end");
      deadline = deadline.leaving(FINISH_AT_LEAST);
    }
  }

  private FlinkStopResult timedOut() throws InterruptedException {
    String waited = "%s s have passed".formatted(policy.grace().toSeconds());
    String why = trouble.isEmpty() ? waited : waited + "; " + trouble;
    String uri = entry.savepoint();
    Duration silence = trouble.isEmpty() ? Duration.ZERO : time.since(answered);
    if (uri != null && (step == Step.FINISHED || silence.compareTo(SILENT) > 0)) {
      return afterSaving(uri, why, silence);
    } else if (!trouble.isEmpty()) {
      return new Unsaved(Why.UNANSWERED, why);
    }
    if (failure != null) {
      return noSavepoint(failure);
    }
    if (!obstacle.isEmpty()) {
      return new Unsaved(Why.NOT_ASKED, waited + ", and " + obstacle);
    }
    return posted ? new Unsaved(Why.LATE, why) : new Unsaved(Why.NOT_ASKED, waited);
  }

  /** The end of the waiting for a job that is saved: one lost answer is no silence. */
  static FlinkStopResult afterSaving(String uri, String why, Duration silence) {
    return new Saved(uri, silence.compareTo(SILENT) > 0 ? JobEnd.UNANSWERED : JobEnd.RUNNING, why);
  }

  /** What is recorded by now. */
  Journal.Entry entry() {
    return entry;
  }
}
