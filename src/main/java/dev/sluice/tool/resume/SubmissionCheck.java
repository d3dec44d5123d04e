package dev.sluice.tool.resume;

import dev.sluice.settings.JobSettings;
import dev.sluice.state.Uids;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.flink.SlotSupply;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.stop.JobFacts;
import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.connector.base.DeliveryGuarantee;

/**
 * Checks whether a job could be submitted, whatever its snapshot. Each method returns why not, and
 * is empty if nothing is known against it.
 */
record SubmissionCheck(ToolServices services, ResumePolicy policy) {

  private static final Duration POLL = Duration.ofMillis(250);

  /** Flink would report it only after the submission. */
  Optional<String> parallelism() {
    Integer parallelism = policy.parallelism();
    return parallelism == null || parallelism <= Uids.MAX_PARALLELISM
        ? Optional.empty()
        : Optional.of(
            RefusalCode.RESUME_PARALLELISM.in(
                ("--parallelism (%s) is more than the job's %s key groups, which are the same for the life of its "
                        + "snapshots; take at most %s")
                    .formatted(parallelism, Uids.MAX_PARALLELISM, Uids.MAX_PARALLELISM)));
  }

  /** Checks the parallelism, the jar and whether the cluster takes jobs at all. */
  Optional<String> obstacle() throws IOException, InterruptedException {
    Optional<String> tooParallel = parallelism();
    if (tooParallel.isPresent()) {
      return tooParallel;
    }
    if (!Files.isRegularFile(policy.jar()) || !Files.isReadable(policy.jar())) {
      return Optional.of(
          RefusalCode.RESUME_JAR.in(
              "the job's jar (%s) can't be read: name it with --jar".formatted(policy.jar())));
    }
    return services.flink(policy.rest(), ToolServices.SUBMISSION).takesJars()
        ? Optional.empty()
        : Optional.of(
            RefusalCode.RESUME_NO_SUBMISSION.in(
                "the cluster takes no jobs over REST: set web.submit.enable to true there, or run what 'sluice "
                    + "resume --print' prints"));
  }

  /**
   * Checks all of it before a job is stopped in order to be resumed: otherwise it would stay
   * stopped.
   *
   * @param job the one that is stopped before, whose slots are free then; empty if none runs
   * @throws IOException if Flink or the brokers do not answer
   */
  Optional<String> beforeStop(JobManager flink, Optional<JobOverview> job)
      throws IOException, InterruptedException {
    Optional<String> obstacle = obstacle();
    Integer parallelism = policy.parallelism(); // Null: the cluster's default, not published.
    if (obstacle.isEmpty() && parallelism != null) {
      int freed = job.isEmpty() ? 0 : flink.detail(job.get().id()).parallelism();
      obstacle = slots(flink, services.time(), parallelism, freed, Duration.ZERO);
    }
    return obstacle.isEmpty() && job.isPresent() ? rights(flink, job.get()) : obstacle;
  }

  /**
   * Checks whether a job finds the slots that it needs: without them it is taken, and then waits
   * and restarts until Flink gives it up. Every task of the job may share a slot with the others,
   * so it needs as many slots as its parallelism, unless the cluster may get more by itself.
   *
   * @param freed slots that are still taken by a job that stops first
   * @param patience how long to wait for the slots of a job that has just ended
   */
  static Optional<String> slots(
      JobManager flink, Time time, int parallelism, int freed, Duration patience)
      throws IOException, InterruptedException {
    Deadline deadline = time.after(patience);
    while (true) {
      SlotSupply slots = flink.slots();
      int free = slots.free() + freed;
      if (slots.onDemand() || free >= parallelism) {
        return Optional.empty();
      }
      if (deadline.isOver()) {
        return Optional.of(
            RefusalCode.RESUME_SLOTS.in(
                ("the job needs %s slots, and %s of the cluster's %s, on %s TaskManagers, %s "
                        + "free%s: start TaskManagers, or take --parallelism %s")
                    .formatted(
                        parallelism,
                        free,
                        slots.total(),
                        slots.taskManagers(),
                        free == 1 ? "is" : "are",
                        freed == 0 ? "" : " once the job has stopped",
                        Math.max(1, free))));
      }
      time.sleep(POLL);
    }
  }

  /** Checks whether this tool's user may ask the brokers what a resume asks them. */
  private Optional<String> rights(JobManager flink, JobOverview job)
      throws IOException, InterruptedException {
    Map<String, String> own = policy.secrets();
    own.putAll(policy.settings());
    JobSettings settings = JobFacts.of(flink, job).resumed(own);
    try (Brokers brokers = services.brokers(settings.kafka().clientProperties())) {
      brokers.beginnings(settings.topics().inputs());
      brokers.ends(settings.topics().inputs());
      brokers.ends(settings.topics().outputs().values());
      if (settings.sink().guarantee() == DeliveryGuarantee.EXACTLY_ONCE) {
        brokers.open(settings.sink().transactionalIdPrefix());
      }
      Set<String> unreadable = brokers.unreadable(settings.topics().outputs().values());
      return unreadable.isEmpty()
          ? Optional.empty()
          : notResumed(
              "this client's user has no right to read %s (deploy/secured-kafka.md lists what each command needs)"
                  .formatted(unreadable));
    } catch (IOException e) {
      if (!Brokers.lasts(e)) {
        throw e;
      }
      return notResumed(String.valueOf(e.getMessage()));
    }
  }

  private static Optional<String> notResumed(String why) {
    return Optional.of(RefusalCode.BROKERS.in("the job could be stopped, but not resumed: " + why));
  }
}
