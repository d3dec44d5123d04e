package dev.sluice.tool.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.settings.JobSettings;
import dev.sluice.support.CannedFlink;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.services.HandSetClock;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which jobs of a shared cluster are in the way of a resume. */
class RunningCopiesTest {

  private static final String ID = "0123456789abcdef0123456789abcdef";

  private final HandSetClock clock = new HandSetClock();

  private CannedFlink flink;

  @BeforeEach
  void startFlink() throws IOException {
    flink = CannedFlink.start();
  }

  @AfterEach
  void stopFlink() {
    flink.close();
  }

  @Test
  void aJobOfAnotherProgramIsNotInTheWay() throws Exception {
    runs("RUNNING", "{}");
    assertThat(found(Map.of())).isEmpty();
    runs("RUNNING", "{\"sluice.sink.transactional-id-prefix\":\"sluice\"}");
    assertThat(found(Map.of())).as("it may have any parameters").isEmpty();
  }

  /** Flink can't always report a job's configuration; that of another program is no concern. */
  @Test
  void aJobThatFlinkTellsNothingOfIsInTheWayByItsNameOnly() throws Exception {
    runs("RUNNING", "{}");
    flink.fail("/jobs/" + ID + "/config");
    assertThat(found(Map.of())).as("flights is not sluice").isEmpty();
    assertThatThrownBy(() -> found(Map.of("sluice.job.name", "flights")))
        .hasMessageContaining("answered /jobs/" + ID + "/config with 500");
  }

  @Test
  void aJobWithOurPrefixIs() throws Exception {
    runs("RUNNING", "{\"sluice-version\":\"1\"}");
    assertThat(found(Map.of()))
        .singleElement()
        .asString()
        .contains("same transactional-id prefix (sluice)", "Stop it first", "--fork");
  }

  @Test
  void aJobThatWritesToOneOfOurTopicsIsWhateverItsPrefix() throws Exception {
    runs(
        "RUNNING",
        "{\"sluice-version\":\"1\",\"sluice.sink.transactional-id-prefix\":\"other\",\"a.setting.of.a.later.release\":\"1\"}");
    assertThat(found(Map.of("sluice.topics.predictions", "p", "sluice.topics.evaluations", "e")))
        .singleElement()
        .asString()
        .contains("[sluice.control-log, sluice.dead-letters, sluice.deferred]", "answered twice");
    assertThat(
            found(
                Map.of(
                    "sluice.topics.predictions", "p",
                    "sluice.topics.evaluations", "e",
                    "sluice.topics.deferred", "d",
                    "sluice.topics.dead-letters", "l",
                    "sluice.topics.control-log", "c")))
        .isEmpty();
  }

  @Test
  void aJobThatWritesToOneOfOurTopicsIsACopyUnlessWanted() throws Exception {
    runs(
        "RUNNING",
        """
        {"sluice-version":"1","sluice.sink.transactional-id-prefix":"other",
         "sluice.topics.events":"theirs, more","sluice.topics.control":"theirs.control"}""");
    assertThat(found(Map.of()))
        .singleElement()
        .asString()
        .contains("sluice.dead-letters", "but reads other inputs", "foreign", "--share-outputs")
        .doesNotContain("twice");
    RunningCopies wanted = copies(true);
    assertThat(wanted.find(JobSettings.of(Map.of()), "")).isEmpty();
    assertThat(wanted.notes())
        .singleElement()
        .asString()
        .contains("writes to", "sluice.dead-letters", "'sluice audit'", "not proved");
    assertThat(found(Map.of("sluice.topics.events", "more")))
        .singleElement()
        .asString()
        .contains("reads [more]", "answered twice");
  }

  @Test
  void tasksOfALostJobManagerEndAfterTheHeartbeatsTimeout() throws Exception {
    assertThat(copies().endOfLostTasks()).as("not recorded").isEqualTo(Duration.ofSeconds(65));
    flink.tell("/jobmanager/config", "[]");
    assertThat(copies().endOfLostTasks()).as("Flink's default").isEqualTo(Duration.ofSeconds(55));
    flink.tell("/jobmanager/config", "[{\"key\":\"heartbeat.timeout\",\"value\":\"30 s\"}]");
    assertThat(copies().endOfLostTasks()).isEqualTo(Duration.ofSeconds(35));
    flink.tell("/jobmanager/config", "[{\"key\":\"heartbeat.timeout\",\"value\":\"40000\"}]");
    assertThat(copies().endOfLostTasks()).isEqualTo(Duration.ofSeconds(45));
  }

  /** No stop takes a savepoint of it. */
  @Test
  void aCopyThatDoesNotRunCanBeCancelled() throws Exception {
    runs("RESTARTING", "{\"sluice-version\":\"1\"}");
    assertThat(found(Map.of()))
        .singleElement()
        .asString()
        .contains("flink cancel " + ID, "/jobs/" + ID + "?mode=cancel");
  }

  /** A large restore takes minutes, and so long a job publishes nothing but its name. */
  @Test
  void aJobThatStartsMayHaveAnyPrefix() throws Exception {
    runs("INITIALIZING", "{}");
    RunningCopies all = copies();
    assertThat(all.withPrefix("mine").orElseThrow()).contains("flights", "does not publish", ID);
    runs("RUNNING", "{}");
    assertThat(all.withPrefix("mine"))
        .as("another program's job publishes nothing of sluice")
        .isEmpty();
    flink.forget("/jobs/" + ID + "/config");
    assertThat(all.withPrefix("mine")).as("it has gone meanwhile").isEmpty();
  }

