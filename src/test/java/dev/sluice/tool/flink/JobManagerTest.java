package dev.sluice.tool.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import dev.sluice.support.CannedFlink;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobManagerTest {

  /**
   * As Flink 2.2.1 answers for the status of a job that it does not know, and no other question.
   */
  private static final String NO_SUCH_JOB =
      """
      {"errors":["Internal server error.","<Exception on server side:\\n\
      org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink job (%1$s)\\n\
      \\tat org.apache.flink.runtime.dispatcher.Dispatcher.requestJobStatus(Dispatcher.java:902)\\n\
      \\nEnd of exception on server side>"]}"""
          .formatted("e".repeat(32));

  private static final String OTHER =
      """
      {"errors":["Internal server error.","<Exception on server side:\\n\
      java.util.concurrent.CompletionException: java.util.concurrent.TimeoutException: late\\n\
      \\tat java.base/java.lang.Thread.run(Thread.java:840)\\n\
      Caused by: java.util.concurrent.TimeoutException: late\\n\
      \\nEnd of exception on server side>"]}""";

  @Test
  void aStatusThatFailsForWantOfTheJobIsThatOfAnUnknownJob() throws Exception {
    FlinkException unknown = refusal(NO_SUCH_JOB);
    assertThat(unknown.isUnknown()).isTrue();
    assertThat(unknown).hasMessageContaining("Could not find Flink job (" + "e".repeat(32) + ")");
  }

  @Test
  void anyOtherErrorOfTheServerTellsNothingOfTheJob() throws Exception {
    FlinkException other = refusal(OTHER);
    assertThat(other.isUnknown()).isFalse();
    assertThat(other.isPassing()).isTrue();
    assertThat(other).hasMessageEndingWith("with 500: TimeoutException: late");
  }

  @ParameterizedTest
  @CsvSource({
    "high-availability.type,kubernetes,true",
    "high-availability.type,NONE,false",
    "high-availability,zookeeper,true",
    "recovery.mode,zookeeper,true",
    "high-availability.cluster-id,/default,false"
  })
  void highAvailabilityIsSeenUnderEachOfItsKeys(String key, String value, boolean available)
      throws Exception {
    try (CannedFlink flink = CannedFlink.start()) {
      flink.tell("/jobmanager/config", "[{\"key\":\"%s\",\"value\":\"%s\"}]".formatted(key, value));
      assertThat(new JobManager(flink.addresses(), Duration.ofSeconds(10)).isHighlyAvailable())
          .isEqualTo(available);
    }
  }

  private static FlinkException refusal(String answer) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = answer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(500, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    try {
      URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
      JobManager flink = new JobManager(List.of(address), Duration.ofSeconds(10));
      return catchThrowableOfType(FlinkException.class, () -> flink.state("e".repeat(32)));
    } finally {
      server.stop(0);
    }
  }
}
