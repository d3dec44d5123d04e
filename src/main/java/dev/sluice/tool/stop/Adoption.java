package dev.sluice.tool.stop;

import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.flink.StopStatus;
import dev.sluice.tool.refusal.RefusalCode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a stop continues the unfinished one that its journal holds: with one of the same run of
 * the job and with the same flags, which Flink may still be at. A stop under other flags, and a
 * savepoint that the job has left behind, need a person's decision.
 */
record Adoption(StopPolicy policy, JobManager flink) {

  /**
   * Judges an entry without a receipt.
   *
   * @param job as Flink shows it now
   * @return whether the same stop continues; if not, it says nothing of this job, and one of its
   *     own may begin
   * @throws RefusedStop if neither may be
   */
  boolean goesOn(Journal.Entry entry, JobOverview job, Instant now)
      throws IOException, InterruptedException {
    requireSameFlags(entry);
    boolean alive =
        job.isOver()
            || entry.mayGoOn(policy.grace(), now)
            || (entry.savepoint() != null && entry.jobStartedAt() != null);
    if ((alive && entry.isOf(job)) || isAtWork(entry, job)) {
      return true;
    }
    if (entry.savepoint() != null) {
      throw anotherRun(entry, entry.savepoint());
    }
    return false;
  }

  /** That the savepoint of a stop is complete, and that the job runs on or again. */
  RefusedStop anotherRun(Journal.Entry entry, String savepoint) {
    return refused(
        entry,
        ("its savepoint %s is complete, and this is another run of the job, or it has not ended since. 'sluice "
                + "verify' checks whether that savepoint is whole")
            .formatted(savepoint));
  }

  /**
   * @throws RefusedStop if the entry's stop was asked for under other flags
   */
  void requireSameFlags(Journal.Entry entry) throws RefusedStop {
    List<String> differences = differences(entry);
    if (!differences.isEmpty()) {
      throw refused(
          entry,
          "it was asked for %s. Give the flags of that stop to continue it"
              .formatted(String.join(", and ", differences)));
    }
  }

  /** A JobManager that took over from the one that recovered the job knows the stop by its id. */
  private boolean isAtWork(Journal.Entry entry, JobOverview job)
      throws IOException, InterruptedException {
    return flink.stopStatus(job.id(), entry.triggerId()) instanceof StopStatus.Running;
  }

  private RefusedStop refused(Journal.Entry entry, String difference) {
    Path file = Journal.file(policy.journal(), entry.job().id());
    return new RefusedStop(
        RefusalCode.STOP_OTHER_FLAGS,
        ("the journal %s holds a stop of job (%s) that was begun at %s and has not come to its end, and this one "
                + "is another: %s; to discard it, remove that file")
            .formatted(file, entry.job().name(), entry.startedAt(), difference));
  }

  /** Between the flags of the entry's stop and of this one. */
  List<String> differences(Journal.Entry entry) {
    List<String> differences = new ArrayList<>();
    if (entry.drain() != policy.drain()) {
      differences.add(
          entry.drain() ? "with --drain, this one without" : "without --drain, this one with it");
    }
    if (entry.nativeFormat() != policy.nativeFormat()) {
      differences.add(
          "with --type %s, this one with %s"
              .formatted(format(entry.nativeFormat()), format(policy.nativeFormat())));
    }
    String before = directory(entry.savepointDirectory());
    String now = directory(policy.savepointDirectory());
    if (!before.equals(now)) {
      differences.add("%s, this one %s".formatted(before, now));
    }
    return differences;
  }

  private static String format(boolean isNative) {
    return isNative ? "native" : "canonical";
  }

  private static String directory(@Nullable String named) {
    return named == null
        ? "without --savepointPath"
        : "with --savepointPath " + named.replaceAll("/+$", "");
  }
}
