package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.sluice.tool.guard.Listen;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is reported of a guard that leaves, and of one that does not. */
class DetachmentTest {

  private static final String TOKEN = "a-token-of-the-tests";

  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  private HttpServer guard;
  private int status = 200;
  private String body = "{}";
  private boolean hangs;
  private boolean breaksOff;

  @TempDir Path folder;

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
          if (breaksOff) {
            exchange.close();
            return;
          }
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
    Detachment.Answer answer = detachment("flights & more").run(TOKEN);
    assertThat(answer.gone()).isTrue();
    assertThat(answer.text())
        .contains("has left, and the job runs on", "no guard stops it until the next one");
    assertThat(asked).containsExactly("POST job=flights+%26+more Bearer " + TOKEN);
  }

  @Test
  void whyAGuardDoesNotLeaveIsSaid() {
    status = 409;
    body = "{\"error\":\"a stop is in progress\"}";
    assertThatThrownBy(() -> detachment("flights").run(TOKEN))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("does not leave (409): a stop is in progress")
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
    Detachment.Answer answer = detachment("flights").run(TOKEN);
    assertThat(answer.gone()).isFalse();
    assertThat(answer.text()).contains("somebody still listens at").doesNotContain("has left");
    assertThat(command()).as("not known").isEqualTo(4);
  }

  @Test
  void whereTheGuardHasGoneTheCommandIsDone() throws Exception {
    assertThat(command()).isZero();
  }

  /** It may leave all the same. */
  @Test
  void aRequestThatIsNotAnsweredIsNotKnownToDoNothing() throws Exception {
    breaksOff = true;
    assertThat(detachment("flights").run(TOKEN).text())
        .contains("has taken the request", "whether it leaves is not known");
    assertThat(command()).isEqualTo(4);
  }

  private int command() throws IOException {
    Path token = Files.writeString(folder.resolve("token"), TOKEN);
    return Sluice.commandLine(ToolServices.real())
        .setOut(new PrintWriter(new StringWriter()))
        .setErr(new PrintWriter(new StringWriter()))
        .execute(
            "guard",
            "flights",
            "--detach",
            "--listen",
            "127.0.0.1:" + guard.getAddress().getPort(),
            "--token-file",
            token.toString());
  }

  private Detachment detachment(String job) {
    return new Detachment(
        new Listen("127.0.0.1", guard.getAddress().getPort()), job, Time.system());
  }
}
