package dev.sluice.tool.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.support.CannedFlink;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.RunRequest;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.refusal.SilentException;
import dev.sluice.tool.resume.ResumeOutcome.Finding;
import dev.sluice.tool.savepoint.GoldenSavepoint;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.SnapshotFiles;
import dev.sluice.tool.services.HandSetClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a resume says and does when Flink's answers get lost, and what it spares when Flink has
 * forgotten the jobs that had its ids.
 */
class LostAnswersTest {

  private static final String RUN = "/jars/1_job.jar/run";

  @TempDir Path folder;

  private final HandSetClock clock = new HandSetClock();

  private CannedFlink flink;
  private String savepoint = "";
  private String first = "";
  private String second = "";

  @BeforeEach
  void start() throws Exception {
    flink = CannedFlink.start();
    flink
        .tell("/jars/upload", "{\"filename\":\"/tmp/1_job.jar\"}")
        .tell("/jars/1_job.jar", "{}")
        .tell(RUN, "{}")
        .tell(
            "/jobmanager/config",
            "[{\"key\":\"execution.checkpointing.dir\",\"value\":\"file:%s/\"}]"
                .formatted(folder.resolve("checkpoints")));
    savepoint = GoldenSavepoint.copyTo(folder.resolve("savepoint")).toString();
    String metadata = SnapshotFiles.metadataHash(Snapshot.open(savepoint), Duration.ofSeconds(5));
    first = Submission.id(metadata, null, 0);
    second = Submission.id(metadata, null, 1);
    Files.writeString(folder.resolve("job.jar"), "jar");
    Files.createDirectory(folder.resolve("journal"));
  }

  @AfterEach
  void stop() {
    flink.close();
  }

  /** Its job would count checkpoints as the first one did, and delete those that it finds. */
  @Test
  void anIdThatHasLeftCheckpointsIsPassedOver() throws Exception {
    keeps(first, clock.instant().minusSeconds(3_600));
    assertThat(submit(flink.addresses()).jobId()).isEqualTo(second);
  }

  @Test
  void anIdWithoutCompleteCheckpointsIsTaken() throws Exception {
    Files.createDirectories(folder.resolve("checkpoints").resolve(first).resolve("chk-500"));
    assertThat(submit(flink.addresses()).jobId()).isEqualTo(first);
  }

  @Test
  void aNewCheckpointOfAJobThatFlinkDoesNotKnowIsRefused() throws Exception {
    keeps(first, clock.instant().minusSeconds(20));
    Submission.Result result = submit(flink.addresses());
    assertThat(result.jobId()).isNull();
    assertThat(result.text())
        .contains(
            "checkpoints/" + first + "/chk-500",
            "may run on another cluster",
            "try again in 70 s",
            "sluice resume file:");
    assertThat(flink.asked()).doesNotContain("POST " + RUN).contains("DELETE /jars/1_job.jar");
  }

  @Test
  void aNewCheckpointOfAJobThatFlinkKnowsAsEndedIsNoObstacle() throws Exception {
    keeps(first, clock.instant());
    flink.tell("/jobs/" + first + "/status", "{\"status\":\"CANCELED\"}");
    assertThat(submit(flink.addresses()).jobId()).isEqualTo(second);
  }

  /** No plugin of this process knows the scheme: what lies there is not seen. */
  @Test
  void anIdIsNotFreeWhereItsCheckpointsCannotBeListed() throws Exception {
    flink.tell(
        "/jobmanager/config",
        "[{\"key\":\"execution.checkpointing.dir\",\"value\":\"nobody-knows://b/c\"}]");
    Submission.Result result = submit(flink.addresses());
    assertThat(result.jobId()).isNull();
    assertThat(result.text())
        .contains("nobody-knows://b/c/" + first, "deletes", "try again", "--print");
    assertThat(flink.asked()).doesNotContain("POST " + RUN).contains("DELETE /jars/1_job.jar");
  }

