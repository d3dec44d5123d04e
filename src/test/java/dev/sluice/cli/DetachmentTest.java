package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.sluice.guard.Listen;
import dev.sluice.ops.Silence;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is told of a guard that leaves, and of one that does not. */
class DetachmentTest {

  private static final String TOKEN = "a-token-of-the-tests";

  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  private HttpServer guard;
  private int status = 200;
  private String body = "{}";
  private boolean hangs;
  private final CountDownLatch over = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @BeforeEach
  void start() throws IOException {
    guard = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    guard.createContext(
        "/detach",
        exchange -> {
          asked.add(
              "%s %s %s"
                  .formatted(
                      exchange.getRequestMethod(),
                      exchange.getRequestURI().getRawQuery(),
                      exchange.getRequestHeaders().getFirst("Authorization")));
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
          if (status == 200 && !hangs) {
            new Thread(() -> guard.stop(0)).start();
          }
        });
    guard.createContext("/healthz", exchange -> hang());
    guard.setExecutor(threads);
    guard.start();
  }

  @AfterEach
  void stop() {
    over.countDown();
    guard.stop(0);
    threads.shutdownNow();
  }

  private void hang() {
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aGuardThatHasGoneIsSaidToHaveLeftAndTheJobToRun() throws Exception {
    assertThat(detachment("flights & more").run(TOKEN))
        .contains("has left, and the job runs on", "nobody stops it until the next guard");
    assertThat(asked).containsExactly("POST job=flights+%26+more Bearer " + TOKEN);
  }

  @Test
  void whyAGuardDoesNotLeaveIsSaid() {
    status = 409;
    body = "{\"error\":\"a stop goes on\"}";
    assertThatThrownBy(() -> detachment("flights").run(TOKEN))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("does not leave (409): a stop goes on")
        .hasMessageNotContaining(TOKEN);
  }

  @Test
  void whereNoGuardListensTheFlagIsNamed() {
    guard.stop(0);
    assertThatThrownBy(() -> detachment("flights").run(TOKEN))
        .matches(Silence::isBehind, "ends with 10")
        .hasMessageEndingWith("[SLU-NO-ANSWER]")
        .hasMessageContaining("no guard answers")
        .hasMessageContaining("--listen");
  }

  /** A guard that hangs neither answers nor closes its port: its process is still there. */
  @Test
  void aGuardThatHangsIsNotSaidToHaveLeft() throws Exception {
    hangs = true;
    assertThat(detachment("flights").run(TOKEN))
        .contains("somebody still listens at")
        .doesNotContain("has left");
  }

  private Detachment detachment(String job) {
    return new Detachment(new Listen("127.0.0.1", guard.getAddress().getPort()), job);
  }
}
