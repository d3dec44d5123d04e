package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.event.OutputTopic;
import dev.sluice.settings.JobSettings;
import dev.sluice.settings.SettingsException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicChecksTest {

  private static final int DEFAULT = 1_048_588;

  private final Map<ConfigResource, Config> configs = new HashMap<>();

  @Test
  void topicsAsKafkaMakesThemPassWithWarnings() {
    JobSettings settings = JobSettings.of(Map.of());
    settings.topics().all().forEach(topic -> limit(topic, DEFAULT));

    assertThat(new TopicChecks(settings, configs).run())
        .satisfiesExactly(
            warning ->
                assertThat(warning).contains("would be cut", "raise", "(sluice.dead-letters)"),
            warning ->
                assertThat(warning)
                    .contains("dead letter (too-large) in place of being deferred")
                    .contains("(sluice.deferred)"));
    limit("sluice.dead-letters", DEFAULT + 1024);
    limit("sluice.deferred", DEFAULT + 1024);
    assertThat(new TopicChecks(settings, configs).run()).isEmpty();
    assertThat(new TopicChecks(settings, Map.of()).run()).as("nothing is known").isEmpty();
  }

  @Test
  void aDeadLetterTopicThatTakesLessThanTheInputIsRefused() {
    limit("sluice.events", DEFAULT);
    limit("sluice.dead-letters", DEFAULT - 1);

    assertThatThrownBy(() -> new TopicChecks(JobSettings.of(Map.of()), configs).run())
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("raise max.message.bytes of (sluice.dead-letters) to");
  }

  @ParameterizedTest
  @ValueSource(strings = {"predictions", "evaluations", "control-log"})
  void aTopicThatTheLongestAnswerDoesNotFitIsRefused(String kind) {
    limit("sluice." + kind, 10_000);

    assertThatThrownBy(() -> new TopicChecks(JobSettings.of(Map.of()), configs).run())
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("topic (sluice.%s) takes messages up to 10000 bytes", kind)
        .hasMessageContaining("raise max.message.bytes of (sluice.%s) to", kind);
  }

  @Test
  void theLongestAnswersGrowWithTheLabels() {
    Map<OutputTopic, Integer> two = LongestAnswers.of(List.of("ontime", "late"), false);
    assertThat(two)
        .containsOnlyKeys(
            OutputTopic.PREDICTIONS, OutputTopic.EVALUATIONS, OutputTopic.CONTROL_LOG);
    assertThat(two.values()).allSatisfy(bytes -> assertThat(bytes).isBetween(13_000, 30_000));

    List<String> labels =
        IntStream.range(0, 10_000).mapToObj("label-%05d"::formatted).collect(Collectors.toList());
    Map<OutputTopic, Integer> many = LongestAnswers.of(labels, false);
    assertThat(many.get(OutputTopic.PREDICTIONS)).isGreaterThan(10_000 * (14 + 24));
    assertThat(many.get(OutputTopic.EVALUATIONS)).isGreaterThan(3 * 10_000 * (14 + 24));
    limit("sluice.evaluations", DEFAULT);
    Map<String, String> settings = Map.of("sluice.model.labels", String.join(",", labels));
    assertThatThrownBy(() -> new TopicChecks(JobSettings.of(settings), configs).run())
        .hasMessageContaining("sluice.evaluations")
        .hasMessageContaining("10000 labels");
    assertThat(LongestAnswers.of(List.of(), false).get(OutputTopic.EVALUATIONS)).isPositive();
    assertThat(LongestAnswers.of(List.of(), true).get(OutputTopic.PREDICTIONS))
        .isGreaterThan(192 << 10);
  }

  private void limit(String topic, int bytes) {
    configs.put(
        new ConfigResource(ConfigResource.Type.TOPIC, topic),
        new Config(
            List.of(
                new ConfigEntry("max.message.bytes", "" + bytes),
                new ConfigEntry("cleanup.policy", "delete"))));
  }
}
