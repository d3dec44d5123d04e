package dev.sluice.fence;

import dev.sluice.event.OutputRecord;
import dev.sluice.kafka.SaslProviders;
import java.io.IOException;
import java.util.Collection;
import java.util.Properties;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaWriterState;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.SupportsPostCommitTopology;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.lineage.LineageVertex;
import org.apache.flink.streaming.api.lineage.LineageVertexProvider;

/**
 * The connector's sink with a {@link StrictCommitter} around its committer; everything else is the
 * connector's own. The graph, the operators' names and the state are those of the bare {@link
 * KafkaSink}, so that either restores what the other has saved.
 */
public final class AnswerSink
    implements Sink<OutputRecord>,
        SupportsCommitter<KafkaCommittable>,
        SupportsWriterState<OutputRecord, KafkaWriterState>,
        SupportsPostCommitTopology<KafkaCommittable>,
        LineageVertexProvider {

  private static final long serialVersionUID = 1L;

  private final KafkaSink<OutputRecord> kafka;
  private final boolean judged;
  private final Properties client;

  /**
   * A sink for the job's answers.
   *
   * @param kafka does the work
   * @param fence whether what a restored snapshot misses is found by the restore fence
   */
  public AnswerSink(KafkaSink<OutputRecord> kafka, FenceSettings fence) {
    this.kafka = kafka;
    this.judged = fence.isOn();
    this.client = fence.clientProperties();
  }

  @Override
  public Committer<KafkaCommittable> createCommitter(CommitterInitContext context) {
    SaslProviders.prepare(client);
    boolean restored = context.getRestoredCheckpointId().isPresent();
    return new StrictCommitter<>(
        kafka.createCommitter(context),
        // Handed over in memory within a task; what comes out of a snapshot has no producer.
        committable -> restored && committable.getProducer().isEmpty(),
        judged,
        context.metricGroup());
  }

  @Override
  public SimpleVersionedSerializer<KafkaCommittable> getCommittableSerializer() {
    return kafka.getCommittableSerializer();
  }

  @Override
  public StatefulSinkWriter<OutputRecord, KafkaWriterState> createWriter(WriterInitContext context)
      throws IOException {
    SaslProviders.prepare(client);
    return kafka.createWriter(context);
  }

  @Override
  public StatefulSinkWriter<OutputRecord, KafkaWriterState> restoreWriter(
      WriterInitContext context, Collection<KafkaWriterState> recoveredState) {
    SaslProviders.prepare(client);
    return kafka.restoreWriter(context, recoveredState);
  }

  @Override
  public SimpleVersionedSerializer<KafkaWriterState> getWriterStateSerializer() {
    return kafka.getWriterStateSerializer();
  }

  @Override
  public void addPostCommitTopology(DataStream<CommittableMessage<KafkaCommittable>> committer) {
    kafka.addPostCommitTopology(committer);
  }

  @Override
  public LineageVertex getLineageVertex() {
    return kafka.getLineageVertex();
  }
}
