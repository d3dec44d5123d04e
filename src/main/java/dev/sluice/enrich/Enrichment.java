package dev.sluice.enrich;

import dev.sluice.event.Event;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.jspecify.annotations.Nullable;

/**
 * The lookups' place in the job.
 *
 * <p>Events with pending lookups are stored in a snapshot as the state of an operator. A job
 * without an operator of that uid would be refused by Flink (or lose those events, with {@code
 * --allowNonRestoredState}), so both uids that there have been are in every job's graph, whether it
 * looks anything up or not: the graph depends on the settings alone, and nothing has to be read
 * from a snapshot to build it.
 */
public final class Enrichment {

  private Enrichment() {}

  /**
   * Puts lookups between the events and what follows, if there is a need. What comes out has to be
   * partitioned by the same key again: its order within a key then holds.
   *
   * @param settings null for a job that looks nothing up
   * @param key an event's key, the same before and after its lookup
   */
  public static DataStream<Event> of(
      DataStream<Event> events, @Nullable EnrichSettings settings, KeySelector<Event, String> key) {
    DataStream<Event> all =
        events
            .transform("earlier lookups", SluiceTypes.EVENT, new PassOn.Earlier())
            .uid(Uids.EARLIER_LOOKUPS);
    return settings == null
        ? all.transform("no lookups", SluiceTypes.EVENT, new PassOn.Off()).uid(Uids.LOOKUPS)
        : byKey(all, key)
            .transform(
                "lookups",
                SluiceTypes.EVENT,
                new LookupOperatorFactory(new Enrich(settings), settings.capacity(), key))
            .uid(Uids.LOOKUPS);
  }

  /** Partitioned as a keyed stream is, for an operator that has no keyed state and no backend. */
  private static DataStream<Event> byKey(DataStream<Event> events, KeySelector<Event, String> key) {
    return new DataStream<>(
        events.getExecutionEnvironment(), events.keyBy(key).getTransformation());
  }
}
