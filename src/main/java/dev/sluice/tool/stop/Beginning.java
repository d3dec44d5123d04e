package dev.sluice.tool.stop;

import dev.sluice.tool.flink.FlinkException;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.flink.StopStatus;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a stop begins: finds the job, and either continues the stop that the journal holds or makes
 * the preflight and records a new one. Asks Flink for nothing. Checks once; the caller decides how
 * long to retry after a temporary refusal. Used by one thread.
 */
final class Beginning {

  private static final Duration RECOVERY = Duration.ofSeconds(10);
  private static final int ATTEMPTS = 1_000;

  private final ToolServices services;
  private final StopPolicy policy;
  private final JobManager flink;
  private final StopLog log;
  private final Grace grace;
  private final Preflight preflight;
  private final Adoption adoption;

  /** Since when the JobManager answers that it knows no such job. */
  private @Nullable Long missingSince;

  private boolean missing;
  private boolean goingOn;

  /** The job as it was found last; null before. */
  private @Nullable JobOverview seen;

  /** The stop to be ended, if no other one may begin. */
  private final Journal.@Nullable Entry left;

  /**
   * @param left a stop that is to be ended; null if one may begin
   */
  Beginning(
      ToolServices services,
      StopPolicy policy,
      JobManager flink,
      StopLog log,
      Grace grace,
      Preflight preflight,
      Journal.@Nullable Entry left) {
    this.services = services;
    this.left = left;
    this.policy = policy;
    this.flink = flink;
    this.log = log;
    this.grace = grace;
    this.preflight = preflight;
    this.adoption = new Adoption(policy, flink);
  }

  /** The job to be stopped, or that was. One that a JobManager may yet recover is waited for. */
  JobOverview find(String nameOrId) throws IOException, InterruptedException {
    Optional<JobOverview> found = flink.find(nameOrId);
    missing = found.isEmpty();
    if (found.isPresent()) {
      seen = found.get();
      return found.get();
    }
    String unknown = flink.unknown(nameOrId);
    if (!grace.hasWaited() && !flink.jobs().isEmpty()) {
      throw new RefusedStop(RefusalCode.NO_JOB, unknown);
    }
    long now = services.time().nanos();
    long since = missingSince == null ? now : missingSince;
    missingSince = since;
    throw now - since < RECOVERY.toNanos()
        ? RefusedStop.passing(RefusalCode.NO_JOB, unknown)
        : new RefusedStop(RefusalCode.NO_JOB, unknown);
  }

  /**
   * @throws RefusedStop if the entry's stop was asked for under other flags
   */
  void requireSameFlags(Journal.Entry entry) throws RefusedStop {
    adoption.requireSameFlags(entry);
  }

  /** With which other flags the entry's stop was asked for; none if with the same. */
  List<String> differences(Journal.Entry entry) {
    return adoption.differences(entry);
  }

  /** Whether the job was found, and is not the run that the entry's stop is of. */
  boolean hasSeenAnother(Journal.Entry entry) {
    JobOverview job = seen;
    return job != null && !(job.id().equals(entry.job().id()) && entry.isOf(job));
  }

  /** Whether the JobManager answered last that it knows no such job. */
  boolean isMissing() {
    return missing;
  }

  /** Whether the rehearsal has found a stop to continue. */
  boolean isGoingOn() {
    return goingOn;
  }

  /** Everything that is checked before a stop is recorded. */
  JobFacts rehearse() throws IOException, InterruptedException {
    JobOverview job = find(policy.job());
    Optional<Journal.Entry> before = Journal.peek(policy.journal(), job.id());
    if (before.isPresent()
        && new LeftStops(services, policy).isOpen(before.get(), job)
        && adoption.goesOn(before.get(), job, log.now())) {
      goingOn = true;
      return before.get().job(); // A stop continues it, without a preflight.
    }
    return preflight.check(job);
  }

  /** The preflight's warnings, to be printed after its findings; empty for nothing. */
  String warning() {
    return preflight.warning().isEmpty() ? "" : ". But " + preflight.warning();
  }

  /** Whether the entry has the receipt of this run, as if another stop has ended it meanwhile. */
  boolean isAnswered(Journal.Entry entry, JobOverview job) throws InterruptedException {
    if (entry.receipt() == null || !entry.isOf(job)) {
      return false;
    }
    try {
      return JobOverview.isOver(flink.state(job.id()));
    } catch (IOException e) {
      return true; // In application mode the JobManager ends with its job.
    }
  }

  /**
   * The stop to request from Flink, recorded.
   *
   * @param before what the journal held
   */
  Journal.Entry entry(Journal journal, Optional<Journal.Entry> before, String jobId)
      throws IOException, InterruptedException {
    JobOverview job = find(jobId);
    boolean unfinished =
        before.isPresent() && new LeftStops(services, policy).isOpen(before.get(), job);
    if (unfinished && adoption.goesOn(before.get(), job, log.now())) {
      log.ok(
          "continues the stop that was begun at %s and did not come to its end"
              .formatted(before.get().startedAt()));
      return takenUp(journal, before.get());
    }
    if (job.isOver() && before.isPresent()) {
      throw new RefusedStop(
          RefusalCode.STOP_NOT_RUNNING,
          "%s; %s is of an earlier run of it"
              .formatted(
                  Preflight.isOver(job),
                  unfinished
                      ? "the stop that was begun at " + before.get().startedAt()
                      : "the receipt " + before.get().receipt()));
    }
    if (left != null) {
      throw new RefusedStop(
          RefusalCode.STOP_OTHER_RUN,
          ("the stop of job %s that was begun at %s can't be brought to its end, as this "
                  + "is another run of the job, and no other stop was asked for")
              .formatted(left.job().id(), left.startedAt()));
    }
    return begin(journal, job);
  }

  private static Journal.Entry takenUp(Journal journal, Journal.Entry entry) throws IOException {
    if (!entry.behind().givenUp()) {
      return entry;
    }
    Journal.Entry again = entry.givenUp(false);
    journal.write(again);
    return again;
  }

  private Journal.Entry begin(Journal journal, JobOverview job)
      throws IOException, InterruptedException {
    JobFacts facts = preflight.check(job);
    int attempt = attempt(job);
    Journal.Entry entry =
        new Journal.Entry(
            Journal.Entry.VERSION,
            facts,
            TriggerId.of(job.id(), job.startedAt(), attempt),
            log.startedAt().toString(),
            policy.savepointDirectory(),
            policy.drain(),
            policy.nativeFormat(),
            null,
            null,
            job.startedAt().toString(),
            attempt,
            isHighlyAvailable(),
            Journal.Entry.rest(policy.rest()),
            null);
    journal.write(entry);
    log.ok(
        "job %s runs with parallelism %s, its brokers answer, its last checkpoint is recent%s"
            .formatted(facts.id(), facts.parallelism(), warning()));
    return entry;
  }

  private @Nullable Boolean isHighlyAvailable() throws IOException, InterruptedException {
    try {
      return flink.isHighlyAvailable();
    } catch (FlinkException e) {
      return null; // Its configuration may be kept from us.
    }
  }

  /** The first attempt that has not ended: of those before Flink remembers the end for a while. */
  private int attempt(JobOverview job) throws IOException, InterruptedException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      StopStatus status =
          flink.stopStatus(job.id(), TriggerId.of(job.id(), job.startedAt(), attempt));
      if (status instanceof StopStatus.Unknown || status instanceof StopStatus.Running) {
        return attempt;
      }
    }
    throw new RefusedStop(
        RefusalCode.STOP_BY_FLINK,
        "Flink says of %s stops of the job that they ended".formatted(ATTEMPTS));
  }
}
