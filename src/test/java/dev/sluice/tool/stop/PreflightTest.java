package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.settings.JobSettings;
import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedFlink;
import dev.sluice.support.CannedLog;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a stop refuses before it asks for anything, at a JobManager with Flink's answers. The
 * brokers are asked last; these can't be, and a stop that comes so far is refused by none of the
 * others.
 */
class PreflightTest {

  private static final String ID = "0123456789abcdef0123456789abcdef";
  private static final String JOB = "/jobs/" + ID;
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final String NO_SAVEPOINT = "";

  @TempDir Path folder;

  private CannedFlink flink;
  private List<URI> rest = List.of();
  private @Nullable String savepoints;
  private String warning = "";
  private Map<String, String> own = Map.of();

  @BeforeEach
  void runAJob() throws IOException {
    flink = CannedFlink.start();
    rest = flink.addresses();
    savepoints = folder.resolve("not there yet").toString();
    flink
        .tell(JOB + "/status", "{\"status\":\"RUNNING\"}")
        .tell(
            JOB,
            """
            {"jid":"%s","name":"flights","state":"RUNNING","now":%s,"vertices":[
              {"id":"a1","name":"Source: events","parallelism":2,"status":"RUNNING",
               "metrics":{"read-records":0}}]}
            """
                .formatted(ID, NOW.toEpochMilli()))
        .tell("/config", "{\"flink-version\":\"2.2.1\"}");
    settings("exactly-once", "15 min");
    checkpointing(MINUTE, false);
    checkpoints(NOW.minusSeconds(30), NO_SAVEPOINT);
  }

  @AfterEach
  void endFlink() {
    assertThat(flink.asked()).allMatch(request -> request.startsWith("GET "));
    flink.close();
  }

  @Test
  void aHealthyJobIsNotRefused() {
    assertAccepted(OnTimeout.CHECKPOINT, Duration.ofMinutes(5));
  }

  @Test
  void aStopThatSomebodyElseHasBegunIsNotAborted() {
    checkpoints(NOW, savepoint("SYNC_SAVEPOINT", "IN_PROGRESS"));
    assertRefused(OnTimeout.FAIL, "somebody else is stopping job (flights)", "1 of 6 subtasks");
  }

  @ParameterizedTest
  @CsvSource({"SYNC_SAVEPOINT,FAILED", "SYNC_SAVEPOINT,COMPLETED", "SAVEPOINT,IN_PROGRESS"})
  void aSavepointThatStopsNothingNowIsNoSecondStop(String type, String status) {
    checkpoints(NOW, savepoint(type, status));
    assertAccepted(OnTimeout.FAIL, MINUTE);
  }

  @Test
  void aJobWithoutACheckpointIsNotStopped() {
    checkpointing(Duration.ofMillis(1), false);
    flink.tell(
        JOB + "/checkpoints",
        "{\"latest\":{\"completed\":null,\"savepoint\":%s},\"history\":[]}"
            .formatted(savepoint("SAVEPOINT", "COMPLETED")));
    assertRefused(OnTimeout.FAIL, "job (flights) has not completed a checkpoint yet");
  }

  @Test
  void aCheckpointThatFailedIsToldWithItsReason() {
    checkpointing(Duration.ofMillis(1), false);
    flink.tell(
        JOB + "/checkpoints",
        """
        {"latest":{"completed":null},"history":[
          {"id":9,"status":"IN_PROGRESS","is_savepoint":false},
          {"id":8,"status":"FAILED","is_savepoint":false,"failure_message":"No space left on device"},
          {"id":7,"status":"FAILED","is_savepoint":false,"failure_message":"older"}]}
        """);
    assertRefused(
        OnTimeout.FAIL,
        "has not completed a checkpoint yet",
        ": checkpoint 8 failed: No space left on device");
  }

  @ParameterizedTest
  @CsvSource({"60,600,true", "60,601,false", "1,600,true", "120,1200,true", "120,1201,false"})
  void checkpointsThatAreLongOverdueRefuseAStop(long intervalS, long ageS, boolean accepted) {
    checkpointing(Duration.ofSeconds(intervalS), false);
    checkpoints(NOW.minusSeconds(ageS), NO_SAVEPOINT);
    if (accepted) {
      assertAccepted(OnTimeout.FAIL, MINUTE);
    } else {
      assertRefused(
          OnTimeout.FAIL,
          "the last checkpoint of job (flights) is %s min old".formatted(ageS / 60),
          "due every %s s".formatted(intervalS));
    }
  }

  @Test
  void aCheckpointThatCancellingDeletesIsNothingToFallBackOn() {
    checkpointing(MINUTE, true);
    assertRefused(
        OnTimeout.CHECKPOINT,
        "--on-timeout checkpoint would leave nothing behind",
        "RETAIN_ON_CANCELLATION");
    assertAccepted(OnTimeout.FAIL, MINUTE);
    assertAccepted(OnTimeout.CANCEL, MINUTE);
  }

