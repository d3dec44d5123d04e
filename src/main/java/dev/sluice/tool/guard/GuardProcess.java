package dev.sluice.tool.guard;

import dev.sluice.tool.stop.StopEvent;
import dev.sluice.tool.stop.StopPolicy;
import dev.sluice.tool.stop.Trail;
import dev.sluice.tool.time.Time;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** A whole guard: puts its parts together, and takes them apart when a signal has ended it. */
public final class GuardProcess implements Closeable {

  private static final Duration LOOK_EVERY = Duration.ofSeconds(2);
  private static final long VIEWERS_SECONDS = 5;
  private static final Duration LAST_LOOK = Duration.ofMillis(2500);

  private final GuardedJob job;
  private final Time time;
  private final GuardLog log;
  private final @Nullable TokenFile tokens;
  private final List<Callback> callbacks = new ArrayList<>();
  private final JobPoll poll;
  private final OtherGuards others;
  private final Guard guard;
  private final OutputWatch output;
  private final ExecutorService rehearsing =
      Executors.newSingleThreadExecutor(GuardProcess::daemon);
  private final Rehearsals rehearsals;
  private final GuardMetrics metrics;
  private final GuardStatus status;
  private final Routes routes;
  private final GuardServer server;
  private final List<Repeated> loops = new ArrayList<>();

  /**
   * Starts a guard.
   *
   * @param job what is watched and stopped, by whose time the guard goes; closed by the caller
   * @param err where every step is reported, a line each
   * @throws IOException if it can't listen, or the trail can't be written
   * @throws IllegalArgumentException if it would listen beyond loopback without a token, or a file
   *     holds none
   */
  public static GuardProcess start(GuardSettings settings, GuardedJob job, PrintWriter err)
      throws IOException {
    GuardProcess process = new GuardProcess(settings, job, err);
    process.log.say("listening on " + process.address());
    return process;
  }

  private GuardProcess(GuardSettings settings, GuardedJob job, PrintWriter err) throws IOException {
    this.job = job;
    time = job.services().time();
    Clock clock = time.clock();
    StopPolicy policy = job.policy();
    log = new GuardLog(err, clock);
    tokens = TokenFile.open(settings.tokenFile(), clock, log);
    Access access = new Access(settings.listen(), tokens);
    poll = new JobPoll(job, time, log);
    others =
        new OtherGuards(policy.journal(), policy.job(), OtherGuards.PATIENCE, job.services(), log);
    guard = new Guard(job, poll, others, callbacks, clock, log);
    output = new OutputWatch(job, time, log);
    rehearsals = new Rehearsals(job, guard::stop, output::trouble, rehearsing, clock, log);
    metrics = new GuardMetrics(policy.grace(), guard, poll, rehearsals, output, clock);
    status = new GuardStatus(policy, guard, poll, rehearsals, clock);
    routes = new Routes(guard, status, metrics, access, time, log);
    addCallbacks(settings, err);
    server = GuardServer.start(settings.listen(), routes);
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "rehearsal");
    thread.setDaemon(true);
    return thread;
  }

  private void addCallbacks(GuardSettings settings, PrintWriter err) throws IOException {
    if (settings.trail() != null) {
      callbacks.add(new TrailCallback(Trail.open(settings.trail(), err)));
    }
    if (settings.webhook() != null) {
      TokenFile sent = TokenFile.open(settings.webhookTokenFile(), time.clock(), log);
      Webhook.Target target = Webhook.Target.of(settings.webhook(), sent);
      callbacks.add(new Webhook(target, job.name(), log, metrics::webhookFailed, time));
    }
    if (settings.onStep() != null) {
      callbacks.add(
          new StepCommand(
              settings.onStep(), job.name(), settings.onStepLimit(), log, metrics::commandFailed));
    }
  }

  /** A trail receives events alone. */
  private record TrailCallback(Trail trail) implements Callback {
    @Override
    public void on(StopEvent event) {
      trail.on(event);
    }

    @Override
    public void ended(StopEnd end) {}

    @Override
    public void close() {
      trail.close();
    }
  }

  /**
   * Polls the job from now on. Its caller installs signal handlers before that: the first poll may
   * take a while, and a signal during it must stop the job, not just this process.
   */
  public void watch() throws InterruptedException {
    poll();
    repeat("job-watch", LOOK_EVERY, LOOK_EVERY, this::poll);
    repeat("output-watch", Duration.ZERO, OutputWatch.PAUSE, () -> output.look(poll.last()));
    repeat("other-guards", Duration.ZERO, OtherGuards.BEAT, () -> others.beat(status.stoppable()));
  }

  private void repeat(String name, Duration delay, Duration pause, Repeated.Work work) {
    loops.add(Repeated.start(time, name, delay, pause, work));
  }

  private void poll() throws InterruptedException {
    ObservedJob seen = poll.look();
    guard.adopt();
    if (seen.answered()) {
      rehearsals.seen(seen);
    }
    if (tokens != null) {
      tokens.tokens(); // a token holds for some seconds after its file was seen gone
    }
  }

  /** Where the guard serves its page. */
  public URI address() {
    return server.address();
  }

  /**
   * A signal has come: ends the guard, after a stop of the job if it is one of {@link
   * Signals#STOPPING} and no other guard takes over.
   *
   * @param name without SIG, as TERM
   */
  public void signalled(String name) {
    metrics.signalled(name);
    if (name.equals(Signals.DETACHING)) {
      if (guard.detach("SIG" + name) == Departure.BEGUN) {
        guard.left();
      }
      return;
    }
    try {
      guard.signalled("SIG" + name);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Waits until a signal or a request has ended the guard, and its callbacks are done.
   *
   * @return the exit code of the stop; 8 if the job was left running
   */
  public int await() throws InterruptedException {
    int code;
    try {
      code = guard.exit().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
    callbacks.forEach(Callback::close);
    if (routes.isWatched(VIEWERS_SECONDS)) {
      time.sleep(LAST_LOOK); // for the pages to fetch the end
    }
    return code;
  }

  @Override
  public void close() throws IOException {
    loops.forEach(Repeated::close);
    others.close();
    rehearsing.shutdownNow();
    callbacks.forEach(Callback::close);
    metrics.close();
    server.close();
  }
}
