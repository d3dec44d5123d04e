package dev.sluice.tool.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.support.CannedFlink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.messages.webmonitor.JobDetails;
import org.apache.flink.runtime.messages.webmonitor.JobStatusInfo;
import org.apache.flink.runtime.messages.webmonitor.MultipleJobsDetails;
import org.apache.flink.runtime.rest.handler.async.AsynchronousOperationResult;
import org.apache.flink.runtime.rest.handler.legacy.messages.ClusterOverviewWithVersion;
import org.apache.flink.runtime.rest.messages.ConfigurationInfo;
import org.apache.flink.runtime.rest.messages.DashboardConfiguration;
import org.apache.flink.runtime.rest.messages.JobConfigInfo;
import org.apache.flink.runtime.rest.messages.JobExceptionsInfoWithHistory;
import org.apache.flink.runtime.rest.messages.checkpoints.CheckpointConfigInfo;
import org.apache.flink.runtime.rest.messages.checkpoints.CheckpointingStatistics;
import org.apache.flink.runtime.rest.messages.util.stats.StatsSummaryDto;
import org.apache.flink.runtime.rest.util.RestMapperUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a proxy, or another program at the address, says is no word of Flink's about a job. */
class ForeignAnswersTest {

  private static final JobID JOB = JobID.fromHexString("e".repeat(32));
  private static final String ID = JOB.toString();

  /** An empty 200, a health check's, and what is JSON of no shape that Flink knows. */
  private static final List<String> FOREIGN =
      List.of("", " ", "{\"health\":\"UP\"}", "{}", "null", "\"UP\"", "[[]]", "{\"jobs\":{}}");

  private static final Map<String, Asked> QUESTIONS = questions();

  @TempDir Path folder;

  private CannedFlink flink;
  private JobManager jobManager;

  /** A question to the JobManager. */
  private interface Question {
    void ask(JobManager flink) throws IOException, InterruptedException;
  }

  private record Asked(String path, Question question) {}

  private static Map<String, Asked> questions() {
    String job = "/jobs/" + ID;
    Map<String, Asked> all = new HashMap<>();
    all.put("version", new Asked("/config", JobManager::flinkVersion));
    all.put("takes jars", new Asked("/config", JobManager::takesJars));
    all.put("jobs", new Asked("/jobs/overview", JobManager::jobs));
    all.put("find", new Asked("/jobs/overview", flink -> flink.find(ID)));
    all.put("state", new Asked(job + "/status", flink -> flink.state(ID)));
    all.put("detail", new Asked(job, flink -> flink.detail(ID)));
    all.put("sums", new Asked(job, flink -> flink.sums(ID, "x")));
    all.put("settings", new Asked(job + "/config", flink -> flink.settings(ID)));
    all.put(
        "checkpointing", new Asked(job + "/checkpoints/config", flink -> flink.checkpointing(ID)));
    all.put("last", new Asked(job + "/checkpoints", flink -> flink.lastCheckpoint(ID)));
    all.put("savepoint", new Asked(job + "/checkpoints", flink -> flink.lastSavepoint(ID)));
    all.put("failed", new Asked(job + "/checkpoints", flink -> flink.checkpointFailure(ID)));
    all.put("restored", new Asked(job + "/checkpoints", flink -> flink.restored(ID)));
    all.put("savepoints", new Asked(job + "/checkpoints", flink -> flink.savepoints(ID)));
    all.put("available", new Asked("/jobmanager/config", JobManager::isHighlyAvailable));
    all.put("heartbeat", new Asked("/jobmanager/config", JobManager::heartbeatTimeout));
    all.put("directory", new Asked("/jobmanager/config", JobManager::checkpointDirectory));
    all.put("slots", new Asked("/overview", JobManager::slots));
    all.put("stop", new Asked(job + "/savepoints/t", flink -> flink.stopStatus(ID, "t")));
    all.put("exceptions", new Asked(job + "/exceptions", flink -> flink.failure(ID)));
    return all;
  }

  @BeforeEach
  void start() throws IOException {
    flink = CannedFlink.start();
    jobManager = new JobManager(flink.addresses(), Duration.ofSeconds(10));
  }

  @AfterEach
  void end() {
    flink.close();
  }