  @Test
  void checkpointsThatAreNotKeptAreNothingToFallBackOn() {
    flink.tell(
        JOB + "/checkpoints/config",
        "{\"interval\":60000,\"timeout\":600000,\"externalization\":{\"enabled\":false,\"delete_on_cancellation\":false}}");
    assertRefused(OnTimeout.CHECKPOINT, "--on-timeout checkpoint would leave nothing behind");
  }

  @ParameterizedTest
  @CsvSource({
    "exactly-once,359 s,false",
    "exactly-once,360 s,true",
    "at-least-once,1 s,true",
  })
  void aTransactionMustOutliveAnIntervalAndTheGrace(
      String guarantee, String timeout, boolean accepted) {
    settings(guarantee, timeout);
    if (accepted) {
      assertAccepted(OnTimeout.FAIL, Duration.ofMinutes(5));
    } else {
      assertRefused(OnTimeout.FAIL, "sluice.sink.transaction-timeout (359 s)", "(360 s)");
    }
  }

  /** The file may already say what is meant for the next start. */
  @Test
  void aLongerTimeoutInAFileIsNotTheJobs() {
    settings("exactly-once", "359 s");
    own = Map.of("sluice.sink.transaction-timeout", "1 h");
    assertRefused(
        OnTimeout.FAIL,
        "sluice.sink.transaction-timeout (359 s)",
        "the job runs with other settings than those given here",
        "sluice.sink.transaction-timeout is (359 s), not (1 h)");
  }

  @Test
  void settingsThatAreNotTheJobsAreNamed() {
    own =
        Map.of(
            "sluice.sink.transactional-id-prefix", "prod",
            "sluice.sink.transaction-timeout", "900 s",
            "sluice.job.name", "flights",
            "sluice.kafka.properties.sasl.mechanism", "PLAIN");
    assertAccepted(OnTimeout.FAIL, MINUTE);
    assertThat(warning)
        .isEqualTo(
            "the job runs with other settings than those given here, and its own count: "
                + "sluice.sink.transactional-id-prefix is (sluice), not (prod)");
    rest = List.of(URI.create("http://192.0.2.1:8081"));
    assertAccepted(OnTimeout.FAIL, MINUTE);
    assertThat(warning).contains("not (prod). And the savepoint goes to");
  }

  /** Negative control: a job's whole file may be given. */
  @Test
  void theJobsOwnSettingsAreNotNamed() {
    own =
        Map.of(
            "sluice.sink.transactional-id-prefix", "sluice",
            "sluice.sink.transaction-timeout", "15 min",
            "sluice.job.name", "flights",
            "sluice.kafka.bootstrap-servers", "no-port");
    assertAccepted(OnTimeout.FAIL, MINUTE);
    assertThat(warning).isEmpty();
  }

  @Test
  void aSavepointThatThisToolCouldNotReadIsNotMade() throws Exception {
    savepoints = "s3://savepoints/flights";
    assertRefused(
        OnTimeout.FAIL,
        "the savepoint would go to s3://savepoints/flights, which this tool can't read",
        "nothing here knows 's3:'",
        "set FLINK_CONF_DIR (",
        "and FLINK_PLUGINS_DIR (");
    savepoints = Files.createFile(folder.resolve("file")).toString();
    assertRefused(OnTimeout.FAIL, "never prove: it is a file", "--savepointPath");
  }

  @Test
  void theClustersOwnDirectoryIsLookedAtToo() {
    savepoints = null;
    flink.tell(
        "/jobmanager/config",
        "[{\"key\":\"execution.checkpointing.savepoint-dir\",\"value\":\"s3://savepoints/\"}]");
    assertRefused(OnTimeout.FAIL, "s3://savepoints, which this tool can't read");
    savepoints = folder.resolve("named").toString();
    assertAccepted(OnTimeout.FAIL, MINUTE);
  }

  @Test
  void aStopThatTheBrokersCouldNotProveIsRefused() throws Exception {
    try (CannedBroker broker = CannedBroker.start().hideTransactions()) {
      flink.tell(
          JOB + "/config",
          """
          {"execution-config":{"user-config":{"sluice-version":"1","sluice.job.name":"flights",
            "sluice.kafka.bootstrap-servers":"%s"}}}
          """
              .formatted(broker.servers()));
      assertThatThrownBy(() -> check(OnTimeout.FAIL, MINUTE))
          .isInstanceOf(RefusedStop.class)
          .matches(e -> !((RefusedStop) e).isPassing(), "waiting does not help")
          .hasMessageContainingAll(
              "the stop could not be proved",
              "which transactions of prefix (sluice) are open",
              "the operation Describe on the transactional ids");
    }
  }

