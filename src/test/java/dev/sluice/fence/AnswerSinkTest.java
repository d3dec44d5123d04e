package dev.sluice.fence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.OutputRecord;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.runtime.OperatorIDPair;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;

class AnswerSinkTest {

  /** State is found by these ids: a savepoint of the bare sink restores under ours. */
  @Test
  void theGraphIsThatOfTheBareSink() {
    for (DeliveryGuarantee guarantee : DeliveryGuarantee.values()) {
      KafkaSink<OutputRecord> bare = kafka(guarantee);
      List<String> ours = graph(new AnswerSink(bare, fence()));

      assertThat(ours).as("%s", guarantee).isEqualTo(graph(bare));
      assertThat(ours).anyMatch(line -> line.contains("answers: Committer"));
    }
  }

  private static List<String> graph(Sink<OutputRecord> sink) {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2);
    env.enableCheckpointing(1_000);
    env.fromSequence(0, 1)
        .map(AnswerSinkTest::none)
        .returns(SluiceTypes.OUTPUT_RECORD)
        .sinkTo(sink)
        .name("answers")
        .uid(Uids.ANSWERS);
    JobGraph graph = env.getStreamGraph().getJobGraph();
    List<String> lines = new ArrayList<>();
    for (JobVertex vertex : graph.getVerticesSortedTopologicallyFromSources()) {
      lines.add(
          "%s x%s %s"
              .formatted(
                  vertex.getName(), vertex.getParallelism(), vertex.getCoLocationGroup() != null));
      for (OperatorIDPair operator : vertex.getOperatorIDs()) {
        lines.add(operator.getGeneratedOperatorID() + " " + operator.getUserDefinedOperatorUid());
      }
    }
    return lines;
  }

  private static OutputRecord none(long number) {
    throw new IllegalStateException("not run: " + number);
  }

  private static KafkaSink<OutputRecord> kafka(DeliveryGuarantee guarantee) {
    return KafkaSink.<OutputRecord>builder()
        .setBootstrapServers("127.0.0.1:1")
        .setDeliveryGuarantee(guarantee)
        .setTransactionalIdPrefix("prefix")
        .setRecordSerializer((answer, context, time) -> null)
        .build();
  }

  private static FenceSettings fence() {
    return new FenceSettings(
        FenceMode.SUPPRESS,
        true,
        false,
        Duration.ofSeconds(1),
        "prefix",
        "",
        new FenceSettings.Topics(new String[0], "log", new String[0]),
        new Properties());
  }
}
