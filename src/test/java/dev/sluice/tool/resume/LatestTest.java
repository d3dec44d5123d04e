package dev.sluice.tool.resume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.CannedFlink;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptFolder;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.savepoint.GoldenSavepoint;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of several stops is the last one, and which checkpoints are newer than it. */
class LatestTest {

  private static final String FIRST = "a".repeat(32);
  private static final String SECOND = "b".repeat(32);
  private static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");

  @TempDir Path folder;

  private CannedFlink flink;
  private Path stops;

  @BeforeEach
  void start() throws IOException {
    flink =
        CannedFlink.start()
            .tell("/jobs/overview", "{\"jobs\":[]}")
            .tell("/jobmanager/config", "[]");
    stops = Files.createDirectory(folder.resolve("stops"));
  }

  @AfterEach
  void end() {
    flink.close();
  }

  @Test
  void anOlderStopThatWasProvedAgainIsNotTheLastOne() throws Exception {
    Instant week = NOON.plus(Duration.ofDays(7));
    receipt(FIRST, NOON, NOON.plusSeconds(60));
    Path last = receipt(SECOND, week, week.plusSeconds(60));
    assertThat(latest()).isEqualTo(last.toString());
    receipt(FIRST, NOON, week.plus(Duration.ofDays(1)));
    assertThat(latest()).isEqualTo(last.toString());
    assertThat(ReceiptFolder.read(stops).kept())
        .extracting(kept -> kept.receipt().job().id())
        .containsExactly(SECOND, FIRST);
  }

  /** A run that was begun by other means, and was lost: nothing but its checkpoints shows it. */
  @Test
  void checkpointsSinceTheStopCountHoweverLateItWasProved() throws Exception {
    receipt(FIRST, NOON, NOON.plus(Duration.ofDays(8)));
    String checkpoint = lostRun(SECOND, NOON.plus(Duration.ofDays(1)));
    assertThat(latest()).isEqualTo(checkpoint);
  }

  /** Another JobManager recovers the job while it is stopped: the run began after the stop. */
  @Test
  void checkpointsOfTheRunThatWasStoppedAreOlderThanItsSavepoint() throws Exception {
    Path file = receipt(FIRST, NOON, NOON.plusSeconds(60));
    String unused = lostRun(FIRST, NOON.plusSeconds(10));
    assertThat(latest()).isEqualTo(file.toString());
  }

  private String latest() throws Exception {
    JobManager jobManager = new JobManager(flink.addresses(), Duration.ofSeconds(5));
    return new Latest(jobManager, stops, text -> {}, Time.system()).find("j").from();
  }

  /** A run of the job with one checkpoint. */
  private String lostRun(String id, Instant began) throws IOException {
    Path checkpoints = folder.resolve("checkpoints");
    Path run = Files.createDirectories(checkpoints.resolve(id));
    Path checkpoint = GoldenSavepoint.copyTo(run.resolve("chk-9"));
    flink
        .tell(
            "/jobs/overview",
            "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"j\",\"state\":\"FAILED\",\"start-time\":%s}]}"
                .formatted(id, began.toEpochMilli()))
        .tell(
            "/jobmanager/config",
            "[{\"key\":\"execution.checkpointing.dir\",\"value\":\"%s\"}]"
                .formatted(checkpoints.toUri()));
    return "file:" + checkpoint;
  }

  /** Of a stop whose job finished half a minute after it began. */
  private Path receipt(String id, Instant began, Instant ended) throws IOException {
    Path savepoint = folder.resolve("savepoint-" + id);
    if (!Files.exists(savepoint)) {
      GoldenSavepoint.copyTo(savepoint);
    }
    Path file = stops.resolve("receipt-j-%s.json".formatted(id.substring(0, 8)));
    ReceiptFile.write(
        file,
        new Receipt(
            Receipt.VERSION,
            "sluice",
            StopResult.Kind.PROVED,
            began,
            ended,
            new Receipt.Job(id, "j", "2.2.1", "1", 2, new TreeMap<>(), "", new TreeMap<>(), ""),
            new Receipt.Snapshot(
                savepoint.toUri().toString(), "savepoint", 1, "canonical", false, 0, List.of()),
            new TreeMap<>(),
            List.of(),
            null,
            List.of(
                new Receipt.StepLine("finished", began.plusSeconds(20), 10_000, "ok", "it has")),
            List.of(),
            List.of(),
            new Receipt.Resume("sluice resume x", "flink run x"),
            List.of(),
            false,
            List.of()),
        ReceiptKeys.NONE);
    return file;
  }
}
