package dev.sluice.enrich;

import dev.sluice.codec.Details;
import dev.sluice.event.Event;
import dev.sluice.event.Event.DeferRequested;
import dev.sluice.event.Event.Malformed;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Features;
import dev.sluice.event.Reason;
import java.net.http.HttpClient;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.jspecify.annotations.Nullable;

/**
 * Event in, event out: an observation after its lookup, anything else as it is.
 *
 * <p>Where the observation and the service name the same feature, the observation's own value is
 * kept: it is what happened, and the same in every replay.
 */
@SuppressWarnings("NullAway.Init") // Flink calls open before everything else
final class Enrich extends RichAsyncFunction<Event, Event> {

  private static final long serialVersionUID = 1L;

  private final EnrichSettings settings;

  private transient FeatureService service;
  private transient @Nullable ScheduledThreadPoolExecutor timers;
  private transient @Nullable ExecutorService requests;

  Enrich(EnrichSettings settings) {
    this.settings = settings;
  }

  @Override
  public void open(OpenContext context) {
    timers = new ScheduledThreadPoolExecutor(1, task -> thread(task, "timers"));
    timers.setRemoveOnCancelPolicy(true);
    requests = Executors.newSingleThreadExecutor(task -> thread(task, "requests"));
    service =
        new FeatureService(
            settings,
            http(requests),
            timers,
            Clock.systemUTC(),
            new EnrichMetrics(getRuntimeContext().getMetricGroup()));
  }

  /** Its selector's thread outlives the task: it must not keep the job's classes. */
  private HttpClient http(ExecutorService executor) {
    Thread current = Thread.currentThread();
    ClassLoader jobs = current.getContextClassLoader();
    current.setContextClassLoader(ClassLoader.getSystemClassLoader());
    try {
      return HttpClient.newBuilder()
          .executor(executor)
          .version(
              settings.url().encrypted() ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();
    } finally {
      current.setContextClassLoader(jobs);
    }
  }

  private static Thread thread(Runnable task, String what) {
    Thread thread = new Thread(task, "sluice enrich " + what);
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public void asyncInvoke(Event event, ResultFuture<Event> result) {
    if (event instanceof Observation observation) {
      Future<?> unused =
          service
              .lookup(observation)
              .thenAccept(finding -> result.complete(List.of(conclude(observation, finding))))
              .exceptionally(
                  thrown -> {
                    result.completeExceptionally(thrown);
                    return null;
                  });
    } else {
      result.complete(List.of(event));
    }
  }

  private Event conclude(Observation observation, Finding finding) {
    if (finding instanceof Finding.Failed failed) {
      return fail(observation, failed.why());
    }
    if (!(finding instanceof Finding.Found found)) {
      return observation;
    }
    Features all = Merged.of(observation.features(), found.features());
    if (all.size() > settings.maxFeatures()) {
      return fail(
          observation,
          "with the service's features it has %s, at most %s are allowed"
              .formatted(all.size(), settings.maxFeatures()));
    }
    return new Observation(
        observation.raw(), observation.id(), observation.key(), observation.timeMs(), all);
  }

  private Event fail(Observation observation, String why) {
    return switch (settings.onFailure()) {
      case PROCEED -> observation;
      case DEFER -> new DeferRequested(observation.raw());
      case DEAD_LETTER ->
          new Malformed(
              observation.raw(),
              Reason.ENRICHMENT_FAILED,
              Details.clipped("the feature service: " + why));
    };
  }

  @Override
  public void close() {
    if (timers != null) {
      timers.shutdownNow();
    }
    if (requests != null) {
      requests.shutdownNow();
    }
  }
}
