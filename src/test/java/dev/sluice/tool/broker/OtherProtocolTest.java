package dev.sluice.tool.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedLog;
import dev.sluice.support.Certificates;
import dev.sluice.support.TlsPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that speaks TLS at a port that does not, and the other way round. */
class OtherProtocolTest {

  private static final Duration PATIENCE = Duration.ofSeconds(2);

  @TempDir Path folder;

  @Test
  void aTlsPortIsToldBeforeAPlaintextClientIsMade() throws Exception {
    Certificates certificates = Certificates.in(folder, "broker");
    try (TlsPort port = TlsPort.open(certificates.context("broker"))) {
      String why = port.address() + " speaks TLS, and security.protocol is (PLAINTEXT)";
      assertThatThrownBy(
              () -> {
                try (Brokers brokers = new Brokers(port.client(), PATIENCE)) {
                  brokers.ping();
                }
              })
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(why)
          .hasMessageContaining("set it to SSL or SASL_SSL")
          .hasMessageEndingWith("[SLU-BROKERS]");
      assertThatThrownBy(() -> new CommittedTopic(port.client(), "a").read(record -> {}))
          .hasMessageContaining(why)
          .hasMessageEndingWith("[SLU-BROKERS]");
    }
  }

  @Test
  void aPlaintextPortIsToldToATlsClientThatGotNoAnswer() throws Exception {
    try (CannedBroker broker = CannedBroker.start().topic("a", new CannedLog().records(1))) {
      Properties client = broker.client();
      client.put("security.protocol", "SSL");
      try (Brokers brokers = new Brokers(client, PATIENCE)) {
        assertThatThrownBy(() -> brokers.ends(List.of("a")))
            .isInstanceOfSatisfying(
                BrokerException.class,
                failure -> {
                  assertThat(failure.lasts()).as("waiting heals nothing").isTrue();
                  assertThat(failure.isSilence()).isFalse();
                })
            .hasMessageContaining(
                broker.servers() + " does not speak TLS, and security.protocol is (SSL)")
            .hasMessageEndingWith("[SLU-BROKERS]");
      }
    }
  }

  @Test
  void aServerThatIsAwayLeavesHope() throws Exception {
    try (CannedBroker broker = CannedBroker.start().topic("a", new CannedLog().records(1))) {
      Properties client = broker.client();
      client.put("security.protocol", "SSL");
      client.put("bootstrap.servers", closedPort() + "," + broker.servers());
      try (Brokers brokers = new Brokers(client, PATIENCE)) {
        assertThatThrownBy(() -> brokers.ends(List.of("a")))
            .isInstanceOfSatisfying(
                BrokerException.class,
                failure -> {
                  assertThat(failure.isSilence()).as("the other server may come back").isTrue();
                  assertThat(failure.lasts()).isFalse();
                });
      }
    }
  }

  private static String closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "127.0.0.1:" + socket.getLocalPort();
    }
  }
}
