package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;

class StartChecksTest {

  private static final String INTERVAL = "execution.checkpointing.interval";

  @Test
  void exactlyOnceWithoutCheckpointsIsRefused() {
    assertThatThrownBy(() -> check(Map.of(), Map.of()))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(INTERVAL)
        .hasMessageContaining("no answer would ever be committed");
    assertThatCode(() -> check(Map.of("sluice.sink.delivery-guarantee", "at-least-once"), Map.of()))
        .doesNotThrowAnyException();
  }

  @Test
  void aTransactionThatExpiresBeforeItsCheckpointIsRefused() {
    Map<String, String> minute = Map.of("sluice.sink.transaction-timeout", "1 min");
    assertThatThrownBy(() -> check(minute, Map.of(INTERVAL, "60 s")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("sluice.sink.transaction-timeout = (60000 ms)");
    assertThatCode(() -> check(minute, Map.of(INTERVAL, "59 s"))).doesNotThrowAnyException();
  }

  @Test
  void onlyKafkaClients42AreTaken() {
    assertThatThrownBy(() -> StartChecks.kafkaClients("4.3.1"))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("(4.3.1)");
    assertThatCode(() -> StartChecks.kafkaClients("4.2.1")).doesNotThrowAnyException();
  }

  private static void check(Map<String, String> settings, Map<String, String> flink) {
    new StartChecks(JobSettings.of(settings)).checkpointing(Configuration.fromMap(flink));
  }
}
