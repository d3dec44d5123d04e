package dev.sluice.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Event;
import dev.sluice.event.Event.Observation;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import dev.sluice.support.FeatureServer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.apache.flink.streaming.runtime.partitioner.KeyGroupStreamPartitioner;
import org.junit.jupiter.api.Test;

/** The graph has a place for any snapshot's state, and costs nothing without lookups. */
class EnrichmentTest {

  @Test
  void bothUidsAreInEveryGraph() {
    for (StreamGraph graph : List.of(graph(false), graph(true))) {
      assertThat(graph.getStreamNodes())
          .extracting(StreamNode::getTransformationUID)
          .contains(Uids.EARLIER_LOOKUPS, Uids.LOOKUPS);
    }
  }

  @Test
  void withoutLookupsEverythingIsInTheSourcesTask() {
    JobGraph job = graph(false).getJobGraph();
    assertThat(job.getVerticesSortedTopologicallyFromSources())
        .extracting(JobVertex::getName)
        .hasSize(2)
        .first()
        .asString()
        .contains("earlier lookups", "no lookups");
  }

  /** A state backend would be of no use to it. */
  @Test
  void lookupsArePartitionedByKeyWithoutKeyedState() {
    StreamGraph graph = graph(true);
    StreamNode lookups =
        graph.getStreamNodes().stream()
            .filter(node -> Uids.LOOKUPS.equals(node.getTransformationUID()))
            .findFirst()
            .orElseThrow();
    assertThat(lookups.getInEdges())
        .singleElement()
        .satisfies(
            edge ->
                assertThat(edge.getPartitioner()).isInstanceOf(KeyGroupStreamPartitioner.class));
    assertThat(lookups.getStateKeySerializer()).isNull();
    assertThat(graph.getJobGraph().getNumberOfVertices()).isEqualTo(3);
  }

  /** On a cluster in this JVM. */
  @Test
  void aJobEnrichesEveryEvent() throws Exception {
    try (FeatureServer server = new FeatureServer()) {
      StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
      env.setParallelism(2);
      Event[] given = new Event[100];
      for (int i = 0; i < given.length; i++) {
        given[i] = EnrichFixtures.observation("k" + i % 7, i);
      }
      Set<Long> offsets = new TreeSet<>();
      Enrichment.of(
              env.fromData(SluiceTypes.EVENT, given),
              EnrichFixtures.settings(server.url(), OnFailure.DEFER, 0),
              EnrichmentTest::key)
          .executeAndCollect(given.length)
          .forEach(
              event -> {
                assertThat(((Observation) event).features().size()).isEqualTo(3);
                offsets.add(event.raw().origin().offset());
              });
      assertThat(offsets).hasSize(given.length);
    }
  }

  private static StreamGraph graph(boolean looksUp) {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(2);
    DataStream<Event> events =
        env.fromSequence(1, 2)
            .map(offset -> (Event) EnrichFixtures.observation("k", offset))
            .returns(SluiceTypes.EVENT);
    EnrichSettings settings =
        looksUp ? EnrichFixtures.settings("http://127.0.0.1:1/{key}", OnFailure.PROCEED, 0) : null;
    Enrichment.of(events, settings, EnrichmentTest::key)
        .keyBy(EnrichmentTest::key)
        .sinkTo(new DiscardingSink<>());
    return env.getStreamGraph();
  }

  private static String key(Event event) {
    return ((Observation) event).key();
  }
}
