package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.settings.JobSettings;
import dev.sluice.support.CannedBroker;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** What a start finds out about its Kafka cluster, and that it never ends for that. */
class KafkaClusterIdTest {

  @Test
  void itIsWhatTheBrokersReport() throws Exception {
    try (CannedBroker broker = CannedBroker.start()) {
      assertThat(read(broker.servers())).isEqualTo(CannedBroker.CLUSTER_ID);
      broker.inCluster("");
      assertThat(read(broker.servers())).as("none is reported").isEmpty();
    }
  }

  @Test
  void brokersThatRefuseOrAreAwayPreventNoStart() throws Exception {
    try (CannedBroker broker = CannedBroker.start()) {
      broker.fail(ApiKeys.DESCRIBE_CLUSTER, Errors.CLUSTER_AUTHORIZATION_FAILED, 1);
      assertThat(read(broker.servers())).isEmpty();
    }
    assertThat(read("127.0.0.1:1")).as("no broker is there").isEmpty();
    assertThat(read("no-such-name.invalid:9092")).as("no client can be made").isEmpty();
  }

  @Test
  void aStartThatIsInterruptedStaysSo() {
    Thread.currentThread().interrupt();
    assertThat(read("127.0.0.1:1")).isEmpty();
    assertThat(Thread.interrupted()).isTrue();
  }

  private static String read(String servers) {
    return KafkaClusterId.read(
        JobSettings.of(Map.of("sluice.kafka.bootstrap-servers", servers)), Duration.ofSeconds(1));
  }
}
