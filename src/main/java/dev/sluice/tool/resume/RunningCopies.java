package dev.sluice.tool.resume;

import dev.sluice.settings.JobSettings;
import dev.sluice.settings.PublishedSettings;
import dev.sluice.tool.flink.FlinkException;
import dev.sluice.tool.flink.JobDetail;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Searches a Flink cluster for jobs that a job must not run alongside: those with its
 * transactional-id prefix, and those that write to one of its topics. Jobs of other programs are
 * passed over.
 */
final class RunningCopies {

  /** The HTTP status of a JobManager that is not the leader yet. */
  private static final int AWAY = 503;

  /** In these Flink tells no settings: the adaptive scheduler waits for slots in the second. */
  private static final Set<String> STARTING = Set.of("INITIALIZING", "CREATED");

  /** How long a job that is being started may take to publish its settings. */
  private static final Duration UNTIL_IT_TELLS = Duration.ofSeconds(10);

  private static final Duration POLL = Duration.ofMillis(250);

  /**
   * How long Flink may report outdated information about a job: more than the default of {@code
   * web.refresh-interval}, 3 s.
   */
  private static final Duration KEPT = Duration.ofSeconds(30);

  /**
   * How long settings are asked for again of a job whose source has the name of this program's:
   * where several JobManagers answer at one address, each has a cache of its own.
   */
  private static final Duration CACHED = Duration.ofSeconds(10);

  private static final Duration UNKNOWN_HEARTBEAT = Duration.ofMinutes(1);
  private static final Duration UNTIL_TASKS_END = Duration.ofSeconds(5);

  private final JobManager flink;
  private final List<URI> rest;
  private final boolean sharesOutputs;
  private final Time time;
  private final List<String> notes = new ArrayList<>();

  /**
   * @param rest where the cluster answers, for messages
   * @param sharesOutputs whether a job that reads other inputs may write to the same output topics
   */
  RunningCopies(JobManager flink, List<URI> rest, boolean sharesOutputs, Time time) {
    this.time = time;
    this.flink = flink;
    this.rest = List.copyOf(rest);
    this.sharesOutputs = sharesOutputs;
  }

  /**
   * A job that is in the way.
   *
   * @param why what would come of it, and what to do
   */
  record Copy(JobOverview job, String why) {}

  /** What to know of the jobs that were checked and do not conflict. */
  List<String> notes() {
    return List.copyOf(notes);
  }

  /** When tasks that no JobManager knows any more have ended by themselves. */
  Duration endOfLostTasks() throws InterruptedException {
    try {
      return flink.heartbeatTimeout().plus(UNTIL_TASKS_END);
    } catch (IOException e) {
      return UNKNOWN_HEARTBEAT.plus(UNTIL_TASKS_END);
    }
  }

  /**
   * Finds them.
   *
   * @param settings of the job that is to run
   * @param except the id of a job that does not count; empty for none
   */
  List<Copy> find(JobSettings settings, String except) throws IOException, InterruptedException {
    List<Copy> copies = new ArrayList<>();
    long begun = time.nanos();
    for (JobOverview job : flink.jobs()) {
      if (job.isOver() || job.id().equals(except)) {
        continue;
      }
      Optional<SortedMap<String, String>> its = settings(job, settings.jobName(), begun);
      Optional<String> why = Optional.empty();
      if (its.isPresent() && PublishedSettings.isOfSluice(its.get())) {
        why = conflict(settings, job, its.get());
      } else if (its.isEmpty() && job.name().equals(settings.jobName())) {
        why =
            Optional.of(
                ("job (%s), %s, is being started and does not publish its settings yet, but has this job's name: "
                        + "try again when it runs, or %s")
                    .formatted(job.name(), job.id(), cancel(rest, job.id())));
      }
      why.ifPresent(text -> copies.add(new Copy(job, text)));
    }
    return copies;
  }

  /**
   * A job that runs with a transactional-id prefix, or may, because it does not publish whose it
   * is: a sentence; empty if there is none. The caller is about to end what a job of the prefix
   * writes, and a pause without writes proves nothing.
   */
  Optional<String> withPrefix(String prefix) throws IOException, InterruptedException {
    long begun = time.nanos();
    for (JobOverview job : flink.jobs()) {
      if (!job.isOver()) {
        Optional<String> why = withPrefix(prefix, job, begun);
        if (why.isPresent()) {
          return why;
        }
      }
    }
    return Optional.empty();
  }

  private Optional<String> withPrefix(String prefix, JobOverview job, long begun)
      throws IOException, InterruptedException {
    Optional<SortedMap<String, String>> its;
    try {
      its = settingsOf(job, begun);
    } catch (FlinkException e) {
      if (e.status() == AWAY) {
        throw e;
      }
      return e.isUnknown() // It has disappeared meanwhile.
          ? Optional.empty()
          : Optional.of(untold(prefix, job, e.getMessage()));
    }
    if (its.isEmpty()) {
      return Optional.of(
          untold(prefix, job, "it is being started, or Flink tells what it kept of then"));
    }
    boolean ours =
        PublishedSettings.isOfSluice(its.get())
            && PublishedSettings.transactionalIdPrefix(its.get()).equals(prefix);
    return ours
        ? Optional.of(
            is(job)
                + " with this prefix: its next checkpoint commits what is open, and an abort would make it fail "
                + "and start again from its last checkpoint. Stop it first")
        : Optional.empty();
  }

