package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import javax.security.auth.callback.Callback;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/** A login that is not answered, as by an OAuth endpoint that takes connections and is silent. */
class SilentLoginTest {

  private static final String READ = "sasl.login.read.timeout.ms";
  private static final String CONNECT = "sasl.login.connect.timeout.ms";

  private static volatile CountDownLatch answer = new CountDownLatch(1);

  @TempDir Path folder;

  private final StringWriter err = new StringWriter();

  @BeforeEach
  void beSilent() {
    answer = new CountDownLatch(1);
  }

  @AfterEach
  void refuse() {
    answer.countDown();
  }

  @Test
  @Timeout(value = 90, threadMode = ThreadMode.SEPARATE_THREAD)
  void itHangsNoCommand() throws Exception {
    int code =
        Sluice.commandLine(ToolServices.real())
            .setOut(new PrintWriter(new StringWriter()))
            .setErr(new PrintWriter(err))
            .execute(
                "control",
                "pause",
                "--accept-no-job",
                "--bootstrap-servers",
                "127.0.0.1:1",
                "--kafka-properties",
                kafka("").toString());
    assertThat(code).as(err.toString()).isEqualTo(ExitCode.NO_ANSWER.number());
    assertThat(err.toString())
        .contains("127.0.0.1:1", "no client was made", "the login", "[SLU-NO-ANSWER]");
  }

  @Test
  void limitsThatTheUserSetsStay() throws Exception {
    KafkaOptions options = new KafkaOptions();
    options.file = kafka(READ + "=1234");
    Properties client = options.client();
    assertThat(client.getProperty(READ)).isEqualTo("1234");
    assertThat(client.getProperty(CONNECT)).isEqualTo("10000");
  }

  private Path kafka(String more) throws IOException {
    return Files.writeString(
        folder.resolve("kafka.properties"),
        """
        security.protocol=SASL_PLAINTEXT
        sasl.mechanism=OAUTHBEARER
        sasl.login.callback.handler.class=%s
        sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;
        %s
        """
            .formatted(Silent.class.getName(), more));
  }

  /** Asks for a token, and waits. */
  public static final class Silent implements AuthenticateCallbackHandler {

    @Override
    public void configure(
        Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> entries) {}

    @Override
    public void handle(Callback[] callbacks) throws IOException {
      try {
        answer.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw new IOException("no token");
    }

    @Override
    public void close() {}
  }
}
