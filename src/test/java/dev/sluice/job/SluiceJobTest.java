package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.settings.JobSettings;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.connector.kafka.source.KafkaSource;
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

  /** What the consumer does at an offset that is deleted; the connector has no other way to ask. */
  private static void assertReset(KafkaSource<?> source, String reset) {
    assertThat(source)
        .extracting("props", InstanceOfAssertFactories.type(Properties.class))
        .satisfies(props -> assertThat(props).containsEntry("auto.offset.reset", reset));
  }
}
