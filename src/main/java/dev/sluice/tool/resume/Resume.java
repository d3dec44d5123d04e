package dev.sluice.tool.resume;

import dev.sluice.tool.flink.FlinkException;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.UnansweredException;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.refusal.SilentException;
import dev.sluice.tool.resume.ResumeOutcome.Finding;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.UnreadFileException;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.stop.ShellWords;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Resumes a job once it is sure that nothing will be lost or doubled. Used by one thread. */
public final class Resume {

  /** A job that has just ended releases its slots a moment later. */
  private static final Duration SLOTS = Duration.ofSeconds(10);

  private final ToolServices services;
  private final ResumePolicy policy;
  private final SubmissionCheck check;
  private final JobManager flink;
  private final Consumer<String> progress;
  private final Time time;

  /** Of the snapshot that this process has just proved; null for none. */
  private @Nullable Receipt proof;

  /**
   * @param progress receives what is being done, a sentence each
   */
  public Resume(ToolServices services, ResumePolicy policy, Consumer<String> progress) {
    this.services = services;
    this.time = services.time();
    this.policy = policy;
    this.check = new SubmissionCheck(services, policy);
    this.flink = services.flink(policy.rest(), ToolServices.SUBMISSION);
    this.progress = new Progress(progress, time);
  }

  /**
   * Checks, without changing anything, whether the policy's snapshot may be resumed.
   *
   * @param mayRun the id of a job that will be stopped before; empty for none
   */
  public Finding look(String mayRun) throws IOException, InterruptedException {
    Choice choice = choose(mayRun, 0);
    Finding finding = choice.finding;
    if (!finding.isGood()) {
      return finding;
    }
    int freed = mayRun.isEmpty() ? 0 : flink.detail(mayRun).parallelism();
    return SubmissionCheck.slots(flink, time, choice.from.parallelism(policy), freed, Duration.ZERO)
        .map(why -> finding.refusing(why, finding.healing()))
        .orElse(finding);
  }

  /** Checks, and if nothing is wrong resumes and waits until the job continues. */
  public ResumeOutcome run(boolean printOnly) throws IOException, InterruptedException {
    return run(printOnly, 0);
  }

  private ResumeOutcome run(boolean printOnly, long ended)
      throws IOException, InterruptedException {
    Choice choice = choose("", ended);
    Optional<ResumeOutcome> refusal = refusal(choice.finding);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    if (printOnly) {
      return new ResumeOutcome.Printed(choice.finding, command(choice.from), "Not run, as asked");
    }
    Optional<String> obstacle = check.obstacle();
    if (obstacle.isEmpty()) {
      obstacle = SubmissionCheck.slots(flink, time, choice.from.parallelism(policy), 0, SLOTS);
    }
    return obstacle.isPresent()
        ? new ResumeOutcome.Refused(choice.finding, refused(obstacle.get()))
        : submit(choice.from, choice.finding);
  }

  private Optional<ResumeOutcome> refusal(Finding finding) {
    Optional<String> why =
        finding.isGood() ? check.parallelism() : Optional.of(String.join(". ", finding.refusals()));
    return why.map(text -> new ResumeOutcome.Refused(finding, refused(text)));
  }

  /**
   * Checks as {@link #run} does and submits nothing: the Flink Kubernetes operator is to resume it,
   * and the result says how. Records nothing, as this tool does not learn whether and when the
   * operator does.
   *
   * @param settingsFile where the deployment's containers have the job's file of settings; null for
   *     none
   */
  public ResumeOutcome printDeployment(@Nullable String settingsFile)
      throws IOException, InterruptedException {
    Choice choice = choose("", 0);
    Optional<ResumeOutcome> refusal = refusal(choice.finding);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    Resumable from = choice.from;
    DeploymentPatch patch =
        new DeploymentPatch(
            from.snapshot().uri(),
            from.parallelism(policy),
            settingsFile,
            from.published(),
            new TreeMap<>(from.flink()),
            time.now().toEpochMilli());
    Set<String> unseen = new TreeSet<>(from.settings().keySet());
    unseen.removeAll(from.published().keySet());
    return new ResumeOutcome.Patched(
        choice.finding,
        patch.object(),
        patch.yaml(),
        patch.unknown(unseen),
        "Nothing was submitted, as asked");
  }

  /**
   * As {@link #run}, of a job that was stopped for it: whatever goes wrong now, it is not running.
   *
   * @param ended the last checkpoint of that job
   */
  ResumeOutcome runStopped(long ended) throws InterruptedException {
    String stays = "The job is stopped, and was not resumed: ";
    try {
      ResumeOutcome outcome = run(false, ended);
      return outcome instanceof ResumeOutcome.Refused refused
          ? new ResumeOutcome.Failed(refused.finding(), null, stays + refused.text())
          : outcome;
    } catch (IOException | UncheckedIOException e) {
      Finding nothing = Finding.refused(policy.from(), List.of(), List.of());
      return new ResumeOutcome.Failed(nothing, null, stays + e.getMessage());
    }
  }