  @Test
  void anIdIsNotFreeWhereNobodyTellsWhereCheckpointsAre() throws Exception {
    flink.fail("/jobmanager/config");
    assertThatThrownBy(() -> submit(flink.addresses()))
        .as("which it may report later")
        .isInstanceOf(SilentException.class)
        .hasMessageContaining("where this cluster keeps checkpoints")
        .hasMessageContaining("500")
        .hasMessageEndingWith("[SLU-NO-ANSWER]");
    assertThat(flink.asked()).doesNotContain("POST " + RUN);
  }

  /** As Flink takes it, which escapes nothing in paths. */
  @Test
  void aDirectoryOfAnyNameIsLookedAt() throws Exception {
    Path directory = folder.resolve("check points %41");
    for (String uri : List.of("file://" + directory, "file:" + directory, "" + directory)) {
      flink.tell(
          "/jobmanager/config",
          "[{\"key\":\"execution.checkpointing.dir\",\"value\":\"%s\"}]".formatted(uri));
      assertThat(submit(flink.addresses()).jobId()).as(uri).isEqualTo(first);
    }
    keeps(first, clock.instant().minusSeconds(3_600));
    Files.move(folder.resolve("checkpoints"), directory);
    assertThat(submit(flink.addresses()).jobId()).isEqualTo(second);
  }

  @Test
  void whatIsNotToldAtOnceIsAskedAgain() throws Exception {
    flink.when("POST /jars/upload", body -> flink.elects(1)); // before it is asked where they are
    assertThat(submit(flink.addresses()).jobId()).isEqualTo(first);
  }

  @Test
  void aClusterThatKeepsNoCheckpointsInFilesHasLeftNone() throws Exception {
    flink.tell("/jobmanager/config", "[]");
    assertThat(submit(flink.addresses()).jobId()).isEqualTo(first);
  }

  /** As Pekko's and Flink's classes make it, whose Dispatcher is asked with a fencing token. */
  @Test
  void anAnswerThatFlinkGivesUpWaitingForIsNoRefusal() throws Exception {
    flink.refuse(
        RUN,
        """
        org.apache.flink.runtime.rest.handler.RestHandlerException: Could not execute application.
        \tat org.apache.flink.runtime.webmonitor.handlers.JarRunHandler.lambda$handleRequest$1(JarRunHandler.java:113)
        Caused by: java.util.concurrent.TimeoutException: Invocation of [LocalRpcInvocation(DispatcherGateway.submitJob(ExecutionPlan, Duration))] at recipient [pekko://flink/user/rpc/dispatcher_0] timed out.
        \tat org.apache.flink.runtime.rpc.pekko.$Proxy1.submitJob(Unknown Source)
        Caused by: org.apache.pekko.pattern.AskTimeoutException: Ask timed out on [Actor[pekko://flink/user/rpc/dispatcher_0#7]] after [10000 ms]. Message of type [org.apache.flink.runtime.rpc.messages.LocalFencedMessage]. A typical reason for `AskTimeoutException` is that the recipient actor didn't send a reply.
        \tat org.apache.pekko.pattern.PromiseActorRef$.$anonfun$defaultOnTimeout$1(AskSupport.scala:696)
        """);
    Submission.Result result = submit(flink.addresses());
    assertThat(result.jobId()).isEqualTo(first);
    assertThat(result.text()).contains("Whether Flink took the job is not known");
    assertThat(flink.asked()).as("the jar may be needed").doesNotContain("DELETE /jars/1_job.jar");
  }

  @Test
  void aJobThatCannotBeSeenAfterAServersErrorMayStillComeUp() throws Exception {
    flink.fail(RUN);
    Submission.Result result = submit(flink.addresses());
    assertThat(result.jobId()).isEqualTo(first);
    assertThat(result.text())
        .contains(
            "Whether Flink took the job is not known",
            "may still come up as " + first,
            "sluice status " + first,
            "?mode=cancel");
    assertThat(flink.asked()).as("the jar may be needed").doesNotContain("DELETE /jars/1_job.jar");
  }

