package dev.sluice.ops.resume;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.sluice.ops.stop.OnTimeout;
import dev.sluice.ops.stop.StopOutcome;
import dev.sluice.ops.stop.StopPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a drill refuses before it stops anything, at a JobManager that only tells its jobs. */
class DrillTest {

  private static final String JOBS =
      "{\"jobs\":[{\"jid\":\"0123456789abcdef0123456789abcdef\",\"name\":\"flights\",\"state\":\"%s\",\"start-time\":0}]}";

  @TempDir Path folder;

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private HttpServer flink;
  private String state = "RUNNING";

  @BeforeEach
  void startFlink() throws IOException {
    flink = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    flink.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestURI().getPath());
          byte[] body = JOBS.formatted(state).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    flink.start();
  }

  @AfterEach
  void stopFlink() {
    flink.stop(0);
  }

  @Test
  void aJobThatIsOverIsNotResumedFromItsOldReceipt() throws Exception {
    state = "FINISHED";
    Drill.Result result = drill(Files.createFile(folder.resolve("job.jar")));
    assertThat(result.stop()).isInstanceOf(StopOutcome.NothingChanged.class);
    assertThat(result.stop().text()).contains("is FINISHED already: there is nothing to stop");
    assertThat(result.exitCode()).isOne();
    assertThat(asked).containsExactly("/jobs/overview");
  }

  @Test
  void aJobThatCouldNotBeRunAgainIsNotStopped() throws Exception {
    Drill.Result result = drill(folder.resolve("gone.jar"));
    assertThat(result.stop()).isInstanceOf(StopOutcome.NothingChanged.class);
    assertThat(result.stop().text()).contains("gone.jar", "--jar");
    assertThat(result.downtime()).isNull();
    assertThat(asked).containsExactly("/jobs/overview");
  }

  private Drill.Result drill(Path jar) throws Exception {
    List<URI> rest = List.of(URI.create("http://127.0.0.1:" + flink.getAddress().getPort()));
    StopPolicy stop =
        new StopPolicy(
            "flights",
            rest,
            null,
            false,
            false,
            Duration.ofSeconds(5),
            OnTimeout.FAIL,
            Duration.ofSeconds(5),
            null,
            folder,
            Map.of());
    ResumePolicy resume =
        new ResumePolicy(
            "", rest, jar, null, false, null, Map.of(), Map.of(), folder, Duration.ofSeconds(5));
    return Drill.run(stop, event -> {}, resume, text -> {});
  }
}
