package dev.sluice.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.CannedBroker;
import dev.sluice.support.Certificates;
import dev.sluice.support.TlsPort;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListenerCheckTest {

  @TempDir Path folder;

  @Test
  void aTlsPortAmongOthersIsToldToAClientInPlaintextAlone() throws Exception {
    Certificates certificates = Certificates.in(folder, "broker");
    try (CannedBroker broker = CannedBroker.start();
        TlsPort port = TlsPort.open(certificates.context("broker"))) {
      Properties client = new Properties();
      client.put("bootstrap.servers", broker.servers() + ", " + port.address());
      client.put("security.protocol", "sasl_plaintext");
      assertThat(ListenerCheck.beforeConnecting(client, "p."))
          .hasValueSatisfying(
              why ->
                  assertThat(why)
                      .startsWith(
                          port.address() + " speaks TLS, and p.security.protocol is (SASL"));
      client.put("security.protocol", "SASL_SSL");
      assertThat(ListenerCheck.beforeConnecting(client, "")).as("it is not asked").isEmpty();
      assertThat(broker.asked()).containsExactly("API_VERSIONS");
      client.put("bootstrap.servers", port.address());
      assertThat(ListenerCheck.afterSilence(client, "")).as("both speak TLS").isEmpty();
    }
  }

  @Test
  void aBrokerInPlaintextIsToldToAClientOfTlsAlone() throws Exception {
    try (CannedBroker broker = CannedBroker.start()) {
      Properties client = broker.client();
      assertThat(ListenerCheck.beforeConnecting(client, "")).isEmpty();
      assertThat(ListenerCheck.afterSilence(client, "")).isEmpty();
      client.put("security.protocol", "SSL");
      assertThat(ListenerCheck.afterSilence(client, ""))
          .hasValueSatisfying(
              why -> assertThat(why).startsWith(broker.servers() + " does not speak TLS"));
    }
  }

  /** A server that accepts a connection and sends nothing may be a busy broker. */
  @Test
  @Timeout(20)
  void aPortThatIsSilentIsNoReasonAndHoldsNobodyUp() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      long start = System.nanoTime();
      String address = "127.0.0.1:" + silent.getLocalPort();
      assertThat(ListenerCheck.beforeConnecting(of(address + "," + address), "")).isEmpty();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1:1", "no-host.invalid:9092", "'[::1]:1'", "no address", "127.0.0.1:99999"})
  void whereNobodyAnswersNothingIsKnown(String servers) {
    assertThat(ListenerCheck.beforeConnecting(of(servers), "")).isEmpty();
  }

  private static Properties of(String servers) {
    Properties client = new Properties();
    client.put("bootstrap.servers", servers);
    return client;
  }
}