  /**
   * As {@link #runStopped}, from the savepoint that this process has just proved: what was read for
   * the proof is not read again while the job is away.
   */
  ResumeOutcome runProved(Receipt stopped) throws InterruptedException {
    proof = stopped;
    return runStopped(lastOf(stopped));
  }

  /** The number of the savepoint that a stop has made. */
  static long lastOf(Receipt stopped) {
    return stopped.snapshot() == null ? 0 : stopped.snapshot().checkpointId();
  }

  private record Choice(Resumable from, Finding finding) {}

  private Choice choose(String mayRun, long ended) throws IOException, InterruptedException {
    Resumable from = Resumable.open(policy);
    progress.accept("checks " + from.snapshot().uri());
    boolean fork = policy.fork() != null;
    Finding finding = preflight(proof).look(from, fork, mayRun, ended);
    if (finding.missing() == 0) {
      return new Choice(from, finding);
    }
    progress.accept("searches for a snapshot that heals");
    Optional<Snapshot> healing = new OlderSnapshotSearch(flink, policy).find(from);
    if (healing.isPresent() && policy.heal()) {
      Resumable older = from.from(healing.get(), policy);
      return new Choice(older, preflight(null).look(older, fork, mayRun, ended));
    }
    String other = healing.map(Snapshot::uri).orElse(null);
    String why =
        other == null
            ? "no snapshot that is older than these answers was found: name one, if there is any; it heals"
            : "%s heals: the job gives the missing answers and suppresses the others. --heal takes it"
                .formatted(other);
    return new Choice(from, finding.refusing(RefusalCode.RESUME_ANSWERS_MISSING.in(why), other));
  }

  private ResumePreflight preflight(@Nullable Receipt made) {
    return new ResumePreflight(
        services,
        new RunningCopies(flink, policy.rest(), policy.sharesOutputs(), time),
        made,
        progress);
  }

  static String refused(String why) {
    return "Refused, and nothing was touched: " + why;
  }

  private String command(Resumable from) {
    return ShellWords.flinkRun(
        from.snapshot().uri(),
        from.parallelism(policy),
        from.flink(),
        policy.jar().toString(),
        from.published());
  }

  private ResumeOutcome submit(Resumable from, Finding finding)
      throws IOException, InterruptedException {
    progress.accept(
        "%s inputs wait%s"
            .formatted(
                finding.waiting().inWords(),
                finding.replayed() == 0
                    ? ""
                    : "; %,d that were answered already are read again, and not answered twice"
                        .formatted(finding.replayed())));
    ResumptionRecord record = new ResumptionRecord(policy, from, finding, progress, time);
    Submission submission = new Submission(policy, flink, progress, time);
    Submission.Result submitted;
    try {
      submitted = submission.submit(from, record);
    } catch (IOException e) {
      if (isSilence(e)) {
        throw e; // No refusal: nothing runs, and the same command may succeed.
      }
      String why =
          e instanceof FlinkException
              ? RefusalCode.RESUME_BY_FLINK.in("Flink did not take the job: " + e.getMessage())
              : String.valueOf(e.getMessage());
      return new ResumeOutcome.Refused(finding, refused(why));
    }
    String jobId = submitted.jobId();
    if (jobId == null) {
      return new ResumeOutcome.Refused(
          finding, refused(RefusalCode.RESUME_ID_TAKEN.in(submitted.text())));
    }
    if (!submitted.text().isEmpty()) {
      return new ResumeOutcome.Failed(finding, jobId, submitted.text());
    }
    progress.accept("Flink runs it as " + jobId);
    Optional<String> copy = submission.makeWay(from, jobId);
    if (copy.isPresent()) {
      return new ResumeOutcome.Failed(finding, jobId, copy.get());
    }
    ContinuationCheck going = new ContinuationCheck(policy, flink, time);
    Optional<String> trouble = going.await(from.snapshot(), jobId, finding.waiting().isAny());
    if (trouble.isPresent()) {
      return new ResumeOutcome.Failed(finding, jobId, trouble.get());
    }
    return new ResumeOutcome.Resumed(
        finding,
        jobId,
        "Resumed: job %s runs, its first checkpoint is complete%s%s"
            .formatted(
                jobId,
                going.isUnseen()
                    ? "; whether it reads further inputs is not known, as its checkpoints are on the JobManager's "
                        + "machine: see 'sluice status'"
                    : finding.progressInWords(),
                record.runs(jobId, parallelism(from, jobId))));
  }

  /**
   * Whether a service did not answer before Flink was asked for the job, or was not reached then.
   */
  private static boolean isSilence(IOException e) {
    return e instanceof UnansweredException
        || e instanceof SilentException
        || e instanceof UnreadFileException
        || (e instanceof FlinkException refused && refused.isPassing() && !refused.isUnknown());
  }

  /** What it runs with; what was asked for if Flink does not report it. */
  private int parallelism(Resumable from, String jobId) throws InterruptedException {
    try {
      return flink.detail(jobId).parallelism();
    } catch (IOException e) {
      return from.parallelism(policy);
    }
  }
}
