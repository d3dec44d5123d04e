package dev.sluice.tool.resume;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.resume.ResumeOutcome.Finding;
import dev.sluice.tool.savepoint.GoldenSavepoint;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.SnapshotFiles;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may resume a snapshot, at a JobManager that takes job ids by Flink's Dispatcher's rules. */
class SubmissionTest {

  @TempDir Path folder;

  private RememberingFlink flink;
  private String savepoint = "";
  private Path jar = Path.of("");

  @BeforeEach
  void start() throws IOException {
    flink = new RememberingFlink();
    savepoint = GoldenSavepoint.copyTo(folder.resolve("savepoint")).toString();
    jar = Files.writeString(folder.resolve("job.jar"), "jar");
    Files.createDirectory(folder.resolve("journal"));
  }

  @AfterEach
  void stop() {
    flink.server.stop(0);
  }

  @Test
  void ofTwoWhoResumeOneSnapshotAtOnceFlinkTakesOne() throws Exception {
    String copy = GoldenSavepoint.copyTo(folder.resolve("copy")).toString();
    ExecutorService operators = Executors.newFixedThreadPool(2);
    flink.holdRuns = new CountDownLatch(2); // both have checked before either is accepted
    try {
      Future<Submission.Result> one = operators.submit(() -> submit(savepoint, null));
      Future<Submission.Result> other = operators.submit(() -> submit(copy, null));
      assertThat(Stream.of(one.get(), other.get()).filter(r -> r.jobId() != null)).hasSize(1);
      assertThat(Stream.of(one.get(), other.get()).filter(r -> r.jobId() == null))
          .singleElement()
          .satisfies(
              r ->
                  assertThat(r.text())
                      .contains("this snapshot is resumed already", "is RUNNING", "?mode=cancel"));
    } finally {
      operators.shutdownNow();
    }
    assertThat(flink.jobs).hasSize(1).containsValue("RUNNING");
    assertThat(flink.jars).as("uploaded jars that are left").isZero();
  }

  @Test
  void aSnapshotWhoseJobHasEndedIsResumedAgain() throws Exception {
    String first = resumed();
    assertThat(submit(savepoint, null).jobId()).as("while it runs").isNull();
    flink.jobs.put(first, "CANCELED");
    String second = resumed();
    flink.jobs.put(second, "FAILED");
    assertThat(resumed()).isNotIn(first, second);
  }

  /** Its list of jobs forgets after an hour, its store of results does not. */
  @Test
  void anIdThatFlinkKnowsOnlyAsEndedIsPassedOver() throws Exception {
    String first = resumed();
    flink.jobs.remove(first);
    flink.ended.add(first);
    assertThat(resumed()).isNotEqualTo(first);
  }

  /** The journal keeps one stop a job id: a later run must not find the stop of an earlier one. */
  @Test
  void anIdThatThisJournalHasSeenStoppedIsPassedOver() throws Exception {
    String first = resumed();
    flink.jobs.clear(); // as a JobManager that was restarted
    Files.writeString(folder.resolve("journal").resolve(first + ".json"), "{}");
    assertThat(resumed()).isNotEqualTo(first);
  }

  @Test
  void aForkIsAnotherJob() throws Exception {
    String first = resumed();
    assertThat(submit(savepoint, "shadow").jobId()).isNotNull().isNotEqualTo(first);
    assertThat(submit(savepoint, "shadow").jobId()).isNull();
  }

  @Test
  void whatElseFlinkSaysIsPassedOnAndNoJarIsLeft() {
    flink.refusal = "SettingsException: sluice.topics.events = (): it must not be empty";
    assertThatThrownBy(() -> submit(savepoint, null))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("sluice.topics.events");
    assertThat(flink.jars).isZero();
  }

  private String resumed() throws Exception {
    String id = submit(savepoint, null).jobId();
    assertThat(id).matches("[0-9a-f]{32}");
    return String.valueOf(id);
  }

