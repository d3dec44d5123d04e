package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.model.Objective;
import dev.sluice.model.ServingPolicy;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobSettingsTest {

  @Test
  void defaultsAreAJobThatStarts() {
    JobSettings settings = JobSettings.of(Map.of());

    assertThat(settings.model().objective()).isEqualTo(Objective.LOG);
    assertThat(settings.model().labels()).containsExactly("ontime", "late");
    assertThat(settings.model().serving().policy()).isEqualTo(ServingPolicy.BEST);
    assertThat(settings.sink().guarantee()).isEqualTo(DeliveryGuarantee.EXACTLY_ONCE);
    assertThat(settings.outcomeTimeout()).isEqualTo(Duration.ofDays(7));
    assertThat(settings.eventTopics()).containsExactly("sluice.events");
    assertThat(settings.allTopics()).hasSize(7);
  }

  @Test
  void severalInputTopicsAreTaken() {
    assertThat(JobSettings.of(Map.of("sluice.topics.events", "a, b")).eventTopics())
        .isEqualTo(List.of("a", "b"));
  }

  @Test
  void aRegressionJobHasNoLabels() {
    assertThat(JobSettings.of(Map.of("sluice.model.objective", "huber")).model().labels())
        .isEmpty();
  }

  @Test
  void kafkaPropertiesArePassedOnAndNeverPrinted() {
    JobSettings settings =
        JobSettings.of(
            Map.of("sluice.kafka.properties.sasl.jaas.config", "user=\"u\" password=\"hush\""));

    assertThat(settings.kafka().clientProperties())
        .containsEntry("sasl.jaas.config", "user=\"u\" password=\"hush\"");
    assertThat(settings.toString()).contains("sasl.jaas.config").doesNotContain("hush");
  }

  @Test
  void anUnknownKeyIsNamedWithTheNearestKnownOne() {
    assertRefused(
        "sluice.model.objectiv",
        "log",
        "unknown setting sluice.model.objectiv = (log); did you mean sluice.model.objective?");
    assertRefused("state.backend.type", "rocksdb", "unknown setting state.backend.type");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          sluice.model.objective                    | logistic | huber
          sluice.model.optimiser                    | adam     | sgd-momentum
          sluice.model.labels                       | late     | at least two labels
          sluice.model.labels                       | a,a      | different names
          sluice.model.learning-rate                | fast     | must be a number
          sluice.model.learning-rate                | NaN      | between
          sluice.model.momentum                     | 1.5      | between 0.0 and 0.999999
          sluice.features.width                     | 100      | a power of two
          sluice.features.max-per-event             | 0        | at least 1
          sluice.outcome.timeout                    | soon     | a duration
          sluice.outcome.timeout                    | 0 s      | longer than zero
          sluice.serving.policy                     | champion | there is no champion to serve
          sluice.source.start                       | middle   | earliest, latest
          sluice.sink.delivery-guarantee            | none     | at-least-once, exactly-once
          sluice.champion.version                   | 0        | at least 1
          sluice.state.cached-keys                  | 0        | at least 1
          sluice.state.cache-memory                 | 64       | at least 1 mb
          sluice.state.cache-memory                 | -1mb     | a size such as 64mb
          sluice.state.cache-memory                 | much     | a size such as 64mb
          sluice.topics.predictions                 | ''       | must not be empty
          sluice.topics.predictions                 | sluice.events | used twice
          sluice.kafka.properties.transactional.id  | x        | sluice.sink.transactional-id-prefix
          """)
  void aBadValueIsNamedWithWhatIsAllowed(String key, String value, String allowed) {
    assertThatThrownBy(() -> JobSettings.of(Map.of(key, value)))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(allowed)
        .satisfies(
            e ->
                assertThat(e.getMessage())
                    .matches(message -> message.contains(key) || message.contains(value)));
  }

  @Test
  void everyOptionIsListedAndDescribed() throws IllegalAccessException {
    int declared = 0;
    List<Field> fields = new ArrayList<>(List.of(SluiceOptions.class.getDeclaredFields()));
    fields.addAll(List.of(EnrichOptions.class.getDeclaredFields()));
    for (var field : fields) {
      if (field.getType() == org.apache.flink.configuration.ConfigOption.class) {
        declared++;
        assertThat(SluiceOptions.ALL)
            .contains((org.apache.flink.configuration.ConfigOption<?>) field.get(null));
      }
    }
    assertThat(SluiceOptions.ALL).hasSize(declared).doesNotHaveDuplicates();
  }

  private static void assertRefused(String key, String value, String message) {
    assertThatThrownBy(() -> JobSettings.of(Map.of(key, value)))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(message);
  }
}
