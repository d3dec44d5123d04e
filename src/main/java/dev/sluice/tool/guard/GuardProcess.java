package dev.sluice.tool.guard;

import dev.sluice.tool.services.ToolServices;
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

  private final Time time;
  private final GuardLog log;
  private final @Nullable TokenFile tokens;
  private final GuardMetrics metrics;
  private final List<Callback> callbacks = new ArrayList<>();
  private final Guard guard;
  private final JobPoll poll;
  private final ExecutorService rehearsing =
      Executors.newSingleThreadExecutor(GuardProcess::daemon);
  private final Rehearsals rehearsals;
  private final OutputWatch output;
  private final OtherGuards others;
  private final Routes routes;
  private final GuardServer server;

  /**
   * Starts a guard.
   *
   * @param ways how the job is stopped
   * @param services whose time the guard goes by
   * @param err where every step is reported, a line each
   * @throws IOException if it can't listen, or the trail can't be written
   * @throws IllegalArgumentException if it would listen beyond loopback without a token, or a file
   *     holds none
   */
  public static GuardProcess start(
      GuardSettings settings,
      GuardOperations ways,
      JobWatch watch,
      ToolServices services,
      PrintWriter err)
      throws IOException {
    GuardProcess process = new GuardProcess(settings, ways, watch, services, err);
    process.log.say("listening on " + process.address());
    return process;
  }

  /**
   * Polls the job from now on. Its caller installs signal handlers before that: the first poll may
   * take a while, and a signal during it must stop the job, not just this process.
   */
  public void watch() throws InterruptedException {
    poll.start(
        () -> {
          metrics.seen(poll.last());
          guard.adopt();
          guard.seen(poll.last());
          rehearsals.seen(poll.last());
          readTokens();
        },
        () -> {
          guard.adopt();
          readTokens();
        });
    output.start();
    others.start();
  }

  /** Whether it is queried or not: a token holds for some seconds after its file was seen gone. */
  private void readTokens() {
    if (tokens != null) {
      tokens.tokens();
    }
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "rehearsal");
    thread.setDaemon(true);
    return thread;
  }

  private GuardProcess(
      GuardSettings settings,
      GuardOperations ways,
      JobWatch watch,
      ToolServices services,
      PrintWriter err)
      throws IOException {
    StopPolicy policy = settings.policy();
    time = services.time();
    Clock clock = time.clock();
    log = new GuardLog(err, clock);
    tokens = TokenFile.open(settings.tokenFile(), clock, log);
    Access access = new Access(settings.listen(), tokens);
    metrics = new GuardMetrics(clock, policy.grace());
    callbacks.add(metrics);
    poll = new JobPoll(watch, policy.job(), LOOK_EVERY, time, log);
    guard = new Guard(policy, ways.stopping(), ways.inFlight(), poll, callbacks, clock, log);
    poll.endsWith(guard::isEnding);
    output = new OutputWatch(ways.output(), poll::last, time, log);
    rehearsals =
        new Rehearsals(
            policy, ways.rehearsal(), guard::stop, output::trouble, rehearsing, clock, log);
    metrics.watch(poll::last, guard::stop);
    metrics.watch(rehearsals::last);
    metrics.watchOutput(output::last);
    GuardStatus status = new GuardStatus(policy, guard, poll, rehearsals, clock);
    others =
        new OtherGuards(
            policy.journal(),
            policy.job(),
            status::stoppable,
            guard::isEnding,
            OtherGuards.PATIENCE,
            services,
            log);
    guard.relievedBy(others);
    routes = new Routes(guard, status, metrics, access, time, log);
    addCallbacks(settings, err);
    server = GuardServer.start(settings.listen(), routes);
  }

  private void addCallbacks(GuardSettings settings, PrintWriter err) throws IOException {
    String job = settings.policy().job();
    if (settings.trail() != null) {
      callbacks.add(new TrailCallback(Trail.open(settings.trail(), err)));
    }
    if (settings.webhook() != null) {
      TokenFile sent = TokenFile.open(settings.webhookTokenFile(), time.clock(), log);
      Webhook.Target target = Webhook.Target.of(settings.webhook(), sent);
      callbacks.add(new Webhook(target, job, log, metrics, time));
    }
    if (settings.onStep() != null) {
      callbacks.add(new StepCommand(settings.onStep(), job, settings.onStepLimit(), log, metrics));
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
    for (Callback callback : callbacks) {
      if (callback != metrics) {
        callback.close();
      }
    }
    if (routes.isWatched(VIEWERS_SECONDS)) {
      time.sleep(LAST_LOOK); // for the pages to fetch the end
    }
    return code;
  }

  @Override
  public void close() throws IOException {
    others.close();
    poll.close();
    output.close();
    rehearsing.shutdownNow();
    callbacks.forEach(Callback::close);
    server.close();
  }
}
