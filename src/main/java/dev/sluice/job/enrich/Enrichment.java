package dev.sluice.job.enrich;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.event.Event;
import dev.sluice.job.SettingsException;
import dev.sluice.job.Uids;
import dev.sluice.state.SluiceTypes;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.state.CompletedCheckpointStorageLocation;
import org.apache.flink.runtime.state.filesystem.AbstractFsCheckpointStorageAccess;
import org.apache.flink.shaded.guava33.com.google.common.hash.Hashing;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.functions.async.AsyncFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lookups' place in the job.
 *
 * <p>Events whose lookups were not done lie in a snapshot as the state of an operator of its own. A
 * job without lookups that resumes from it needs that operator, too, or Flink refuses the snapshot
 * (and with {@code --allowNonRestoredState} those events would be lost); there they are passed on
 * as they came. A job with lookups that resumes from a snapshot without them needs nothing.
 */
public final class Enrichment {

  private static final Logger LOG = LoggerFactory.getLogger(Enrichment.class);
  private static final int CAPACITY = 100;

  private Enrichment() {}

  /**
   * Puts lookups between the events and what follows, if there is a need.
   *
   * @param settings null for a job that looks nothing up
   * @param flink names the snapshot that the job resumes from, if any
   */
  public static DataStream<Event> of(
      DataStream<Event> events, @Nullable EnrichSettings settings, ReadableConfig flink) {
    if (settings != null) {
      return operator(events, new Enrich(settings), settings.capacity());
    }
    String snapshot = flink.getOptional(StateRecoveryOptions.SAVEPOINT_PATH).orElse(null);
    if (snapshot != null
        && wasEnriched(
            snapshot, flink.get(StateRecoveryOptions.SAVEPOINT_IGNORE_UNCLAIMED_STATE))) {
      LOG.info("Nothing is looked up; what {} holds for lookups is passed on", snapshot);
      return operator(events, new PassOn(), CAPACITY);
    }
    return events;
  }

  /** No timer of Flink's: a lookup ends by itself in time. */
  private static DataStream<Event> operator(
      DataStream<Event> events, AsyncFunction<Event, Event> function, int capacity) {
    SingleOutputStreamOperator<Event> enriched =
        AsyncDataStream.orderedWait(events, function, 0, TimeUnit.MILLISECONDS, capacity);
    return enriched.returns(SluiceTypes.EVENT).name("enrich").uid(Uids.ENRICH);
  }

  private static boolean wasEnriched(String snapshot, boolean dropsUnclaimed) {
    OperatorID enrich =
        new OperatorID(Hashing.murmur3_128(0).hashString(Uids.ENRICH, UTF_8).asBytes());
    try {
      CompletedCheckpointStorageLocation location =
          AbstractFsCheckpointStorageAccess.resolveCheckpointPointer(snapshot);
      try (DataInputStream in =
          new DataInputStream(location.getMetadataHandle().openInputStream())) {
        return Checkpoints.loadCheckpointMetadata(in, Enrichment.class.getClassLoader(), snapshot)
            .getOperatorStates()
            .stream()
            .anyMatch(operator -> operator.getOperatorID().equals(enrich));
      }
    } catch (IOException | RuntimeException e) {
      if (dropsUnclaimed) {
        throw new SettingsException(
            "whether %s holds events that wait for lookups can't be seen from here (%s), and --allowNonRestoredState would drop them: start without it"
                .formatted(snapshot, e));
      }
      // Flink refuses a snapshot with an operator that the job lacks.
      LOG.warn("Whether {} holds lookups can't be seen from here: {}", snapshot, e.toString());
      return false;
    }
  }
}