  static Stream<String> everyQuestion() {
    return QUESTIONS.keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("everyQuestion")
  void anyOtherProgramsWordIsNoAnswer(String name) {
    Asked asked = Objects.requireNonNull(QUESTIONS.get(name));
    List<String> taken = new ArrayList<>();
    for (String foreign : FOREIGN) {
      flink.tell(asked.path(), foreign);
      try {
        asked.question().ask(jobManager);
        taken.add(foreign);
      } catch (UnansweredException e) {
        assertThat(e).hasMessageContaining("no answer of Flink's: check --rest");
      } catch (IOException | InterruptedException e) {
        throw new AssertionError(foreign, e);
      }
    }
    assertThat(taken).as("answers to %s that were taken for Flink's", asked.path()).isEmpty();
  }

  @Test
  void anUploadThatFlinkDidNotTakeIsNone() throws Exception {
    Path jar = Files.createFile(folder.resolve("job.jar"));
    flink.tell("/jars/upload", "");
    assertThatThrownBy(() -> jobManager.upload(jar)).isInstanceOf(UnansweredException.class);
  }

  @Test
  void whatAsksForSomethingMayBeAnsweredWithoutABody() throws Exception {
    String job = "/jobs/" + ID;
    flink.tell(job, "").tell(job + "/stop", "").tell("/jars/1", "").tell("/jars/1/run", "");
    jobManager.cancel(ID);
    jobManager.stop(ID, "t", new StopRequest(null, false, false));
    jobManager.forget("1");
    jobManager.run("1", new RunRequest(ID, List.of(), null, "file:/s", Map.of()));
    assertThat(flink.asked()).hasSize(4);
  }

  @Test
  void theNextJobManagerIsAskedThen() throws Exception {
    flink.tell("/jobs/overview", "");
    try (CannedFlink other = CannedFlink.start()) {
      other.tell("/jobs/overview", "{\"jobs\":[]}");
      JobManager both =
          new JobManager(
              List.of(flink.addresses().get(0), other.addresses().get(0)), Duration.ofSeconds(10));
      assertThat(both.find(ID)).isEmpty();
    }
  }

  /** Flink's own classes, with as little in them as they may have. */
  @Test
  void whatFlinkItselfWritesIsTaken() throws Exception {
    tell("/jobs/overview", new MultipleJobsDetails(List.of()));
    assertThat(jobManager.find(ID)).isEmpty();
    tell(
        "/jobs/overview",
        new MultipleJobsDetails(
            List.of(
                new JobDetails(
                    JOB,
                    "j",
                    1,
                    -1,
                    1,
                    JobStatus.INITIALIZING,
                    1,
                    new int[ExecutionState.values().length],
                    0))));
    assertThat(jobManager.find("j").orElseThrow().state()).isEqualTo("INITIALIZING");
    for (JobStatus status : JobStatus.values()) {
      tell("/jobs/" + ID + "/status", new JobStatusInfo(status));
      assertThat(jobManager.state(ID)).isEqualTo(status.name());
    }
    tell("/jobs/" + ID + "/config", new JobConfigInfo(JOB, "j", null));
    assertThat(jobManager.settings(ID)).as("of a job that is not up yet").isEmpty();
    tell("/jobmanager/config", new ConfigurationInfo());
    assertThat(jobManager.isHighlyAvailable()).isFalse();
    tell("/config", new DashboardConfiguration(1, "UTC", 0, "2.2.1", "r", features()));
    assertThat(jobManager.flinkVersion()).isEqualTo("2.2.1");
    assertThat(jobManager.takesJars()).isTrue();
    tell("/jobs/" + ID + "/savepoints/t", AsynchronousOperationResult.inProgress());
    assertThat(jobManager.stopStatus(ID, "t")).isEqualTo(new StopStatus.Running());
    tell(
        "/jobs/" + ID + "/exceptions",
        new JobExceptionsInfoWithHistory(
            new JobExceptionsInfoWithHistory.JobExceptionHistory(List.of(), false)));
    assertThat(jobManager.failure(ID)).isEmpty();
    tell("/overview", new ClusterOverviewWithVersion(0, 0, 0, null, null, 0, 0, 0, 0, "2.2.1", ""));
    assertThat(jobManager.slots().free()).isZero();
    tell("/jobs/" + ID + "/checkpoints", noCheckpoints());
    assertThat(jobManager.lastCheckpoint(ID)).isEmpty();
    assertThat(jobManager.lastSavepoint(ID)).isEmpty();
    assertThat(jobManager.restored(ID)).isEmpty();
    assertThat(jobManager.savepoints(ID)).isEmpty();
    assertThat(jobManager.checkpointFailure(ID)).isEmpty();
    tell("/jobs/" + ID + "/checkpoints/config", checkpointConfig());
    assertThat(jobManager.checkpointing(ID).retained()).isFalse();
  }

  private static CheckpointingStatistics noCheckpoints() {
    StatsSummaryDto none = new StatsSummaryDto(0, 0, 0, 0, 0, 0, 0, 0);
    return new CheckpointingStatistics(
        new CheckpointingStatistics.Counts(0, 0, 0, 0, 0),
        new CheckpointingStatistics.Summary(none, none, none, none, none, none),
        new CheckpointingStatistics.LatestCheckpoints(null, null, null, null),
        List.of());
  }

  private static CheckpointConfigInfo checkpointConfig() {
    return new CheckpointConfigInfo(
        CheckpointConfigInfo.ProcessingMode.EXACTLY_ONCE,
        Long.MAX_VALUE,
        600_000,
        0,
        1,
        new CheckpointConfigInfo.ExternalizedCheckpointInfo(false, true),
        "hashmap",
        "filesystem",
        false,
        0,
        0,
        true,
        false,
        0,
        "");
  }

  private static DashboardConfiguration.Features features() {
    return new DashboardConfiguration.Features(true, false, false, false);
  }

  private void tell(String path, Object message) throws IOException {
    flink.tell(path, RestMapperUtils.getStrictObjectMapper().writeValueAsString(message));
  }
}
