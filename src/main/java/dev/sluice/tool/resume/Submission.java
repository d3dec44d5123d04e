package dev.sluice.tool.resume;

import dev.sluice.tool.flink.FlinkException;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.flink.RunRequest;
import dev.sluice.tool.flink.UnansweredException;
import dev.sluice.tool.receipt.Sha256;
import dev.sluice.tool.savepoint.SavepointDirectory.KeptSnapshot;
import dev.sluice.tool.savepoint.SnapshotFiles;
import dev.sluice.tool.stop.ShellWords;
import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Submits a job to Flink so that of two simultaneous resumes of one snapshot only one succeeds. Two
 * who resume different snapshots of a job both search for copies once their jobs are there, and the
 * younger job yields.
 *
 * <p>Flink takes a job id once: not while a job with it is there, and not after it has ended, for
 * as long as Flink remembers. Every resume of a snapshot asks for the first {@link #id} whose job
 * has not ended. So two who resume it at the same moment ask for the same id, and Flink refuses one
 * of them, whatever settings they give. The next one is asked for only after the job before has
 * ended, which makes every later resumption of the snapshot as possible as the first.
 *
 * <p>Flink writes checkpoints into a directory of the job's id. A job that finds a complete
 * checkpoint where it wants to write one deletes it, so an id is not used twice: neither one whose
 * job has left checkpoints that Flink no longer knows of, nor one that may be in use elsewhere.
 */
final class Submission {

  /**
   * How long a job whose submission was not answered is looked for, and how long a cancellation is
   * tried.
   */
  private static final Duration ANSWER = Duration.ofSeconds(30);

  private static final Duration POLL = Duration.ofMillis(250);
  private static final int MOST_RESUMPTIONS = 1_000;
  private static final Duration UNKNOWN_INTERVAL = Duration.ofSeconds(30);
  private static final Duration SLOW_CHECKPOINT = Duration.ofSeconds(10);

  /** As DuplicateJobSubmissionException says it, of a job that is there and of one that was. */
  private static final String TAKEN = "has already been submitted";

  /**
   * As Flink says it when its Dispatcher answers the request's handler too late: of one that is
   * asked with a fencing token, as the Dispatcher is, the innermost cause is Pekko's, which does
   * not name the invocation.
   */
  private static final List<String> LATE = List.of("RpcInvocation", "Ask timed out");

  private final ResumePolicy policy;
  private final JobManager flink;
  private final Consumer<String> progress;
  private final Time time;

  Submission(ResumePolicy policy, JobManager flink, Consumer<String> progress, Time time) {
    this.policy = policy;
    this.flink = flink;
    this.progress = progress;
    this.time = time;
  }

  /**
   * The result.
   *
   * @param jobId the new job; null if none was submitted
   * @param text why none was, or why it is not known whether Flink has taken it; otherwise empty
   */
  record Result(@Nullable String jobId, String text) {}

  private enum Taken {
    YES,
    NO,
    UNKNOWN
  }

  /**
   * Runs the job under the first id of its snapshot that no job has had.
   *
   * @param record where the states of the id are recorded, from before the request to Flink on
   * @throws IOException if Flink does not accept it
   */
  Result submit(Resumable from, ResumptionRecord record) throws IOException, InterruptedException {
    RunRequest request =
        new RunRequest(
            "",
            ShellWords.arguments(from.published()),
            from.parallelism(policy),
            from.snapshot().uri(),
            from.flink());
    String metadata = SnapshotFiles.metadataHash(from.snapshot(), ResumePreflight.FILES);
    progress.accept("submits it with parallelism " + request.parallelism());
    RetainedCheckpoints left = new RetainedCheckpoints(flink, progress, ANSWER, time);
    String jar = flink.upload(policy.jar());
    boolean mayRun = false;
    try {
      for (int ended = 0; ended < MOST_RESUMPTIONS; ended++) {
        String id = id(metadata, policy.fork(), ended);
        // Searched for before the state is: a job that takes the id meanwhile is seen as running.
        Optional<KeptSnapshot> kept = left.newestOf(id);
        Optional<String> state = state(id);
        if (state.isEmpty() && !wasStoppedHere(id)) {
          if (kept.isPresent() && isNew(kept.get(), from)) {
            return new Result(null, mayRunElsewhere(id, kept.get(), from));
          }
          if (kept.isEmpty()) {
            Taken taken = run(jar, request.as(id), record);
            if (taken != Taken.NO) {
              mayRun = taken == Taken.UNKNOWN;
              return new Result(id, mayRun ? notKnown(id) : "");
            }
          }
        }
        if (state.isEmpty()) {
          state =
              state(id); // Flink has accepted it from another client, or remembers that it ended
        }
        if (state.isPresent() && !JobOverview.isOver(state.get())) {
          record.isAnothers(id);
          return new Result(null, isThere(id, state.get()));
        }
      }
    } catch (RetainedCheckpoints.UnseenException e) {
      return new Result(null, String.valueOf(e.getMessage()));
    } finally {
      if (!mayRun) { // it may still be needed
        forget(jar);
      }
    }
    throw new IOException(
        "%s was resumed %,d times, and every id that it gives is taken"
            .formatted(from.snapshot().uri(), MOST_RESUMPTIONS));
  }

  /**
   * The id of a job that is resumed from a snapshot: 32 hexadecimal digits.
   *
   * @param metadata SHA-256 of the snapshot's metadata, which says which it is wherever it lies: a
   *     copy is the same one
   * @param fork the fork's name, as that is another job, with topics of its own; null for the job
   *     itself
   * @param resumptions how many jobs of this snapshot have ended
   */
  static String id(String metadata, @Nullable String fork, int resumptions) {
    return Sha256.id(
        "sluice resumption 1\n%s\n%s\n%s"
            .formatted(metadata, resumptions, fork == null ? "" : "fork " + fork));
  }

  private String isThere(String id, String state) {
    return ("this snapshot is resumed already: job %s is %s. See 'sluice status %s'; to "
            + "resume the snapshot once more, stop that job, or %s; to run a second copy with "
            + "topics of its own, say --fork")
        .formatted(id, state, id, RunningCopies.cancel(policy.rest(), id));
  }

  private String notKnown(String id) {
    return ("Whether Flink took the job is not known: its answer did not come. The job may still "
            + "come up as %s: see 'sluice status %s'. To give it up, %s; the snapshot is as it was")
        .formatted(id, id, RunningCopies.cancel(policy.rest(), id));
  }

  private String mayRunElsewhere(String id, KeptSnapshot kept, Resumable from) {
    return ("checkpoint %s is of job %s, which this Flink cluster does not know, and was written "
            + "at %s, less than %s s ago: a copy of this snapshot may run on another cluster. Stop "
            + "that job first; if none runs, try again in %s s, or resume that checkpoint: "
            + "'sluice resume %s'")
        .formatted(
            kept.uri(),
            id,
            kept.writtenAt(),
            settled(from).toSeconds(),
            settled(from).toSeconds(),
            kept.uri());
  }

  /** A job that runs has written a newer checkpoint by then. */
  private static Duration settled(Resumable from) {
    return from.checkpointInterval().orElse(UNKNOWN_INTERVAL).multipliedBy(2).plus(SLOW_CHECKPOINT);
  }

  private boolean isNew(KeptSnapshot kept, Resumable from) {
    Instant settledSince = time.now().minus(settled(from));
    return kept.writtenAt().isAfter(settledSince);
  }

  /** A JobManager that was restarted has forgotten it, but this machine's journal has not. */
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

  /** The same, recorded: the request before it is sent, and its result at once. */
  private Taken run(String jar, RunRequest request, ResumptionRecord record)
      throws IOException, InterruptedException {
    record.asks(request.jobId());
    Taken taken;
    try {
      taken = run(jar, request);
    } catch (IOException e) {
      record.isRefused();
      throw e;
    }
    switch (taken) {
      case YES -> record.isTaken(request.jobId());
      case NO -> record.isAnothers(request.jobId());
      case UNKNOWN -> {} // It may start: what was asked for stays.
    }
    return taken;
  }

  /** Runs an uploaded jar once; {@code NO} if the id is taken. */
  private Taken run(String jar, RunRequest request) throws IOException, InterruptedException {
    try {
      flink.run(jar, request);
      return Taken.YES;
    } catch (FlinkException refused) {
      if (String.valueOf(refused.getMessage()).contains(TAKEN)) {
        return Taken.NO;
      } else if (!isNoAnswer(refused)) {
        throw refused;
      }
      return comes(request.jobId(), refused);
    } catch (UnansweredException unanswered) {
      if (!unanswered.mayHaveComeThrough()) {
        throw unanswered;
      }
      return comes(request.jobId(), unanswered);
    }
  }

  /** Whether the job may start all the same: it was not Flink that refused it. */
  private static boolean isNoAnswer(FlinkException refused) {
    return (refused.isPassing() && !refused.isUnknown())
        || LATE.stream().anyMatch(String.valueOf(refused.getMessage())::contains);
  }

  private Taken comes(String jobId, IOException why) throws InterruptedException {
    progress.accept("checks whether Flink took the job: " + why.getMessage());
    Deadline deadline = time.after(ANSWER);
    do {
      try {
        if (state(jobId).isPresent()) {
          return Taken.YES;
        }
      } catch (IOException e) {
        progress.accept("is waiting: " + e.getMessage());
      }
      time.sleep(POLL);
    } while (!deadline.isOver());
    return Taken.UNKNOWN;
  }

  private void forget(String jar) throws InterruptedException {
    try {
      flink.forget(jar);
    } catch (IOException e) {
      progress.accept("leaves the uploaded jar with the cluster: " + e.getMessage());
    }
  }

  /**
   * Cancels the new job if an older one is a copy of it: each of the two was searched for before
   * the other was there. Of two that both search, one is the older. Where that can't be found out,
   * none yields, and this resume must not end well.
   *
   * @return what was done, or why it is not known whether there is a copy; empty if there is none
   */
  Optional<String> makeWay(Resumable from, String jobId) throws InterruptedException {
    String last = "";
    Deadline deadline = time.after(ANSWER);
    do {
      try {
        Optional<RunningCopies.Copy> older = older(from, jobId);
        return older.isEmpty() ? Optional.empty() : Optional.of(giveUp(jobId, older.get().why()));
      } catch (IOException e) {
        last = String.valueOf(e.getMessage());
        progress.accept("can't check yet for a copy that was started at the same time: " + last);
      }
      time.sleep(POLL);
    } while (!deadline.isOver());
    return Optional.of(
        ("Job %s was submitted, and whether a copy of it was started at the same time could not "
                + "be found out (%s), so two copies may run, which end each other's transactions. "
                + "Look for one with 'sluice status' or in Flink's list of jobs, and end one of the "
                + "two; this one you %s. The snapshot is as it was")
            .formatted(jobId, last, RunningCopies.cancel(policy.rest(), jobId)));
  }

  private Optional<RunningCopies.Copy> older(Resumable from, String jobId)
      throws IOException, InterruptedException {
    Comparator<JobOverview> age =
        Comparator.comparing(JobOverview::startedAt).thenComparing(JobOverview::id);
    Optional<JobOverview> ours =
        flink.jobs().stream().filter(job -> job.id().equals(jobId)).findFirst();
    if (ours.isEmpty()) {
      throw new IOException("Flink does not list job %s".formatted(jobId));
    }
    return new RunningCopies(flink, policy.rest(), policy.sharesOutputs(), time)
        .find(from.jobSettings(), jobId).stream()
            .filter(copy -> age.compare(copy.job(), ours.get()) < 0)
            .findFirst();
  }

  private String giveUp(String jobId, String why) throws InterruptedException {
    String last = "";
    Deadline deadline = time.after(ANSWER);
    do {
      try {
        flink.cancel(jobId);
        return ("Job %s was submitted, and its cancellation was asked for, because %s. The "
                + "snapshot is as it was")
            .formatted(jobId, why);
      } catch (IOException e) {
        last = String.valueOf(e.getMessage());
        progress.accept("can't cancel job %s yet: %s".formatted(jobId, last));
      }
      time.sleep(POLL);
    } while (!deadline.isOver());
    return ("Job %s was submitted and could not be cancelled again (%s), so two copies may run: %s. "
            + "Make sure that job %s ends: %s. The snapshot is as it was")
        .formatted(jobId, last, why, jobId, RunningCopies.cancel(policy.rest(), jobId));
  }
}
