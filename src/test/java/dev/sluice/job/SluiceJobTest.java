package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.settings.JobSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamConfig;
import org.apache.flink.streaming.api.operators.SimpleOperatorFactory;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SluiceJobTest {

  @ParameterizedTest
  @CsvSource({"false, none", "true, earliest"})
  void noSourceSkipsDeletedRecordsUnlessTold(String skipDeleted, String reset) {
    JobSettings settings = JobSettings.of(Map.of("sluice.source.skip-deleted-inputs", skipDeleted));

    assertReset(SluiceJob.source(settings), reset);
    assertReset(SluiceJob.controlSource(settings), reset);
  }

  @Test
  void commandsAreReadFromTheBeginningWhereEventsAreNot() {
    JobSettings settings =
        JobSettings.of(
            Map.of("sluice.source.start", "latest", "sluice.source.skip-deleted-inputs", "true"));

    assertReset(SluiceJob.source(settings), "latest");
    assertReset(SluiceJob.controlSource(settings), "earliest");
  }

  /** As a TaskManager reads its operators; with every optional part. */
  @Test
  void eachOperatorTravelsWithTheSettingsThatWereRead() {
    JobSettings settings =
        JobSettings.of(
            Map.of(
                "sluice.features.declared", "distance:number, *",
                "sluice.model.expire-after", "30 d",
                "sluice.enrich.url", "http://127.0.0.1:1/{key}"));
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    ControlGate gate = new ControlGate(settings.model(), new ModelStore(""));
    SluiceJob.build(
        env,
        settings,
        Refusals.of(env.getConfiguration()),
        settings.fenceSettings(""),
        new LearnAndPredictOperator(
            new LearnAndPredict(settings, new byte[] {1}), settings.models().cache(), gate),
        SluiceJob.commands(env, settings, gate));

    List<Object> operators = new ArrayList<>();
    ClassLoader loader = getClass().getClassLoader();
    for (JobVertex vertex : env.getStreamGraph().getJobGraph().getVertices()) {
      StreamConfig config = new StreamConfig(vertex.getConfiguration());
      operators.add(config.getStreamOperatorFactory(loader));
      config
          .getTransitiveChainedTaskConfigs(loader)
          .values()
          .forEach(chained -> operators.add(chained.getStreamOperatorFactory(loader)));
    }

    assertThat(operators).hasSizeGreaterThanOrEqualTo(8).doesNotContainNull();
    assertThat(operators)
        .filteredOn(SimpleOperatorFactory.class::isInstance)
        .extracting(factory -> ((SimpleOperatorFactory<?>) factory).getOperator())
        .filteredOn(LearnAndPredictOperator.class::isInstance)
        .singleElement()
        .extracting("function.settings")
        .hasToString(settings.toString());
  }

  /** What the consumer does at an offset that is deleted; the connector has no other way to ask. */
  private static void assertReset(KafkaSource<?> source, String reset) {
    assertThat(source)
        .extracting("props", InstanceOfAssertFactories.type(Properties.class))
        .satisfies(props -> assertThat(props).containsEntry("auto.offset.reset", reset));
  }
}