  private static String untold(String prefix, JobOverview job, @Nullable String why) {
    return ("%s and does not publish its settings (%s), so it may use prefix (%s): try again when it publishes "
            + "them, or stop it first")
        .formatted(is(job), why, prefix);
  }

  private static String is(JobOverview job) {
    return "job (%s), %s, is %s".formatted(job.name(), job.id(), job.state());
  }

  /** Why two jobs must not run alongside each other; empty if they may. */
  private Optional<String> conflict(
      JobSettings settings, JobOverview job, SortedMap<String, String> its) {
    String prefix = settings.sink().transactionalIdPrefix();
    String end =
        job.state().equals("RUNNING")
            ? "Stop it first"
            : "Stop it first, or if it does not come to run, " + cancel(rest, job.id());
    if (PublishedSettings.transactionalIdPrefix(its).equals(prefix)) {
      return Optional.of(
          ("%s with the same transactional-id prefix (%s): two copies would end each other's transactions. %s, or "
                  + "give the second copy its own prefix and output topics with --fork")
              .formatted(is(job), prefix, end));
    }
    Set<String> shared = new TreeSet<>(settings.topics().outputs().values());
    shared.retainAll(PublishedSettings.outputTopics(its));
    Set<String> read = new TreeSet<>(settings.topics().inputs());
    read.retainAll(PublishedSettings.inputTopics(its));
    if (shared.isEmpty()) {
      return Optional.empty();
    }
    if (!read.isEmpty()) {
      return Optional.of(
          ("%s, reads %s and writes to %s, too: every input of these would be answered twice. %s, or give this one "
                  + "topics of its own with --sluice.topics.predictions and the others")
              .formatted(is(job), read, shared, end));
    }
    // An audit knows no job but its own, and a proof reads as far as no transaction is open.
    String both =
        ("%s and writes to %s, too, but reads other inputs: whoever reads these topics gets the answers of both "
                + "jobs, 'sluice audit' of each calls those of the other foreign (exit 5), and a stop of either is not "
                + "proved while the other has a transaction open there (exit 5)")
            .formatted(is(job), shared);
    if (sharesOutputs) {
      notes.add(both);
      return Optional.empty();
    }
    return Optional.of(
        ("%s. %s, or give this one topics of its own with --sluice.topics.predictions and the others; if both are "
                + "to write there all the same, say --share-outputs")
            .formatted(both, end));
  }

  /** How a job is given up that no stop can take a savepoint of. */
  static String cancel(List<URI> rest, String jobId) {
    return "cancel it: flink cancel %s, or curl -X PATCH '%s/jobs/%s?mode=cancel'"
        .formatted(jobId, rest.get(0), jobId);
  }

  /**
   * A job that was just submitted publishes its settings a moment later. Flink may fail to report
   * those of a job: it is in the way if it has this job's name, and another program's otherwise.
   */
  private Optional<SortedMap<String, String>> settings(JobOverview job, String ours, long begun)
      throws IOException, InterruptedException {
    try {
      return settingsOf(job, begun);
    } catch (FlinkException e) {
      boolean broken = e.status() != AWAY && !job.name().equals(ours);
      if (e.isUnknown() || broken) {
        return Optional.of(new TreeMap<>()); // gone meanwhile, or nothing that is known
      }
      throw e;
    }
  }

  /**
   * Those that it publishes, if any; empty if it is being started, or Flink tells only what it kept
   * of then, and that has not changed for a while.
   *
   * <p>Flink keeps what it tells of a job for {@code web.refresh-interval}, but its state: of a job
   * that has just come to run it may still tell what it knew of one that is being started, which is
   * no setting. It keeps a job's settings and its details as one. So a job is another program's
   * only if it tells no settings after its details were not those of a job that is being started.
   *
   * @param begun when the looking began, by the ticker: all jobs of a look are waited for together
   */
  private Optional<SortedMap<String, String>> settingsOf(JobOverview job, long begun)
      throws IOException, InterruptedException {
    while (true) {
      SortedMap<String, String> settings = flink.settings(job.id());
      if (!settings.isEmpty()) {
        return Optional.of(settings);
      }
      JobDetail detail = flink.detail(job.id());
      if (!STARTING.contains(detail.state())) {
        settings = flink.settings(job.id());
        if (!settings.isEmpty() || detail.sourceVertex().isEmpty() || isAfter(begun, CACHED)) {
          return Optional.of(settings);
        }
      }
      Duration most = STARTING.contains(flink.state(job.id())) ? UNTIL_IT_TELLS : KEPT;
      if (isAfter(begun, most)) {
        return Optional.empty();
      }
      time.sleep(POLL);
    }
  }

  private boolean isAfter(long begun, Duration most) {
    return time.since(begun).compareTo(most) > 0;
  }
}
