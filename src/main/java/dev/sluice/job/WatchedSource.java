package dev.sluice.job;

import dev.sluice.kafka.SaslProviders;
import java.io.Serializable;
import java.util.List;
import java.util.Properties;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.lineage.LineageVertex;
import org.apache.flink.streaming.api.lineage.LineageVertexProvider;

/**
 * A {@link KafkaSource} that does not find new partitions while it runs, and says when there are
 * some; see {@link WatchedEnumerator}. Readers, splits, state and serializers are the KafkaSource's
 * own: its snapshots restore here, and these there.
 *
 * @param <T> what it emits
 */
final class WatchedSource<T>
    implements Source<T, KafkaPartitionSplit, KafkaSourceEnumState>,
        ResultTypeQueryable<T>,
        LineageVertexProvider {

  private static final long serialVersionUID = 1L;

  private final KafkaSource<T> source;
  private final Inputs inputs;

  /**
   * What is watched.
   *
   * @param topics all that the source reads
   * @param client properties of a Kafka client; owned
   * @param skipDeleted whether deleted inputs of a new partition are skipped
   */
  record Inputs(List<String> topics, Properties client, boolean skipDeleted)
      implements Serializable {

    /** Copies the topics' names. */
    Inputs {
      topics = List.copyOf(topics);
    }

    @Override
    public String toString() {
      return "Inputs[%s, skip deleted %s]".formatted(topics, skipDeleted);
    }
  }

  /** Watches over the inputs of a source whose own discovery is off. */
  WatchedSource(KafkaSource<T> source, Inputs inputs) {
    this.source = source;
    this.inputs = inputs;
  }

  @Override
  public Boundedness getBoundedness() {
    return source.getBoundedness();
  }

  @Override
  public SourceReader<T, KafkaPartitionSplit> createReader(SourceReaderContext context)
      throws Exception {
    SaslProviders.prepare(inputs.client());
    return source.createReader(context);
  }

  @Override
  public SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> createEnumerator(
      SplitEnumeratorContext<KafkaPartitionSplit> context) {
    SaslProviders.prepare(inputs.client());
    return new WatchedEnumerator(
        context,
        source.createEnumerator(context),
        () -> WatchedEnumerator.InputLog.of(inputs),
        null);
  }

  @Override
  public SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> restoreEnumerator(
      SplitEnumeratorContext<KafkaPartitionSplit> context, KafkaSourceEnumState state)
      throws Exception {
    SaslProviders.prepare(inputs.client());
    // A snapshot from before the first discovery knows no partition yet: as at a first start.
    boolean judges = state.initialDiscoveryFinished() && !inputs.skipDeleted();
    NewPartitions added = judges ? NewPartitions.since(state) : null;
    SplitEnumeratorContext<KafkaPartitionSplit> inner =
        added == null ? context : new PinnedContext(context, added);
    return new WatchedEnumerator(
        context,
        source.restoreEnumerator(inner, state),
        () -> WatchedEnumerator.InputLog.of(inputs),
        added);
  }

  @Override
  public SimpleVersionedSerializer<KafkaPartitionSplit> getSplitSerializer() {
    return source.getSplitSerializer();
  }

  @Override
  public SimpleVersionedSerializer<KafkaSourceEnumState> getEnumeratorCheckpointSerializer() {
    return source.getEnumeratorCheckpointSerializer();
  }

  @Override
  public LineageVertex getLineageVertex() {
    return source.getLineageVertex();
  }

  @Override
  public TypeInformation<T> getProducedType() {
    return source.getProducedType();
  }
}
