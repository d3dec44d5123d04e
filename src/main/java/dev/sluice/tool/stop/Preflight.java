package dev.sluice.tool.stop;

import dev.sluice.settings.JobSettings;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.broker.ClusterMatch;
import dev.sluice.tool.flink.Checkpointing;
import dev.sluice.tool.flink.FlinkException;
import dev.sluice.tool.flink.JobDetail;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.flink.Machines;
import dev.sluice.tool.flink.SavedCheckpoint;
import dev.sluice.tool.flink.SavepointProgress;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.savepoint.BadSnapshotException;
import dev.sluice.tool.savepoint.SavedObjects;
import dev.sluice.tool.savepoint.SavepointDirectory;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.flink.connector.base.DeliveryGuarantee;

/**
 * Checks before a stop is requested whether it can succeed; touches nothing. Checks once: the
 * caller decides how long to retry after a temporary refusal.
 */
final class Preflight {

  private static final int STALE_INTERVALS = 10;
  private static final Duration STALE_AT_LEAST = Duration.ofMinutes(10);

  private final ToolServices services;
  private final StopPolicy policy;
  private final JobManager flink;
  private final boolean rehearses;
  private String warning = "";

  /**
   * @param rehearses whether nothing is stopped
   */
  Preflight(ToolServices services, StopPolicy policy, JobManager flink, boolean rehearses) {
    this.services = services;
    this.policy = policy;
    this.flink = flink;
    this.rehearses = rehearses;
  }

  /**
   * Whether the brokers answer, are the job's, and answer all that the proof will ask them.
   *
   * @param checkpoint the number of one that the job has completed recently
   */
  private void ask(JobFacts facts, JobSettings settings, long checkpoint)
      throws IOException, InterruptedException {
    try (Brokers brokers = services.brokers(settings.kafka().clientProperties())) {
      brokers.ping();
      if (settings.sink().guarantee() != DeliveryGuarantee.EXACTLY_ONCE) {
        return;
      }
      ClusterMatch match = brokers.match(facts.kafkaClusterId());
      refuseOtherCluster(match);
      brokers.open(settings.sink().transactionalIdPrefix());
      brokers.stableEnds(settings.topics().outputs().values());
      Optional<OtherBrokers> others = OtherBrokers.of(facts, policy.settings());
      if (others.isPresent()) {
        warn(others.get().words(match instanceof ClusterMatch.Same));
        others.get().requireItsIds(services, settings, checkpoint);
      }
    }
  }

  private static void refuseOtherCluster(ClusterMatch match) throws RefusedStop {
    if (match instanceof ClusterMatch.Other other) {
      throw new RefusedStop(
          RefusalCode.BROKERS,
          ("the stop could not be proved: %s. Give settings of the job's cluster, or none that name"
                  + " brokers; if these name none, the job's address for them leads to other ones from"
                  + " this machine")
              .formatted(other.words()));
    }
  }

  /** Everything about the job that the stop and the resume will need. */
  JobFacts check(JobOverview job) throws IOException, InterruptedException {
    if (job.isOver()) {
      throw new RefusedStop(RefusalCode.STOP_NOT_RUNNING, isOver(job));
    }
    refuseWithoutReader();
    JobDetail detail = flink.detail(job.id());
    refuseUnlessRunning(job, detail);
    Checkpointing checkpointing = flink.checkpointing(job.id());
    refuseSecondStop(job);
    long checkpoint = recentCheckpoint(job, checkpointing, detail.now());
    if (policy.onTimeout() == OnTimeout.CHECKPOINT && !checkpointing.retained()) {
      throw new RefusedStop(
          RefusalCode.STOP_NOTHING_KEPT,
          "--on-timeout checkpoint would leave nothing behind: Flink deletes the job's checkpoints when it is "
              + "cancelled; set execution.checkpointing.externalized-checkpoint-retention: RETAIN_ON_CANCELLATION");
    }
    JobFacts facts = JobFacts.of(flink, job);
    JobSettings settings = facts.jobSettings(policy.settings());
    String differences = facts.differences(policy.settings());
    warning = differences;
    refuseShortTransactions(settings.sink(), checkpointing, differences);
    Optional<String> directory = directory();
    if (directory.isPresent()) {
      refuseUnreadable(directory.get());
    }
    try {
      ask(facts, settings, checkpoint);
    } catch (RefusedStop e) {
      throw e;
    } catch (IOException e) {
      throw Brokers.lasts(e)
          ? new RefusedStop(RefusalCode.BROKERS, "the stop could not be proved: " + e.getMessage())
          : RefusedStop.passing(
              Grace.isUnanswered(e) ? RefusalCode.NO_ANSWER : RefusalCode.BROKERS, e);
    }
    return facts;
  }

  /** What is to be known in addition to the facts, a sentence or two; empty if nothing is. */
  String warning() {
    return warning;
  }

  /** Where the savepoint will be; empty if only the job knows, or if it is not known. */
  private Optional<String> directory() throws IOException, InterruptedException {
    if (policy.savepointDirectory() != null) {
      return Optional.of(policy.savepointDirectory());
    }
    try {
      return flink.savepointDirectory();
    } catch (FlinkException hidden) {
      if (hidden.isUnknown()) {
        return Optional.empty();
      }
      throw hidden;
    }
  }

