package dev.sluice.tool.resume;

import dev.sluice.ledger.Partition;
import dev.sluice.tool.flink.JobDetail;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.flink.SavedCheckpoint;
import dev.sluice.tool.savepoint.BadSnapshotException;
import dev.sluice.tool.savepoint.SavepointDirectory;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Waits until a job that was submitted continues, or reports why it does not. */
final class ContinuationCheck {

  private static final String TASKS = "all of its tasks run";
  private static final String INITIALIZING = "INITIALIZING";
  private static final Duration POLL = Duration.ofMillis(250);

  /** Flink shows the reason of a failure some seconds after the failure. */
  private static final Duration REASON = Duration.ofSeconds(10);

  private final ResumePolicy policy;
  private final JobManager flink;
  private final Time time;

  /** The newest checkpoint that was known when one was asked for last; -1 before. */
  private long requestedAfter = -1;

  /** Whether the job's checkpoints are of another machine, and show nothing of its sources here. */
  private boolean unseen;

  ContinuationCheck(ResumePolicy policy, JobManager flink, Time time) {
    this.time = time;
    this.policy = policy;
    this.flink = flink;
  }

  /** Waits for every task, the first checkpoint and sources that move; empty, or why not. */
  Optional<String> await(Snapshot from, String jobId, boolean mustMove)
      throws InterruptedException {
    Deadline deadline = time.after(policy.patience());
    String missing = TASKS;
    String state = "";
    while (!deadline.isOver()) {
      try {
        state = flink.state(jobId);
        if (JobOverview.isOver(state)) {
          return Optional.of(
              "Job %s was submitted and is %s: %s. The snapshot is as it was"
                  .formatted(jobId, state, reason(jobId)));
        }
        if (state.equals(INITIALIZING)) {
          missing = TASKS;
          time.sleep(POLL);
          continue; // Only a JobMaster answers what follows.
        }
        JobDetail detail = flink.detail(jobId);
        missing = TASKS;
        if (state.equals("RUNNING") && detail.allTasksRun()) {
          missing = "its first checkpoint is complete";
          Optional<SavedCheckpoint> first = flink.lastCheckpoint(jobId);
          if (first.isEmpty()) {
            requestCheckpoint(jobId, 0);
            missing += flink.checkpointFailure(jobId).map(why -> " (%s)".formatted(why)).orElse("");
          } else {
            missing = "its sources move";
            unseen = mustMove && isElsewhere(first.get());
            if (!mustMove || unseen || moved(from, first.get())) {
              return Optional.empty();
            }
            requestCheckpoint(jobId, first.get().id());
          }
        }
      } catch (IOException
          | UncheckedIOException e) { // a checkpoint may have been deleted meanwhile
        missing = "it can be asked (%s)".formatted(e.getMessage());
      }
      time.sleep(POLL);
    }
    return Optional.of(
        ("Job %s was submitted, but within %s s this was not reached: %s. It is left "
                + "in Flink and may still start: see 'sluice status %s'. To give it up, %s; the "
                + "snapshot is as it was")
            .formatted(
                jobId,
                policy.patience().toSeconds(),
                missing.equals(TASKS) ? missing + why(from, jobId, state) : missing,
                jobId,
                RunningCopies.cancel(policy.rest(), jobId)));
  }

  /**
   * Asks for a checkpoint, and for another one when a newer one that holds no progress is known.
   * Answers are visible with the first checkpoint, for which the job alone would wait until its
   * interval is over.
   *
   * @param newest the newest checkpoint that is known; 0 for none
   */
  private void requestCheckpoint(String jobId, long newest) throws InterruptedException {
    if (newest <= requestedAfter) {
      return;
    }
    requestedAfter = newest;
    try {
      flink.requestCheckpoint(jobId);
    } catch (IOException e) {
      requestedAfter = Long.MAX_VALUE; // The job's own come all the same.
    }
  }

  /** Why not all of its tasks run, in brackets; empty if nothing is known. */
  private String why(Snapshot from, String jobId, String state) throws InterruptedException {
    if (state.equals(INITIALIZING)) {
      return (" (it is INITIALIZING: its JobManager tries to reach %s and the directory of its checkpoints; its "
              + "log says what fails, and its config.yaml may lack rights there)")
          .formatted(from.uri());
    }
    String reported = "";
    try {
      reported = flink.failure(jobId);
    } catch (IOException e) {
      return ""; // The state alone says nothing.
    }
    return reported.isEmpty() ? "" : " (it is %s: %s)".formatted(state, reported);
  }

  /** Flink reports it some seconds after the job has failed. */
  private String reason(String jobId) throws InterruptedException {
    String why = "Flink gives no reason; its JobManager's log does";
    Deadline deadline = time.after(REASON);
    do {
      try {
        String reported = flink.failure(jobId);
        if (!reported.isEmpty()) {
          return reported;
        }
      } catch (IOException e) {
        why = "the reason can't be asked: " + e.getMessage();
      }
      time.sleep(POLL);
    } while (!deadline.isOver());
    return why;
  }

  /** Whether it was not seen that the sources move, as the checkpoints can't be read here. */
  boolean isUnseen() {
    return unseen;
  }

  /** On the JobManager's disk, according to Flink, and this machine has none. */
  private static boolean isElsewhere(SavedCheckpoint checkpoint) throws IOException {
    if (!SavepointDirectory.isOfOneMachine(checkpoint.uri())) {
      return false;
    }
    try {
      Snapshot unused = Snapshot.open(checkpoint.uri());
      return false;
    } catch (BadSnapshotException e) {
      Path parent = RetainedCheckpoints.local(checkpoint.uri()).getParent();
      return e.isMissing() && (parent == null || !Files.isDirectory(parent));
    }
  }

  private static boolean moved(Snapshot before, SavedCheckpoint checkpoint) throws IOException {
    SortedMap<Partition, Long> now = Snapshot.open(checkpoint.uri()).sourceOffsets();
    SortedMap<Partition, Long> then = new TreeMap<>(before.sourceOffsets());
    return now.entrySet().stream().anyMatch(e -> e.getValue() > then.getOrDefault(e.getKey(), 0L));
  }
}
