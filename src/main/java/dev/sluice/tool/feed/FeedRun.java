package dev.sluice.tool.feed;

import dev.sluice.tool.events.InputEvent;
import dev.sluice.tool.flink.JobDetail;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Feeds a topic, and where a job is named shows its progress, until it is stopped, the time is
 * over, the job ends, or the data does and the job has answered it.
 *
 * <p>{@link #run} belongs to one thread; {@link #stop} may be called from any, a signal's too.
 */
public final class FeedRun {

  private static final Duration START_PATIENCE = Duration.ofMinutes(2);
  private static final Duration SUCCESSOR_PATIENCE = Duration.ofSeconds(45);
  private static final Duration REFRESH = Duration.ofSeconds(1);
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final Duration NEW_LINE = Duration.ofSeconds(5);
  private static final String CLEAR_REST_OF_LINE = "\u001b[K";

  private final ToolServices services;
  private final Time time;
  private final Settings settings;
  private final PrintWriter out;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final AtomicReference<@Nullable Throwable> feedFailure = new AtomicReference<>();
  private final Throughput throughput = new Throughput();
  private final Answered answered;
  private long said;

  /**
   * What to run on.
   *
   * @param client properties of every Kafka client; may hold secrets
   * @param topics what is fed and followed
   * @param job the job; null to feed only
   * @param pacing how fast, and how long
   * @param columns the width of a terminal whose line is refreshed in place; 0 for a line each time
   */
  public record Settings(
      Properties client, Topics topics, @Nullable Job job, Pacing pacing, int columns) {}

  /**
   * The topics of the job.
   *
   * @param events the one to feed
   * @param evaluations the one to follow
   * @param groupId in which the job commits what its checkpoints have read
   */
  public record Topics(String events, String evaluations, String groupId) {}

  /**
   * A job.
   *
   * @param rest addresses of Flink's REST interface; several with high availability
   * @param id of the job
   */
  public record Job(List<URI> rest, String id) {}

  /**
   * How fast, and how long.
   *
   * @param perSecond events a second; 0 = as fast as possible
   * @param lasting how long to feed; null = until stopped
   * @param follow whether to stay when the data is at its end
   */
  public record Pacing(int perSecond, @Nullable Duration lasting, boolean follow) {}

  /**
   * How it ended.
   *
   * @param asRequested false if something else stopped the job
   * @param answered whether the job was seen to have answered all that was fed
   */
  public record Ended(boolean asRequested, boolean answered) {}

  public FeedRun(ToolServices services, Settings settings, PrintWriter out) {
    this.services = services;
    this.time = services.time();
    this.settings = settings;
    this.out = out;
    this.answered = new Answered(services, settings.client(), settings.topics());
    this.said = time.nanos();
  }

  /** Ends the run soon: what was sent is acknowledged first. */
  public void stop() {
    stopped.countDown();
  }

  /**
   * Runs.
   *
   * @param feeder feeds the topic of the settings
   * @throws IOException if another run feeds, the job failed, the broker is gone, or the JobManager
   *     is not reachable at first; once the job was seen to run, it waits for a JobManager that is
   *     down, because fed events wait in Kafka
   */
  public Ended run(Feeder feeder, Iterator<? extends InputEvent> events)
      throws IOException, InterruptedException {
    Job job = settings.job();
    JobManager flink = job == null ? null : services.flink(job.rest(), ToolServices.GLANCE);
    Optional<JobOverview> found =
        flink == null || job == null ? Optional.empty() : awaitRunning(flink, job.id());
    if (flink != null && found.isEmpty()) {
      return new Ended(true, false);
    }
    lookForOthers(feeder.feed());
    Thread feeding = new Thread(() -> feed(feeder, events), "feeder");
    feeding.start();
    boolean asAsked = true;
    try {
      if (flink != null && found.isPresent()) {
        try (EvaluationTail tail =
            new EvaluationTail(settings.client(), settings.topics().evaluations())) {
          asAsked = watch(flink, found.get(), feeder, tail);
        }
      } else {
        watch(feeder);
      }
    } finally {
      stop();
      feeding.join();
      endLine();
    }
    requireFed();
    out.printf(
        Locale.ROOT,
        "%s%s%s.%n",
        fed(feeder),
        feeder.exhausted() ? ", the data is at its end" : "",
        answered.answered() ? ", and the job has answered them" : "");
    out.flush();
    return new Ended(asAsked, answered.answered());
  }

  /** Directly before the feeder fences them. */
  private void lookForOthers(Feed feed) throws IOException, InterruptedException {
    if (!feed.name().isEmpty() && !feed.claims().contains(Feed.Claim.TAKE_OVER)) {
      new OtherRun(services, settings.client(), settings.topics().events(), feed)
          .requireNone()
          .ifPresent(out::println);
    }
  }

  /** A second run that finds nothing to do must not look like one that fed everything again. */
  private static String fed(Feeder feeder) {
    long fed = feeder.fed();
    long all = feeder.inTopic();
    return fed == all
        ? String.format(Locale.ROOT, "Fed %,d events in all", all)
        : String.format(
            Locale.ROOT, "Fed %,d events, %,d in all with those of earlier runs", fed, all);
  }

  /** Without a job: until everything is fed, or the time is over. */
  private void watch(Feeder feeder) throws InterruptedException {
    Deadline end = end();
    while (!feeder.exhausted() && (end == null || !end.isOver())) {
      long left = end == null ? Long.MAX_VALUE : end.remaining().toNanos();
      boolean over = stopped.await(Math.min(left, LOOK.toNanos()), TimeUnit.NANOSECONDS);
      if (over) {
        return;
      }
      if (!feeder.exhausted() && time.since(said).compareTo(NEW_LINE) >= 0) {
        said = time.nanos();
        out.printf(Locale.ROOT, "%,d events fed%n", feeder.inTopic());
        out.flush();
      }
    }
  }

  private @Nullable Deadline end() {
    Duration lasting = settings.pacing().lasting();
    return lasting == null ? null : time.after(lasting);
  }

  private void feed(Feeder feeder, Iterator<? extends InputEvent> events) {
    try {
      feeder.run(events, settings.pacing().perSecond(), () -> stopped.getCount() == 0);
    } catch (Throwable e) { // an Error too must end the run
      feedFailure.set(e);
      stop();
    }
  }

  /** Waits until every task of a job runs; empty if stopped before. */
  private Optional<JobOverview> awaitRunning(JobManager flink, String id)
      throws IOException, InterruptedException {
    Deadline deadline = time.after(START_PATIENCE);
    JobDetail job = flink.detail(id);
    while (!(job.state().equals("RUNNING") && job.allTasksRun())) {
      requireAlive(flink, job.job());
      if (deadline.isOver()) {
        throw new JobFailure(
            "job %s is %s, but not all of its tasks run after %s s"
                .formatted(id, job.state(), START_PATIENCE.toSeconds()));
      }
      if (stopped.await(500, TimeUnit.MILLISECONDS)) {
        return Optional.empty();
      }
      job = flink.detail(id);
    }
    return Optional.of(job.job());
  }

  private boolean watch(JobManager flink, JobOverview first, Feeder feeder, EvaluationTail tail)
      throws IOException, InterruptedException {
    JobOverview job = first;
    Deadline end = end();
    boolean away = false;
    long every = (settings.columns() > 0 ? REFRESH : NEW_LINE).toNanos();
    do {
      try {
        job = away ? successor(flink, job).orElse(job) : job;
        JobDetail detail = flink.detail(job.id());
        if (detail.state().equals("FINISHED")) {
          Optional<JobOverview> next = awaitSuccessor(flink, job);
          if (next.isEmpty()) {
            return false;
          }
          job = next.get();
          continue;
        }
        requireAlive(flink, detail.job());
        show(flink, detail, feeder, tail);
        away = false;
        if (feeder.exhausted() && !settings.pacing().follow() && answered.isOver(feeder.ends())) {
          return true;
        }
      } catch (JobFailure e) {
        throw e;
      } catch (IOException e) {
        if (!away) {
          sayAway(e);
        }
        away = true;
      }
      long left = end == null ? every : end.remaining().toNanos();
      if (stopped.await(Math.min(left, every), TimeUnit.NANOSECONDS)) {
        return true;
      }
    } while (end == null || !end.isOver());
    return true;
  }

  /** Once for each time: what is fed needs no JobManager. */
  private void sayAway(IOException why) {
    endLine();
    out.printf(
        "%s; what is fed to %s waits there for the job, and so does this command until you stop"
            + " it%n",
        why.getMessage(), settings.topics().events());
    out.flush();
  }

  /** The job that runs in place of one that has ended, or that its JobManager has lost. */
  private Optional<JobOverview> successor(JobManager flink, JobOverview before)
      throws IOException, InterruptedException {
    List<JobOverview> alive = flink.jobs().stream().filter(job -> !job.isOver()).toList();
    if (alive.stream().anyMatch(job -> job.id().equals(before.id()))) {
      return Optional.empty();
    }
    for (JobOverview job : alive) {
      if (job.name().equals(before.name()) && job.startedAt().isAfter(before.startedAt())) {
        Optional<JobOverview> next = awaitRunning(flink, job.id());
        next.ifPresent(runs -> out.printf("It continues as job %s%n", runs.id()));
        return next;
      }
    }
    return Optional.empty();
  }

  /** Another command stopped the job; as a rehearsal or a rescaling does, it may start it again. */
  private Optional<JobOverview> awaitSuccessor(JobManager flink, JobOverview ended)
      throws IOException, InterruptedException {
    endLine();
    out.printf(
        "The job was stopped by another command; waiting %s s for it to be resumed%n",
        SUCCESSOR_PATIENCE.toSeconds());
    out.flush();
    Deadline deadline = time.after(SUCCESSOR_PATIENCE);
    do {
      Optional<JobOverview> next = successor(flink, ended);
      if (next.isPresent()) {
        return next;
      }
    } while (!deadline.isOver() && !stopped.await(500, TimeUnit.MILLISECONDS));
    return Optional.empty();
  }

  private void show(JobManager flink, JobDetail detail, Feeder feeder, EvaluationTail tail)
      throws IOException, InterruptedException {
    String id = detail.job().id();
    boolean known = detail.allTasksRun() && !detail.sourceVertex().isEmpty();
    OptionalLong perSecond = throughput.at(detail.processed(), time.nanos());
    LiveLine.Facts facts =
        new LiveLine.Facts(
            detail.state(),
            perSecond,
            known ? flink.lag(id, detail) : OptionalLong.empty(),
            tail.follow(),
            feeder.dataTimeMs(),
            feeder.exhausted(),
            flink.lastCheckpoint(id).orElse(null),
            time.clock().millis());
    if (settings.columns() > 0) {
      out.print("\r" + LiveLine.text(facts, settings.columns() - 1) + CLEAR_REST_OF_LINE);
    } else {
      out.println(LiveLine.text(facts, Integer.MAX_VALUE));
    }
    out.flush();
  }

  private void endLine() {
    if (settings.columns() > 0) {
      out.println();
      out.flush();
    }
  }

  private static void requireAlive(JobManager flink, JobOverview job)
      throws IOException, InterruptedException {
    if (job.state().equals("FAILED") || job.state().equals("CANCELED")) {
      throw new JobFailure("the job is %s: %s".formatted(job.state(), flink.failure(job.id())));
    }
  }

  private void requireFed() throws IOException {
    Throwable failed = feedFailure.get();
    if (failed != null) {
      Throwable why = failed instanceof UncheckedIOException wrapped ? wrapped.getCause() : failed;
      throw new IOException(
          why instanceof IOException ? why.getMessage() : "feeding failed: " + failed, failed);
    }
  }

  /** The job has failed, or does not start; no use in asking again. */
  private static final class JobFailure extends IOException {
    JobFailure(String message) {
      super(message);
    }
  }
}
