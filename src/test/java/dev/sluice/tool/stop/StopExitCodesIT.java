package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.Eventually;
import dev.sluice.support.cluster.CommandResult;
import dev.sluice.support.cluster.FlinkRest;
import dev.sluice.support.cluster.Freezer;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.OutputEnds;
import dev.sluice.support.cluster.ToolProcess;
import dev.sluice.support.ledger.Ledger;
import dev.sluice.support.traffic.TrafficRun;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.IsolationLevel;
import org.junit.jupiter.api.Test;

/** The exit codes of {@code stop} by real causes, and what a resume makes of each. */
class StopExitCodesIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Duration QUIET = Duration.ofSeconds(2);

  private final LocalCluster cluster = LocalCluster.shared();
  private final String broker = cluster.bootstrapServers();
  private final FlinkRest rest = cluster.flinkRest();
  private final Path stops = cluster.directory().resolve("stops-exit-codes");

  /** Exit codes 1, 2, 4, 3 and 0. */
  @Test
  void aStalledTaskRunsIntoTheGracePeriodAndOnlyWhatWasToldIsDone() throws Exception {
    JobSpec spec = spec("exit-grace");
    try (TrafficRun traffic = TrafficRun.into(spec, broker, 71, 200)) {
      JobUnderTest job = started(spec);
      CommandResult nowhere =
          sluice(
              "stop",
              spec.name(),
              "--savepointPath",
              "/dev/null/savepoints",
              "--grace",
              "5s",
              "-o",
              "json");
      assertThat(nowhere.exitCode()).as(nowhere.toString()).isEqualTo(1);
      assertThat(nowhere.json().path("text").asText()).contains("the job runs on");
      rest.awaitRunning(job.id());
      job.awaitCheckpoints(1);
      assertThat(sluice("stop", spec.name(), "--drain").exitCode()).isEqualTo(2);

      begin(job);
      try (Freezer frozen = cluster.freezer("broker")) {
        frozen.freeze();
        CommandResult late = sluice("stop", spec.name(), "--grace", "3s");
        assertThat(late.exitCode()).as(late.toString()).isEqualTo(4);
        assertThat(rest.state(job.id())).isEqualTo("RUNNING");
        try (ToolProcess tool =
            tool("stop", spec.name(), "--grace", "3s", "--on-timeout", "checkpoint")) {
          tool.awaitBegun("finished");
          frozen.thaw();
          assertThat(tool.await()).as(tool.output()).isEqualTo(3);
        }
      }
      String receipt = receipt(job);
      assertThat(JSON.readTree(Path.of(receipt).toFile()).path("snapshot").path("kind").asText())
          .isEqualTo("checkpoint");
      sluice("resume", receipt).requireSuccess();
      traffic.stop();
      String stopped = stopAtTheEnd(spec);
      assertClean(spec);
      assertDamageIsSeen(stopped);
    }
  }

  /**
   * Exit code 5. Flink discards the checkpoints of a job that has finished, so the remedy is the
   * savepoint of an earlier stop.
   */
  @Test
  void aTransactionAbortedBehindOurBackFailsTheProofAndIsHealed() throws Exception {
    JobSpec spec = spec("exit-aborted");
    try (TrafficRun traffic = TrafficRun.into(spec, broker, 72, 200)) {
      String earlier = receipt(stopped(started(spec)));
      assertThat(
              sluice("resume", earlier, "-o", "json")
                  .requireSuccess()
                  .json()
                  .path("jobId")
                  .asText())
          .hasSize(32);
      JobUnderTest job = running(spec);
      job.awaitCheckpoints(2);
      try (Freezer jobManager = cluster.freezer("jobmanager");
          ToolProcess tool = savepointButNoCommit(job, spec, jobManager)) {
        abortAll(spec.name());
        jobManager.thaw();
        assertThat(tool.await()).as(tool.output()).isEqualTo(5);
        assertThat(tool.output()).contains("not committed");
      }
      String receipt = receipt(job);
      CommandResult refused = sluice("resume", receipt, "-o", "json");
      assertThat(refused.exitCode()).as(refused.toString()).isEqualTo(1);
      JsonNode why = refused.json();
      assertThat(why.path("missing").asLong()).isGreaterThan(10);
      // The job has failed, so its checkpoints are kept: they are newer than the savepoint.
      assertThat(why.path("healing").asText()).contains("/chk-").isNotEqualTo(snapshot(earlier));

      sluice("resume", receipt, "--heal").requireSuccess();
      traffic.stop();
      stopAtTheEnd(spec);
      assertClean(spec);
    }
  }

  /** Exit code 6. */
  @Test
  void aTaskLostAfterTheSavepointLeavesAPathThatLosesNothing() throws Exception {
    JobSpec spec = spec("exit-failed");
    try (TrafficRun traffic = TrafficRun.into(spec, broker, 73, 200)) {
      JobUnderTest job = started(spec);
      int lost = job.taskManagerNumber();
      try (Freezer jobManager = cluster.freezer("jobmanager");
          ToolProcess tool = savepointButNoCommit(job, spec, jobManager)) {
        cluster.kill("taskmanager-" + lost);
        jobManager.thaw();
        assertThat(tool.await()).as(tool.output()).isEqualTo(6);
      }
      cluster.startTaskManager();
      assertThat(rest.state(job.id())).isEqualTo("FAILED");
      sluice("resume", receipt(job)).requireSuccess();
      traffic.stop();
      stopAtTheEnd(spec);
      assertClean(spec);
    }
  }

  /**
   * A stop whose tasks have all written their part and acknowledged it, while the frozen JobManager
   * has not received that: the answers are in transactions that are not committed yet.
   */
  private ToolProcess savepointButNoCommit(JobUnderTest job, JobSpec spec, Freezer jobManager)
      throws Exception {
    begin(job);
    try (Freezer frozen = cluster.freezer("broker")) {
      frozen.freeze(); // The sinks can't flush, so the savepoint waits for them.
      ToolProcess tool = tool("stop", spec.name(), "--grace", "2m");
      tool.awaitBegun("savepoint");
      awaitSavepointTriggered(job);
      jobManager.freeze();
      frozen.thaw();
      OutputEnds ends = new OutputEnds(broker, spec.topics());
      Eventually.unchanged(
          "everything is flushed", LIMIT, QUIET, () -> ends.sum(IsolationLevel.READ_UNCOMMITTED));
      return tool;
    }
  }

  private void awaitSavepointTriggered(JobUnderTest job) {
    Eventually.until(
        "the savepoint of " + job.id() + " is triggered",
        LIMIT,
        () ->
            rest.get("/jobs/" + job.id() + "/checkpoints")
                    .path("counts")
                    .path("in_progress")
                    .asInt()
                > 0);
  }

  /** A stop that was killed right after it had written down what it would ask for. */
  private void begin(JobUnderTest job) throws Exception {
    JobManager flink = new JobManager(List.of(cluster.rest()), LIMIT);
    JobOverview found = flink.find(job.id()).orElseThrow();
    try (Journal journal = Journal.open(stops, job.id(), LIMIT, Time.system())) {
      journal.write(
          new Journal.Entry(
              Journal.Entry.VERSION,
              JobFacts.of(flink, found),
              UUID.randomUUID().toString().replace("-", ""),
              Instant.now().toString(),
              null,
              false,
              false,
              null,
              null,
              found.startedAt().toString(),
              0,
              null,
              null,
              null));
    }
  }

  private void abortAll(String prefix) throws Exception {
    try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", broker))) {
      Set<String> open = new TreeSet<>();
      ListTransactionsOptions ongoing =
          new ListTransactionsOptions().filterStates(Set.of(TransactionState.ONGOING));
      for (TransactionListing one : admin.listTransactions(ongoing).all().get()) {
        if (one.transactionalId().startsWith(prefix + "-")) {
          open.add(one.transactionalId());
        }
      }
      assertThat(open).as("open transactions of " + prefix).isNotEmpty();
      admin.fenceProducers(open).all().get();
    }
  }

  /** Verify and resume see what is missing, what is cut off and what is not as it was. */
  private void assertDamageIsSeen(String receipt) throws Exception {
    Path savepoint = Path.of(URI.create(snapshot(receipt)));
    assertThat(sluice0("verify", savepoint.toString()).exitCode()).isZero();
    Path state = largest(savepoint);
    Path away = cluster.directory().resolve("away");
    Files.copy(state, away);
    try (FileChannel file = FileChannel.open(state, StandardOpenOption.WRITE)) {
      file.truncate(file.size() / 2);
    }
    assertRefused(savepoint, receipt, "is cut off");
    Files.delete(state);
    assertRefused(savepoint, receipt, "is missing");
    byte[] bytes = Files.readAllBytes(away);
    bytes[bytes.length / 2] ^= 1;
    Files.write(state, bytes);
    assertRefused(savepoint, receipt, "changed since");
    Files.copy(away, state, StandardCopyOption.REPLACE_EXISTING);
    assertThat(sluice0("verify", savepoint.toString()).exitCode()).isZero();
  }

  private void assertRefused(Path savepoint, String receipt, String why) {
    CommandResult verified = sluice0("verify", savepoint.toString(), "-o", "json");
    assertThat(verified.exitCode()).as(verified.toString()).isEqualTo(5);
    assertThat(verified.json().path("problems").toString()).contains(why);
    CommandResult resumed = sluice("resume", receipt);
    assertThat(resumed.exitCode()).as(resumed.toString()).isEqualTo(1);
    assertThat(resumed.stdout()).contains("nothing was touched", why);
  }

  private static Path largest(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> states =
          new ArrayList<>(
              files
                  .filter(file -> file.getFileName().toString().matches("[0-9a-f-]{36}"))
                  .toList());
      assertThat(states).isNotEmpty();
      return states.get(0);
    }
  }

  private JobUnderTest started(JobSpec spec) throws Exception {
    JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
    job.run(2);
    job.awaitCheckpoints(2);
    return job;
  }

  private JobUnderTest stopped(JobUnderTest job) {
    sluice("stop", job.id()).requireSuccess();
    return job;
  }

  /** What a resume has started. */
  private JobUnderTest running(JobSpec spec) throws Exception {
    JobManager flink = new JobManager(List.of(cluster.rest()), LIMIT);
    return JobUnderTest.running(cluster, spec, flink.find(spec.name()).orElseThrow().id());
  }

  /** Waits until all input is answered; the receipt of the stop. */
  private String stopAtTheEnd(JobSpec spec) throws Exception {
    running(spec).awaitNoLag();
    CommandResult stopped = sluice("stop", spec.name(), "-o", "json").requireSuccess();
    return stopped.json().path("receiptFile").asText();
  }

  private void assertClean(JobSpec spec) throws Exception {
    new Ledger(broker, spec.topics(), spec.name()).read().assertClean();
  }

  private String receipt(JobUnderTest job) throws Exception {
    return Objects.requireNonNull(Journal.peek(stops, job.id()).orElseThrow().receipt());
  }

  private static String snapshot(String receipt) throws IOException {
    return JSON.readTree(Path.of(receipt).toFile()).path("snapshot").path("uri").asText();
  }

  private CommandResult sluice(String verb, String... arguments) {
    return cluster.sluice(withJournal(verb, arguments));
  }

  private CommandResult sluice0(String... arguments) {
    return cluster.sluice(arguments);
  }

  private ToolProcess tool(String verb, String... arguments) throws IOException {
    return ToolProcess.start(cluster, withJournal(verb, arguments));
  }

  private String[] withJournal(String verb, String... arguments) {
    return Stream.of(
            Stream.of(verb), Stream.of(arguments), Stream.of("--journal", stops.toString()))
        .flatMap(words -> words)
        .toArray(String[]::new);
  }

  private JobSpec spec(String name) throws Exception {
    return JobSpec.small(name, JobTopics.named(name).create(broker, 4))
        .flink("execution.checkpointing.interval", "2 s")
        .set("sluice.sink.transaction-timeout", "10 min");
  }
}
