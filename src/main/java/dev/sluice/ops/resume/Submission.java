package dev.sluice.ops.resume;

import dev.sluice.ops.flink.FlinkException;
import dev.sluice.ops.flink.JobManager;
import dev.sluice.ops.flink.JobOverview;
import dev.sluice.ops.flink.RunRequest;
import dev.sluice.ops.snapshot.SnapshotFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gives a job to Flink so that of two who resume one snapshot at once only one succeeds: see {@link
 * ResumptionId}. Two who resume different snapshots of a job both look for copies once their jobs
 * are there, and the younger job makes way.
 */
final class Submission {

  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final int MOST_RESUMPTIONS = 1_000;

  /** As DuplicateJobSubmissionException says it, of a job that is there and of one that was. */
  private static final String TAKEN = "has already been submitted";

  private final ResumePolicy policy;
  private final JobManager flink;
  private final Consumer<String> told;

  Submission(ResumePolicy policy, JobManager flink, Consumer<String> told) {
    this.policy = policy;
    this.flink = flink;
    this.told = told;
  }

  /**
   * What came of it.
   *
   * @param jobId the new job; null if another one is there
   * @param text why not
   */
  record Result(@Nullable String jobId, String text) {}

  /**
   * Runs the job under the first id of its snapshot whose job has not ended.
   *
   * @param request whose job id is not decided yet
   * @throws IOException if Flink does not take it
   */
  Result submit(Resumable from, RunRequest request) throws IOException, InterruptedException {
    ResumptionId ids = new ResumptionId(SnapshotFiles.metadataHash(from.snapshot()), policy.fork());
    told.accept("submits it with parallelism " + request.parallelism());
    String jar = flink.upload(policy.jar());
    try {
      for (int ended = 0; ended < MOST_RESUMPTIONS; ended++) {
        String id = ids.of(ended);
        Optional<String> state = state(id);
        if (state.isEmpty() && !wasStoppedHere(id) && run(jar, request.as(id))) {
          return new Result(id, "");
        }
        if (state.isEmpty()) {
          state = state(id); // Flink has taken it from somebody else, or remembers that it ended
        }
        if (state.isPresent() && !JobOverview.isOver(state.get())) {
          return new Result(null, isThere(id, state.get()));
        }
      }
    } finally {
      forget(jar);
    }
    throw new IOException(
        "%s was resumed %,d times, and every id that it gives is taken"
            .formatted(from.snapshot().uri(), MOST_RESUMPTIONS));
  }

  private String isThere(String id, String state) {
    return ("this snapshot is resumed already: job %s is %s. See 'sluice status %s'; to "
            + "resume the snapshot once more, stop that job, or %s")
        .formatted(id, state, id, Copies.cancel(policy.rest(), id));
  }

  /** A JobManager that was started anew has forgotten it, but this machine's journal has not. */
  private boolean wasStoppedHere(String id) {
    return Files.exists(policy.journal().resolve(id + ".json"));
  }

  private Optional<String> state(String id) throws IOException, InterruptedException {
    try {
      return Optional.of(flink.state(id));
    } catch (FlinkException e) {
      if (e.isUnknown()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Runs an uploaded jar once, also if the answer gets lost; false if the id is taken. */
  private boolean run(String jar, RunRequest request) throws IOException, InterruptedException {
    try {
      flink.run(jar, request);
      return true;
    } catch (FlinkException refused) {
      if (String.valueOf(refused.getMessage()).contains(TAKEN)) {
        return false;
      }
      throw refused;
    } catch (IOException unanswered) {
      told.accept("looks whether Flink took the job: " + unanswered.getMessage());
      if (!comes(request.jobId())) {
        throw unanswered;
      }
      return true;
    }
  }

  private boolean comes(String jobId) throws InterruptedException {
    long deadline = System.nanoTime() + ANSWER.toNanos();
    do {
      try {
        if (state(jobId).isPresent()) {
          return true;
        }
      } catch (IOException e) {
        told.accept("is waiting: " + e.getMessage());
      }
      Thread.sleep(POLL.toMillis());
    } while (System.nanoTime() < deadline);
    return false;
  }

  private void forget(String jar) throws InterruptedException {
    try {
      flink.forget(jar);
    } catch (IOException e) {
      told.accept("leaves the uploaded jar with the cluster: " + e.getMessage());
    }
  }

  /**
   * Cancels the new job if an older one is a copy of it: each of the two was looked for before the
   * other was there. Of two, both of which look, one is the older.
   *
   * @return what was done; empty if there is no such job
   */
  Optional<String> makeWay(Resumable from, String jobId) throws InterruptedException {
    try {
      Comparator<JobOverview> age =
          Comparator.comparing(JobOverview::startedAt).thenComparing(JobOverview::id);
      Optional<JobOverview> ours =
          flink.jobs().stream().filter(job -> job.id().equals(jobId)).findFirst();
      Optional<Copies.Copy> older =
          ours.isEmpty()
              ? Optional.empty()
              : new Copies(flink, policy.rest())
                  .find(from.jobSettings(), jobId).stream()
                      .filter(copy -> age.compare(copy.job(), ours.get()) < 0)
                      .findFirst();
      if (older.isEmpty()) {
        return Optional.empty();
      }
      flink.cancel(jobId);
      return Optional.of(
          "Job %s was submitted and is cancelled again, because %s. The snapshot is as it was"
              .formatted(jobId, older.get().why()));
    } catch (IOException e) {
      told.accept("could not look for a copy that was started at the same time: " + e.getMessage());
      return Optional.empty();
    }
  }
}
