package dev.sluice.settings;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.codec.InputRules;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.ServingPolicy;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobSettingsTest {

  @Test
  void defaultsAreAJobThatStarts() {
    JobSettings settings = JobSettings.of(Map.of());

    assertThat(settings.model().objective()).isEqualTo(Objective.LOG);
    assertThat(settings.model().labels()).containsExactly("ontime", "late");
    assertThat(settings.model().serving().policy()).isEqualTo(ServingPolicy.BLEND);
    assertThat(settings.sink().guarantee()).isEqualTo(DeliveryGuarantee.EXACTLY_ONCE);
    assertThat(settings.input().outcomeTimeout()).isEqualTo(Duration.ofDays(7));
    assertThat(settings.models().expireAfter()).isNull();
    assertThat(settings.topics().events()).containsExactly("sluice.events");
    assertThat(settings.topics().all()).hasSize(7);
  }

  @Test
  void theTasksGetThemAsTheyWereRead() throws Exception {
    JobSettings settings =
        JobSettings.of(
            Map.of(
                "sluice.enrich.url", "http://features/{key}",
                "sluice.model.expire-after", "30 d",
                "sluice.champion.uri", "file:///champion.tribuo",
                "sluice.kafka.properties.acks", "all"));
    JobSettings declared = JobSettings.of(Map.of("sluice.features.declared", "distance:number, *"));

    assertThat(InstantiationUtil.clone(settings)).isEqualTo(settings);
    assertThat(InstantiationUtil.clone(declared)).hasToString(declared.toString());
  }

  @Test
  void severalInputTopicsAreTaken() {
    assertThat(JobSettings.of(Map.of("sluice.topics.events", "a, b")).topics().events())
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
  void kafkaPropertiesThatAJobCanRunWithAreTaken() {
    Map<String, String> good =
        Map.of(
            "sluice.kafka.properties.acks", "all",
            "sluice.kafka.properties.retries", "10",
            "sluice.kafka.properties.max.in.flight.requests.per.connection", "1",
            "sluice.kafka.properties.compression.type", "zstd",
            "sluice.kafka.properties.client.id", "quota-7",
            "sluice.kafka.properties.max.request.size", "33554432",
            "sluice.kafka.properties.buffer.memory", "67108864",
            "sluice.kafka.properties.my.callback.option", "x");

    assertThat(JobSettings.of(good).kafka().properties()).hasSize(good.size());
  }

  @Test
  void eventsAreHeldToNothingMoreUnlessSettingsSaySo() {
    JobSettings.Input open = JobSettings.of(Map.of()).input();
    assertThat(open.rules()).isEqualTo(InputRules.of(1000));
    assertThat(Duration.ofMillis(open.toleranceMs())).isEqualTo(Duration.ofDays(365));

    JobSettings.Input strict =
        JobSettings.of(
                Map.of(
                    "sluice.features.declared", "distance:number, hour:text",
                    "sluice.time.tolerance", "36500 d",
                    "sluice.time.on-far", "dead-letter"))
            .input();
    assertThat(strict.rules().declared()).hasToString("distance:number, hour:text");
    assertThat(strict.rules().farthestMs()).isEqualTo(Duration.ofDays(36_500).toMillis());
  }

  @Test
  void aSecretIsNotShownWhereItIsRefused() {
    assertThatThrownBy(
            () ->
                JobSettings.of(
                    Map.of(
                        "sluice.kafka.properties.sasl.mechanism", "",
                        "sluice.kafka.properties.security.protocol", "SASL_SSL",
                        "sluice.kafka.properties.sasl.jaas.config", "hush")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("sasl.mechanism")
        .hasMessageNotContaining("hush");
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
          sluice.model.expire-after                 | never    | a duration
          sluice.model.expire-after                 | 0 s      | longer than zero
          sluice.outcome.timeout                    | 9223372036854775807 ms | at most 3650 d
          sluice.outcome.timeout                    | 9223372036854775807 d | a duration
          sluice.outcome.timeout                    | 3651 d   | at most 3650 d
          sluice.enrich.timeout                     | 3651 d   | at most 3650 d
          sluice.time.tolerance                     | 0 s      | longer than zero
          sluice.time.tolerance                     | 3652061 d | at most 3652060 d
          sluice.time.on-far                        | ignore   | allowed: accept, dead-letter
          sluice.features.declared                  | distance | name:number, name:text or name:any
          sluice.features.declared                  | a:text,a:any | feature (a) is declared twice
          sluice.serving.policy                     | champion | there is no champion to serve
          sluice.source.start                       | middle   | earliest, latest
          sluice.sink.delivery-guarantee            | none     | at-least-once, exactly-once
          sluice.champion.version                   | 0        | at least 1
          sluice.state.cached-keys                  | 0        | at least 1
          sluice.state.cache-memory                 | 64       | at least 1 mb
          sluice.state.cache-memory                 | -1mb     | a size such as 32mb
          sluice.state.cache-memory                 | much     | a size such as 32mb
          sluice.topics.predictions                 | ''       | must not be empty
          sluice.topics.predictions                 | sluice.events | used twice
          sluice.kafka.properties.transactional.id  | x        | sluice.sink.transactional-id-prefix
          sluice.kafka.properties.value.serializer  | x        | keys and values are bytes
          sluice.kafka.properties.interceptor.classes | x      | no setting
          sluice.kafka.properties.group.protocol    | consumer | no setting
          sluice.kafka.properties.acks              | 1        | Must set acks to all
          sluice.kafka.properties.acks              | most     | String must be one of: all, -1, 0, 1
          sluice.kafka.properties.retries           | 0        | Must set retries to non-zero
          sluice.kafka.properties.max.in.flight.requests.per.connection | 6 | at most 5
          sluice.kafka.properties.compression.type  | brotli   | none, gzip, snappy, lz4, zstd
          sluice.kafka.properties.linger.ms         | soon     | Not a number of type LONG
          sluice.kafka.properties.max.poll.records  | 0        | Value must be at least 1
          sluice.kafka.properties.security.protocol | TLS      | SASL_SSL
          sluice.kafka.properties.retry.backoff.ms  | -1       | Value must be at least 0
          sluice.kafka.properties.sasl.login.callback.handler.class | no.Such | Class no.Such could not be found
          sluice.kafka.properties.max.block.ms      | 0        | it must be at least 1000
          sluice.kafka.properties.default.api.timeout.ms | 10  | it must be at least 1000
          sluice.kafka.properties.max.request.size  | 1048576  | it must be at least 16777216
          sluice.kafka.properties.buffer.memory     | 65536    | at least max.request.size (16777216)
          sluice.kafka.properties.fetch.max.wait.ms | 30000    | must be below request.timeout.ms (30000)
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
  void aModelThatNoTaskCouldHoldIsRefused() {
    String hundred = IntStream.range(0, 100).mapToObj(i -> "l" + i).collect(joining(","));
    Map<String, String> huge =
        Map.of("sluice.model.labels", hundred, "sluice.features.width", "1048576");
    assertThatThrownBy(() -> JobSettings.of(huge))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("sluice.features.width = (1048576)")
        .hasMessageContaining("6,736,058,624 bytes with 100 labels, 4 learning rates and adagrad");
    assertThat(JobSettings.of(Map.of("sluice.features.width", "1048576")).model().width())
        .as("with two labels")
        .isEqualTo(1 << 20);

    String all = IntStream.rangeClosed(0, 1 << 16).mapToObj(i -> "l" + i).collect(joining(","));
    assertThatThrownBy(() -> JobSettings.of(Map.of("sluice.model.labels", all)))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("at most 65536 labels");
  }

  @Test
  void everyOptionIsListedAndDescribed() throws IllegalAccessException {
    int declared = 0;
    List<Field> fields = new ArrayList<>(List.of(SluiceOptions.class.getDeclaredFields()));
    fields.addAll(List.of(InputOptions.class.getDeclaredFields()));
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