  /** It may not be known where the savepoint will be, but it is to be read. */
  private static void refuseWithoutReader() throws RefusedStop {
    try {
      SavedObjects.requireFilter();
    } catch (BadSnapshotException e) {
      throw new RefusedStop(RefusalCode.STOP_UNREADABLE_DIRECTORY, String.valueOf(e.getMessage()));
    }
  }

  /** A savepoint that can't be read can't be proved, and the job is stopped by then. */
  private void refuseUnreadable(String uri) throws RefusedStop, InterruptedException {
    try {
      DirectoryLook.at(uri, ToolServices.ANSWER, rehearses, services.time());
    } catch (BadSnapshotException | IllegalArgumentException e) {
      throw new RefusedStop(RefusalCode.STOP_UNREADABLE_DIRECTORY, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw RefusedStop.passing(RefusalCode.STOP_UNREADABLE_DIRECTORY, e);
    }
    List<String> remote = Machines.others(policy.rest());
    if (!remote.isEmpty() && SavepointDirectory.isOfOneMachine(uri)) {
      warn(
          ("the savepoint goes to %s on the JobManager's machine (%s): unless this machine has that directory "
                  + "mounted, the savepoint can't be read here, and its proof fails")
              .formatted(uri, String.join(" or ", remote)));
    }
  }

  private void warn(String sentence) {
    warning = warning.isEmpty() ? sentence : warning + ". And " + sentence;
  }

  /** What to say of a job that is over. */
  static String isOver(JobOverview job) {
    return "job (%s), %s, is %s already: there is nothing to stop"
        .formatted(job.name(), job.id(), job.state());
  }

  private void refuseUnlessRunning(JobOverview job, JobDetail detail)
      throws IOException, InterruptedException {
    String state = flink.state(job.id());
    if (state.equals("RUNNING") && detail.allTasksRun()) {
      return;
    }
    String why = flink.failure(job.id());
    String text =
        "job (%s) is %s%s, and only a job of which every task runs can write a savepoint%s"
            .formatted(
                job.name(),
                state,
                state.equals("RUNNING") ? ", but not all of its tasks are" : "",
                why.isEmpty() ? "" : "; it failed last with: " + why);
    throw JobOverview.isOver(state)
        ? new RefusedStop(RefusalCode.STOP_NOT_RUNNING, text)
        : RefusedStop.passing(RefusalCode.STOP_NOT_RUNNING, text);
  }

  private void refuseSecondStop(JobOverview job) throws IOException, InterruptedException {
    for (SavepointProgress savepoint : flink.savepoints(job.id())) {
      if (savepoint.stops() && savepoint.status().equals("IN_PROGRESS")) {
        throw new RefusedStop(
            RefusalCode.STOP_IN_PROGRESS,
            ("somebody else is stopping job (%s) already: savepoint %s is at %s of %s subtasks. A second request "
                    + "would abort it; wait, and ask again")
                .formatted(
                    job.name(), savepoint.id(), savepoint.acknowledged(), savepoint.subtasks()));
      }
    }
  }

  /**
   * The number of the last checkpoint, which is refused if it is old.
   *
   * @param now by the JobManager's clock, which dates completed checkpoints
   */
  private long recentCheckpoint(JobOverview job, Checkpointing checkpointing, Instant now)
      throws IOException, InterruptedException {
    Optional<SavedCheckpoint> last = flink.lastCheckpoint(job.id());
    if (last.isEmpty()) {
      throw RefusedStop.passing(
          RefusalCode.STOP_CHECKPOINTS,
          ("job (%s) has not completed a checkpoint yet: if a task failed while it stops, it would start without "
                  + "state. Wait for the first one, due every %s s%s")
              .formatted(job.name(), checkpointing.interval().toSeconds(), failure(job)));
    }
    Duration limit = checkpointing.interval().multipliedBy(STALE_INTERVALS);
    Duration age = Duration.between(last.get().completedAt(), now);
    if (age.compareTo(limit.compareTo(STALE_AT_LEAST) > 0 ? limit : STALE_AT_LEAST) > 0) {
      throw new RefusedStop(
          RefusalCode.STOP_CHECKPOINTS,
          ("the last checkpoint of job (%s) is %s min old though one is due every %s s: checkpoints fail, and a "
                  + "savepoint would too. Check the job's checkpoints first%s")
              .formatted(
                  job.name(), age.toMinutes(), checkpointing.interval().toSeconds(), failure(job)));
    }
    return last.get().id();
  }

  private String failure(JobOverview job) throws IOException, InterruptedException {
    return flink.checkpointFailure(job.id()).map(why -> ": " + why).orElse("");
  }

  private void refuseShortTransactions(
      JobSettings.Sink sink, Checkpointing checkpointing, String differences) throws RefusedStop {
    Duration needed = checkpointing.interval().plus(policy.grace());
    if (sink.guarantee() == DeliveryGuarantee.EXACTLY_ONCE
        && sink.transactionTimeout().compareTo(needed) < 0) {
      throw new RefusedStop(
          RefusalCode.STOP_TRANSACTION_TIMEOUT,
          ("sluice.sink.transaction-timeout (%s s) does not cover the checkpoint interval and the grace period (%s "
                  + "s): a transaction could expire before the savepoint that it belongs to is complete, and its "
                  + "answers "
                  + "would be lost. Choose a shorter --grace, or a longer timeout at the next start%s")
              .formatted(
                  sink.transactionTimeout().toSeconds(),
                  needed.toSeconds(),
                  differences.isEmpty() ? "" : ": " + differences));
    }
  }
}