  /** A second request would be refused because of the first: "is resumed already". */
  @Test
  void anUnansweredRequestIsNotSentToAnotherJobManager() throws Exception {
    try (CannedFlink other = CannedFlink.start()) {
      other.tell(RUN, "{}");
      flink.when(
          "POST " + RUN,
          body -> {
            throw new IllegalStateException("the connection is closed");
          });
      List<URI> both = new ArrayList<>(flink.addresses());
      both.addAll(other.addresses());
      assertThatThrownBy(
              () -> new JobManager(both, Duration.ofSeconds(5)).run("1_job.jar", request(first)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("does not answer");
      assertThat(other.asked()).isEmpty();
    }
  }

  @Test
  void aJobManagerThatWasNotReachedIsPassedOver() throws Exception {
    List<URI> both = new ArrayList<>();
    try (ServerSocket nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      both.add(URI.create("http://127.0.0.1:" + nobody.getLocalPort()));
    }
    both.addAll(flink.addresses());
    new JobManager(both, Duration.ofSeconds(5)).run("1_job.jar", request(first));
    assertThat(flink.asked()).containsExactly("POST " + RUN);
  }

  @Test
  void aCopyIsLookedForUntilFlinkTells() throws Exception {
    sibling();
    flink.tell("/jobs/" + first, "{}").elects(1);
    assertThat(submission(flink.addresses()).makeWay(Resumable.open(policy()), first))
        .hasValueSatisfying(text -> assertThat(text).contains("its cancellation was asked for"));
    assertThat(flink.asked()).contains("PATCH /jobs/" + first);
  }

  @Test
  void aCopyThatCannotBeLookedForIsToldOfAndNotTakenForNone() throws Exception {
    sibling();
    flink.fail("/jobs/overview");
    assertThat(submission(flink.addresses()).makeWay(Resumable.open(policy()), first))
        .hasValueSatisfying(
            text ->
                assertThat(text)
                    .contains(
                        "could not be found out",
                        "answered /jobs/overview with 500",
                        "two copies may run",
                        "/jobs/" + first + "?mode=cancel"));
    assertThat(flink.asked()).doesNotContain("PATCH /jobs/" + first);
  }

  @Test
  void aCancellationThatFailsIsTold() throws Exception {
    sibling();
    flink.fail("/jobs/" + first);
    assertThat(submission(flink.addresses()).makeWay(Resumable.open(policy()), first))
        .hasValueSatisfying(
            text ->
                assertThat(text)
                    .contains(
                        "could not be cancelled again",
                        "two copies may run",
                        "same transactional-id prefix",
                        "/jobs/" + first + "?mode=cancel"));
  }

  /** An older copy runs alongside the job. */
  private void sibling() {
    String older = "0123456789abcdef0123456789abcdef";
    flink
        .tell(
            "/jobs/overview",
            """
            {"jobs":[{"jid":"%s","name":"a","state":"RUNNING","start-time":1},
                     {"jid":"%s","name":"a","state":"RUNNING","start-time":2}]}"""
                .formatted(older, first))
        .tell(
            "/jobs/" + older + "/config",
            "{\"execution-config\":{\"user-config\":{\"sluice-version\":\"1\"}}}");
  }

  private void keeps(String jobId, Instant writtenAt) throws IOException {
    Path checkpoint =
        Files.createDirectories(folder.resolve("checkpoints").resolve(jobId).resolve("chk-500"));
    Path metadata = Files.writeString(checkpoint.resolve("_metadata"), "complete");
    Files.setLastModifiedTime(metadata, FileTime.from(writtenAt));
  }

  private Submission.Result submit(List<URI> rest) throws Exception {
    Resumable from = Resumable.open(policy());
    Finding finding = Finding.refused(savepoint, List.of(), List.of());
    return submission(rest)
        .submit(from, new ResumptionRecord(policy(), from, finding, text -> {}, clock.time()));
  }

  private Submission submission(List<URI> rest) {
    return new Submission(
        policy(), new JobManager(rest, Duration.ofSeconds(5)), text -> {}, clock.time());
  }

  private RunRequest request(String id) {
    return new RunRequest(id, List.of(), 2, savepoint, Map.of());
  }

  private ResumePolicy policy() {
    return new ResumePolicy(
        savepoint,
        flink.addresses(),
        folder.resolve("job.jar"),
        2,
        false,
        null,
        false,
        Map.of(),
        Map.of(),
        folder.resolve("journal"),
        Duration.ofSeconds(5),
        List.of(),
        ReceiptKeys.NONE);
  }
}
