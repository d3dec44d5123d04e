package dev.sluice.tool.demo;

import dev.sluice.tool.flink.JobDetail;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Feeds a running job and shows its progress until it is stopped, the time is over, or the job
 * ends.
 *
 * <p>{@link #run} belongs to one thread; {@link #stop} may be called from any, a signal's too.
 */
public final class DemoRun {

  private static final Duration START_PATIENCE = Duration.ofMinutes(2);
  private static final Duration SUCCESSOR_PATIENCE = Duration.ofSeconds(45);
  private static final Duration REFRESH = Duration.ofSeconds(1);
  private static final Duration NEW_LINE = Duration.ofSeconds(5);
  private static final String CLEAR_REST_OF_LINE = "\u001b[K";

  private final Time time;
  private final Settings settings;
  private final PrintWriter out;
  private final JobManager flink;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final AtomicReference<@Nullable Throwable> feedFailure = new AtomicReference<>();
  private final Throughput throughput = new Throughput();

  /**
   * What to run on.
   *
   * @param client properties of every Kafka client; may hold secrets
   * @param events the topic to feed
   * @param evaluations the topic to follow
   * @param rest addresses of Flink's REST interface; several with high availability
   * @param jobId the job
   * @param perSecond events a second; 0 = as fast as possible
   * @param lasting how long to feed; null = until stopped
   * @param terminal whether to refresh one line in place
   * @param columns the terminal's width
   */
  public record Settings(
      Properties client,
      String events,
      String evaluations,
      List<URI> rest,
      String jobId,
      int perSecond,
      @Nullable Duration lasting,
      boolean terminal,
      int columns) {}

  public DemoRun(ToolServices services, Settings settings, PrintWriter out) {
    this.time = services.time();
    this.settings = settings;
    this.out = out;
    this.flink = services.flink(settings.rest(), ToolServices.GLANCE);
  }

  /** Ends the run soon: what was sent is acknowledged first. */
  public void stop() {
    stopped.countDown();
  }

  /**
   * Runs.
   *
   * @return true if it ended as requested, false if something else stopped the job
   * @throws IOException if the job failed, the broker is gone, or the JobManager is not reachable
   *     at first; once the job was seen to run, it waits for a JobManager that is down, because fed
   *     events wait in Kafka
   */
  public boolean run(Iterator<FlightEvent> events) throws IOException, InterruptedException {
    Optional<JobOverview> job = awaitRunning(settings.jobId());
    if (job.isEmpty()) {
      return true;
    }
    Feeder feeder = new Feeder(settings.client(), settings.events());
    Thread feeding = new Thread(() -> feed(feeder, events), "feeder");
    feeding.start();
    boolean asAsked;
    try (EvaluationTail tail = new EvaluationTail(settings.client(), settings.evaluations())) {
      asAsked = watch(job.get(), feeder, tail);
    } finally {
      stop();
      feeding.join();
      endLine();
    }
    requireFed();
    out.printf(
        "Fed %,d events in all%s.%n",
        feeder.inTopic(), feeder.exhausted() ? ", the data is at its end" : "");
    out.flush();
    return asAsked;
  }

  private void feed(Feeder feeder, Iterator<FlightEvent> events) {
    try {
      feeder.run(events, settings.perSecond(), () -> stopped.getCount() == 0);
    } catch (Throwable e) { // an Error too must end the run
      feedFailure.set(e);
      stop();
    }
  }

  /** Waits until every task of a job runs; empty if stopped before. */
  private Optional<JobOverview> awaitRunning(String id) throws IOException, InterruptedException {
    Deadline deadline = time.after(START_PATIENCE);
    JobDetail job = flink.detail(id);
    while (!(job.state().equals("RUNNING") && job.allTasksRun())) {
      requireAlive(job.job());
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

  private boolean watch(JobOverview first, Feeder feeder, EvaluationTail tail)
      throws IOException, InterruptedException {
    JobOverview job = first;
    Deadline end = settings.lasting() == null ? null : time.after(settings.lasting());
    boolean away = false;
    long every = (settings.terminal() ? REFRESH : NEW_LINE).toNanos();
    do {
      try {
        job = away ? successor(job).orElse(job) : job;
        JobDetail detail = flink.detail(job.id());
        if (detail.state().equals("FINISHED")) {
          Optional<JobOverview> next = awaitSuccessor(job);
          if (next.isEmpty()) {
            return false;
          }
          job = next.get();
          continue;
        }
        requireAlive(detail.job());
        show(detail, feeder, tail);
        away = false;
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
        "%s; what is fed to %s waits there for the job, and so does this command until you stop it%n",
        why.getMessage(), settings.events());
    out.flush();
  }

  /** The job that runs in place of one that has ended, or that its JobManager has lost. */
  private Optional<JobOverview> successor(JobOverview before)
      throws IOException, InterruptedException {
    List<JobOverview> alive = flink.jobs().stream().filter(job -> !job.isOver()).toList();
    if (alive.stream().anyMatch(job -> job.id().equals(before.id()))) {
      return Optional.empty();
    }
    for (JobOverview job : alive) {
      if (job.name().equals(before.name()) && job.startedAt().isAfter(before.startedAt())) {
        Optional<JobOverview> next = awaitRunning(job.id());
        next.ifPresent(runs -> out.printf("It continues as job %s%n", runs.id()));
        return next;
      }
    }
    return Optional.empty();
  }

  /** Another command stopped the job; as a rehearsal or a rescaling does, it may start it again. */
  private Optional<JobOverview> awaitSuccessor(JobOverview ended)
      throws IOException, InterruptedException {
    endLine();
    out.printf(
        "The job was stopped by another command; waiting %s s for it to be resumed%n",
        SUCCESSOR_PATIENCE.toSeconds());
    out.flush();
    Deadline deadline = time.after(SUCCESSOR_PATIENCE);
    do {
      Optional<JobOverview> next = successor(ended);
      if (next.isPresent()) {
        return next;
      }
    } while (!deadline.isOver() && !stopped.await(500, TimeUnit.MILLISECONDS));
    return Optional.empty();
  }

  private void show(JobDetail detail, Feeder feeder, EvaluationTail tail)
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
    if (settings.terminal()) {
      out.print("\r" + LiveLine.text(facts, settings.columns() - 1) + CLEAR_REST_OF_LINE);
    } else {
      out.println(LiveLine.text(facts, Integer.MAX_VALUE));
    }
    out.flush();
  }

  private void endLine() {
    if (settings.terminal()) {
      out.println();
      out.flush();
    }
  }

  private void requireAlive(JobOverview job) throws IOException, InterruptedException {
    if (job.state().equals("FAILED") || job.state().equals("CANCELED")) {
      throw new JobFailure("the job is %s: %s".formatted(job.state(), flink.failure(job.id())));
    }
  }

  private void requireFed() throws IOException {
    Throwable failed = feedFailure.get();
    if (failed != null) {
      throw new IOException(
          failed instanceof IOException ? failed.getMessage() : "feeding failed: " + failed,
          failed);
    }
  }

  /** The job has failed, or does not start; no use in asking again. */
  private static final class JobFailure extends IOException {
    JobFailure(String message) {
      super(message);
    }
  }
}