  /** They may be the job's at a listener for this machine, or those of another cluster. */
  @Test
  void brokersThatTheJobDoesNotNameAreNamedWithThoseThatItDoes() throws Exception {
    try (CannedBroker broker = elsewhere().transaction("sluice-0-7", 7, 0, "Empty")) {
      check(OnTimeout.FAIL, MINUTE);
      assertThat(warning)
          .contains("(" + broker.servers() + ")", "the job names (no-port)", "one cluster");
    }
  }

  /** An id is made at each checkpoint, so its own brokers know one. */
  @Test
  void brokersThatKnowNoIdOfTheJobAreNotItsOwn() throws Exception {
    try (CannedBroker broker = elsewhere().transaction("other-0-7", 7, 0, "Empty")) {
      assertThatThrownBy(() -> check(OnTimeout.FAIL, MINUTE))
          .isInstanceOf(RefusedStop.class)
          .matches(e -> ((RefusedStop) e).isPassing(), "a coordinator may be moving")
          .hasMessageContainingAll(
              broker.servers(), "no transactional id (sluice-0-7)", "names (no-port)")
          .hasMessageEndingWith("[SLU-BROKERS]");
      settings("at-least-once", "15 min");
      check(OnTimeout.FAIL, MINUTE);
      assertThat(warning).as("they decide nothing").isEmpty();
    }
  }

  /** Which the settings given name, and the job does not; it has the job's output topics. */
  private CannedBroker elsewhere() throws IOException {
    CannedBroker broker = CannedBroker.start();
    for (String topic : JobSettings.of(Map.of()).topics().outputs().values()) {
      broker.topic(topic, new CannedLog().committed(3));
    }
    own = Map.of("sluice.kafka.bootstrap-servers", broker.servers());
    return broker;
  }

  @Test
  void aDirectoryOfAnotherMachineIsNamedWithIt() {
    assertAccepted(OnTimeout.FAIL, MINUTE);
    assertThat(warning).as("on this machine").isEmpty();
    rest = List.of(URI.create("http://192.0.2.1:8081"));
    assertAccepted(OnTimeout.FAIL, MINUTE);
    assertThat(warning)
        .startsWith("the savepoint goes to " + savepoints)
        .contains("on the JobManager's machine (192.0.2.1)", "mounted");
  }

  private void settings(String guarantee, String transactionTimeout) {
    flink.tell(
        JOB + "/config",
        """
        {"jid":"%s","name":"flights","execution-config":{"user-config":{
          "sluice-version":"1","sluice.job.name":"flights",
          "sluice.kafka.bootstrap-servers":"no-port",
          "sluice.sink.delivery-guarantee":"%s","sluice.sink.transaction-timeout":"%s"}}}
        """
            .formatted(ID, guarantee, transactionTimeout));
  }

  private void checkpointing(Duration interval, boolean deletedOnCancellation) {
    flink.tell(
        JOB + "/checkpoints/config",
        """
        {"mode":"exactly_once","interval":%s,"timeout":600000,"min_pause":0,"max_concurrent":1,
         "externalization":{"enabled":true,"delete_on_cancellation":%s},
         "state_backend":"HashMapStateBackend"}
        """
            .formatted(interval.toMillis(), deletedOnCancellation));
  }

  private void checkpoints(Instant last, String savepoint) {
    flink.tell(
        JOB + "/checkpoints",
        """
        {"latest":{"completed":{"id":6,"status":"COMPLETED","is_savepoint":false,
           "latest_ack_timestamp":%s,"external_path":"file:/c/chk-6"},
          "savepoint":null,"failed":null,"restored":null},"history":[%s]}
        """
            .formatted(last.toEpochMilli(), savepoint));
  }

  private static String savepoint(String type, String status) {
    return """
        {"id":7,"status":"%s","is_savepoint":true,"checkpoint_type":"%s",
         "num_subtasks":6,"num_acknowledged_subtasks":1,"state_size":9}
        """
        .formatted(status, type);
  }

  private void assertRefused(OnTimeout onTimeout, String... words) {
    assertThatThrownBy(() -> check(onTimeout, Duration.ofMinutes(5)))
        .isInstanceOf(RefusedStop.class)
        .hasMessageContainingAll(words);
  }

  private void assertAccepted(OnTimeout onTimeout, Duration grace) {
    assertThatThrownBy(() -> check(onTimeout, grace))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the brokers at no-port can't be asked");
  }

  private void check(OnTimeout onTimeout, Duration grace) throws Exception {
    StopPolicy policy =
        new StopPolicy(
            "flights",
            rest,
            savepoints,
            false,
            false,
            grace,
            onTimeout,
            Duration.ofSeconds(5),
            null,
            Path.of("unused"),
            own,
            null,
            List.of(),
            ReceiptKeys.NONE);
    Preflight preflight =
        new Preflight(
            ToolServices.real(),
            policy,
            new JobManager(flink.addresses(), Duration.ofSeconds(5)),
            false);
    try {
      preflight.check(new JobOverview(ID, "flights", "RUNNING", NOW));
    } finally {
      warning = preflight.warning();
    }
  }
}
