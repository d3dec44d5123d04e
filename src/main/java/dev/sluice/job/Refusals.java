package dev.sluice.job;

import dev.sluice.event.Event;
import dev.sluice.settings.BrokersAwayException;
import dev.sluice.settings.SettingsException;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.PipelineOptionsInternal;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reasons against a start, and how they end it.
 *
 * <p>Submitted by a client, the first refusal ends the program and nothing was submitted. In
 * application mode the program runs in the JobManager, at the start and again whenever a JobManager
 * takes the job over. Then the job is there already: Flink recovers it with the graph of its start
 * and throws away the one that this program builds. The program can't distinguish the two. If it
 * failed there, Flink would end the JobManager, and the next one, for something that the running
 * job does not need: a champion's file that has moved, a topic's setting that was changed since. So
 * it waits for brokers that do not answer, and builds the job with the refusal in it: a start fails
 * for good in its first task, a recovery never sees it.
 */
final class Refusals {

  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

  private static final Duration BETWEEN_ATTEMPTS = Duration.ofSeconds(5);

  /**
   * Where a JobManager keeps jars that were uploaded, as RestServerEndpointConfiguration has it.
   */
  private static final String UPLOADED = "/flink-web-upload/";

  private final boolean passedOn;
  private final Duration betweenAttempts;

  private @Nullable RefusedStart refused;

  private Refusals(boolean passedOn, Duration betweenAttempts) {
    this.passedOn = passedOn;
    this.betweenAttempts = betweenAttempts;
  }

  /** For a program that runs with this configuration. */
  static Refusals of(ReadableConfig flink) {
    return of(flink, BETWEEN_ATTEMPTS);
  }

  static Refusals of(ReadableConfig flink, Duration betweenAttempts) {
    return new Refusals(applicationMode(flink), betweenAttempts);
  }

  /**
   * Whether each JobManager that takes the job over runs this program. A program that is submitted
   * over REST, by whatever client, runs in the JobManager, too, but once, and the submitting client
   * gets the error. No client is attached to it, and its jar was uploaded before: Flink itself
   * reports both, because JarRunHandler and the entry points of applications set {@code
   * pipeline.jars} after whatever a request or a configuration says. That no client is attached
   * does not suffice, because an application can be detached, too. Arguments show nothing: where
   * there are none, an application has no entry for them either.
   */
  static boolean applicationMode(ReadableConfig flink) {
    boolean submitted =
        flink.getOptional(DeploymentOptions.ATTACHED).equals(Optional.of(false))
            && flink.getOptional(PipelineOptions.JARS).orElse(List.of()).stream()
                .anyMatch(jar -> jar.contains(UPLOADED));
    // A job of another name could not be recovered.
    return "embedded".equals(flink.get(DeploymentOptions.TARGET))
        && flink.getOptional(PipelineOptionsInternal.PIPELINE_FIXED_JOB_ID).isPresent()
        && !submitted;
  }

  /**
   * Makes a check that no start may fail.
   *
   * @throws SettingsException if it fails, and this is no application mode
   */
  void of(Runnable check) throws InterruptedException {
    while (true) {
      try {
        check.run();
        return;
      } catch (BrokersAwayException e) {
        if (!passedOn) {
          throw e;
        }
        LOG.warn("{}. The start waits for them", e.getMessage());
        Thread.sleep(betweenAttempts.toMillis());
      } catch (SettingsException e) {
        keep(e, true);
        return;
      }
    }
  }

  /**
   * Gets something that only a start without a snapshot needs.
   *
   * @return null also if it is not available, and this is application mode
   * @throws SettingsException if it is not available, and this is no application mode
   */
  <T> @Nullable T ofFirstStart(Supplier<@Nullable T> needed) {
    try {
      return needed.get();
    } catch (SettingsException e) {
      keep(e, false);
      return null;
    }
  }

  /** What refuses any start comes before what refuses some. */
  private void keep(SettingsException refusal, boolean any) {
    if (!passedOn) {
      throw refusal;
    }
    String which = any ? "A start" : "A start without a snapshot";
    LOG.warn("{} is refused, a job that is recovered continues: {}", which, refusal.getMessage());
    if (refused == null) {
      refused = new RefusedStart(String.valueOf(refusal.getMessage()), any);
    }
  }

  /** The events, with an operator before all others that stops every refused start. */
  DataStream<Event> into(DataStream<Event> events) {
    return refused == null
        ? events
        : events.transform("refused start", SluiceTypes.EVENT, refused).uid(Uids.REFUSED_START);
  }
}