  private Submission.Result submit(String from, @Nullable String fork) throws Exception {
    List<URI> rest = List.of(URI.create("http://127.0.0.1:" + flink.server.getAddress().getPort()));
    ResumePolicy policy =
        new ResumePolicy(
            from,
            rest,
            jar,
            2,
            false,
            fork,
            false,
            Map.of(),
            Map.of(),
            folder.resolve("journal"),
            Duration.ofSeconds(5),
            List.of(),
            ReceiptKeys.NONE);
    Resumable resumable = Resumable.open(policy);
    Finding finding = Finding.refused(from, List.of(), List.of());
    return new Submission(
            policy, new JobManager(rest, Duration.ofSeconds(30)), text -> {}, Time.system())
        .submit(
            resumable, new ResumptionRecord(policy, resumable, finding, text -> {}, Time.system()));
  }

  @Test
  void theIdIsThatOfTheMetadataAndNothingElse() throws Exception {
    String hash = SnapshotFiles.metadataHash(Snapshot.open(savepoint), Duration.ofSeconds(5));
    assertThat(hash).matches("[0-9a-f]{64}");
    Set<String> ids = new HashSet<>();
    for (int ended = 0; ended < 100; ended++) {
      ids.add(Submission.id(hash, null, ended));
      ids.add(Submission.id(hash, "", ended));
    }
    assertThat(ids).hasSize(200).allMatch(id -> id.matches("[0-9a-f]{32}"));
  }

  /** As Dispatcher.submitJob: an id that is there is refused, and one that has ended. */
  private static final class RememberingFlink {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    private final Map<String, String> jobs = new LinkedHashMap<>();
    private final Set<String> ended = new HashSet<>();
    private volatile CountDownLatch holdRuns = new CountDownLatch(0);
    private volatile String refusal = "";
    private int jars;

    RememberingFlink() throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setExecutor(Executors.newCachedThreadPool());
      server.createContext("/", this::answer);
      server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
      String path = exchange.getRequestURI().getPath();
      byte[] body = exchange.getRequestBody().readAllBytes();
      if (path.endsWith("/run")) {
        holdRuns.countDown();
        try {
          holdRuns.await();
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
      }
      List<String> answer = new ArrayList<>();
      int status;
      synchronized (this) {
        status = answer(exchange.getRequestMethod(), path, body, answer);
      }
      byte[] bytes = answer.get(0).getBytes(UTF_8);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
      exchange.close();
    }

    private int answer(String method, String path, byte[] body, List<String> answer)
        throws IOException {
      if (path.equals("/jobmanager/config")) {
        answer.add("[]");
        return 200;
      } else if (path.equals("/jars/upload")) {
        jars++;
        answer.add("{\"filename\":\"/tmp/1_job.jar\"}");
        return 200;
      } else if (method.equals("DELETE")) {
        jars--;
        answer.add("{}");
        return 200;
      } else if (path.endsWith("/run")) {
        JsonNode request = JSON.readTree(body);
        String id = request.path("jobId").asText();
        if (!refusal.isEmpty()) {
          answer.add(error(refusal));
          return 400;
        } else if (jobs.containsKey(id) || ended.contains(id)) {
          answer.add(
              error(
                  "org.apache.flink.runtime.client.DuplicateJobSubmissionException: Job has already been submitted."));
          return 400;
        }
        jobs.put(id, "RUNNING");
        answer.add("{}");
        return 200;
      }
      String state = jobs.get(path.split("/", -1)[2]);
      answer.add(state == null ? NO_SUCH_JOB : "{\"status\":\"" + state + "\"}");
      return state == null ? 500 : 200;
    }

    /** As Flink answers for the status of a job that it does not know. */
    private static final String NO_SUCH_JOB =
        "{\"errors\":[\"Internal server error.\",\"<Exception on server side:\\n"
            + "org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink job (x)\"]}";

    private static String error(String cause) throws IOException {
      String trace = "RestHandlerException: Could not execute application.\n\tat a.b\nCaused by: ";
      return JSON.writeValueAsString(Map.of("errors", List.of("x", trace + cause + "\n\tat a.b")));
    }
  }
}