  /**
   * Flink caches for 3 s what it reported of a job while that was being started, but not its state.
   */
  @Test
  void aJobThatHasJustComeToRunIsNotTakenForAnotherProgram() throws Exception {
    runs("RUNNING", "{}");
    flink
        .tell(
            "/jobs/overview",
            "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"flights\",\"state\":\"RUNNING\",\"start-time\":%s}]}"
                .formatted(ID, clock.millis()))
        .tell("/jobs/" + ID, "{\"state\":\"INITIALIZING\",\"vertices\":[]}");
    flink.when(
        "GET /jobs/" + ID + "/config",
        unused -> {
          if (clock.passed().compareTo(Duration.ofSeconds(3)) >= 0) {
            runs("RUNNING", "{\"sluice-version\":\"1\"}");
          }
        });
    assertThat(copies().withPrefix("sluice").orElseThrow()).contains("RUNNING with this prefix");
  }

  /**
   * Its restore took long, or the clock of the JobManager is behind, or Flink caches answers for
   * longer: what counts is whether an answer is of a job that was being started.
   */
  @Test
  void detailsOfAStartingJobAreNoSettingsOfAnotherProgram() throws Exception {
    runs("RUNNING", "{}");
    flink.tell("/jobs/" + ID, "{\"state\":\"INITIALIZING\",\"vertices\":[]}");
    AtomicInteger asked = new AtomicInteger();
    flink.when(
        "GET /jobs/" + ID + "/config",
        unused -> {
          if (asked.incrementAndGet() == 2) {
            runs("RUNNING", "{\"sluice-version\":\"1\"}");
          }
        });
    assertThat(copies().withPrefix("sluice").orElseThrow()).contains("RUNNING with this prefix");
  }

  /** At one address of several JobManagers, each of which has a cache of its own. */
  @Test
  void settingsOfOneJobManagersCacheAreAskedForAgain() throws Exception {
    runs("RUNNING", "{}");
    flink.tell(
        "/jobs/" + ID,
        "{\"state\":\"RUNNING\",\"vertices\":[{\"id\":\"v\",\"name\":\"Source: events -> "
            + "decode\",\"status\":\"RUNNING\"}]}");
    AtomicInteger asked = new AtomicInteger();
    flink.when(
        "GET /jobs/" + ID + "/config",
        unused -> {
          if (asked.incrementAndGet() == 3) {
            runs("RUNNING", "{\"sluice-version\":\"1\"}");
          }
        });
    assertThat(copies().withPrefix("sluice").orElseThrow()).contains("RUNNING with this prefix");
  }

  /** As long as it is kept it may be of any prefix. */
  @Test
  void aJobOfWhichFlinkTellsOnlyWhatItKeptIsNotTold() throws Exception {
    runs("RUNNING", "{}");
    flink.tell("/jobs/" + ID, "{\"state\":\"INITIALIZING\",\"vertices\":[]}");
    assertThat(copies().withPrefix("sluice").orElseThrow())
        .contains("does not publish its settings");
    assertThat(found(Map.of("sluice.job.name", "flights")))
        .singleElement()
        .asString()
        .contains("does not publish its settings yet");
  }

  /** After a failover all jobs of a session cluster have been started just now. */
  @Test
  void jobsOfOtherProgramsThatAreNewCostNoTime() throws Exception {
    runs("RUNNING", "{}");
    flink.tell(
        "/jobs/overview",
        "{\"jobs\":[%s]}"
            .formatted(
                String.join(
                    ",",
                    Collections.nCopies(
                        5,
                        "{\"jid\":\"%s\",\"name\":\"flights\",\"state\":\"RUNNING\",\"start-time\":%s}"
                            .formatted(ID, clock.millis())))));
    assertThat(found(Map.of())).isEmpty();
    assertThat(flink.asked())
        .as("no job is asked again after a while")
        .filteredOn(("GET /jobs/" + ID + "/config")::equals)
        .hasSizeLessThanOrEqualTo(2 * 5);
  }

  @Test
  void aJobThatIsOverOrThatWillBeStoppedIsNot() throws Exception {
    runs("FAILED", "{\"sluice-version\":\"1\"}");
    assertThat(found(Map.of())).isEmpty();
    runs("RUNNING", "{\"sluice-version\":\"1\"}");
    assertThat(copies().find(JobSettings.of(Map.of()), ID)).isEmpty();
  }

  private void runs(String state, String settings) {
    flink
        .tell(
            "/jobs/overview",
            "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"flights\",\"state\":\"%s\",\"start-time\":0}]}"
                .formatted(ID, state))
        .tell("/jobs/" + ID, "{\"state\":\"" + state + "\",\"vertices\":[]}")
        .tell("/jobs/" + ID + "/status", "{\"status\":\"" + state + "\"}")
        .tell(
            "/jobs/" + ID + "/config", "{\"execution-config\":{\"user-config\":" + settings + "}}");
  }

  private List<String> found(Map<String, String> settings) throws Exception {
    return copies().find(JobSettings.of(settings), "").stream()
        .map(RunningCopies.Copy::why)
        .toList();
  }

  private RunningCopies copies() {
    return copies(false);
  }

  private RunningCopies copies(boolean sharesOutputs) {
    return new RunningCopies(
        new JobManager(flink.addresses(), Duration.ofSeconds(5)),
        flink.addresses(),
        sharesOutputs,
        clock.time());
  }
}
