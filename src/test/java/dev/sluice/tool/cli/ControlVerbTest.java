package dev.sluice.tool.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.codec.Headers;
import dev.sluice.event.Origin;
import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedFlink;
import dev.sluice.support.CannedLog;
import dev.sluice.support.Eventually;
import dev.sluice.support.OutputSchema;
import dev.sluice.support.StrictJson;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.SimpleRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of a command that brokers have taken, and of one that they have not. */
class ControlVerbTest {

  private static final String ID = "0123456789abcdef0123456789abcdef";

  private static final String OTHER_ID = "fedcba9876543210fedcba9876543210";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final CannedLog log = new CannedLog();
  private CannedBroker broker;
  private CannedFlink flink;

  @BeforeEach
  void start() throws IOException {
    broker =
        CannedBroker.start()
            .topic("sluice.control", new CannedLog())
            .topic("sluice.control-log", log);
    flink = CannedFlink.start();
    runs("RUNNING", "");
  }

  @AfterEach
  void end() throws IOException {
    flink.close();
    broker.close();
  }

  /** It is carried out: a user who sends it again with another id has it executed twice. */
  @Test
  void aCommandWhoseAnswerMayNotBeReadIsNotKnown() throws IOException {
    broker.hideRecords();
    assertThat(pause()).as(err.toString()).isEqualTo(ExitCode.NOT_KNOWN.number());
    assertThat(broker.asked()).contains(ApiKeys.PRODUCE.name());
    assertThat(err.toString())
        .contains("sluice.control/0", "sluice.control-log", "--id c-1", "[SLU-BROKERS]");
  }

  @Test
  void itSaysSoInJsonToo() throws IOException {
    broker.hideRecords();
    assertThat(pause("-o", "json")).isEqualTo(ExitCode.NOT_KNOWN.number());
    JsonNode json = StrictJson.object(out.toString());
    OutputSchema.require("control", json);
    assertThat(json.path("answered").asBoolean()).isFalse();
    assertThat(json.path("id").asText()).isEqualTo("c-1");
    assertThat(json.path("why").asText()).contains("sluice.control-log");
  }

  @ParameterizedTest
  @CsvSource({
    "PRODUCE, TOPIC_AUTHORIZATION_FAILED",
    "INIT_PRODUCER_ID, CLUSTER_AUTHORIZATION_FAILED"
  })
  void aCommandThatBrokersRefuseWasNotWritten(ApiKeys request, Errors error) throws IOException {
    broker.fail(request, error, 10);
    assertThat(pause()).as(err.toString()).isEqualTo(ExitCode.REFUSED.number());
    assertThat(err.toString())
        .contains("was not written", "[SLU-BROKERS]")
        .doesNotContain("may still have been written");
  }

  @ParameterizedTest
  @CsvSource({"FINISHED,", "FAILING,", "RUNNING,',\"sluice.topics.control\":\"mine.control\"'"})
  void aCommandThatNobodyTakesIsNotSent(String state, @Nullable String settings) {
    runs(state, settings == null ? "" : settings);
    assertThat(pause()).as(err.toString()).isEqualTo(ExitCode.REFUSED.number());
    assertThat(err.toString())
        .contains("no running job takes commands from sluice.control, and nothing was sent")
        .contains("--accept-no-job", "[SLU-CONTROL-NO-JOB]");
    assertThat(broker.asked()).doesNotContain(ApiKeys.PRODUCE.name());
    if (settings != null) {
      assertThat(err.toString())
          .contains(
              "job j (%s) takes them from mine.control (--control mine.control".formatted(ID));
    }
  }

  @Test
  void aJobOfAnotherProgramIsNoListener() {
    flink.tell("/jobs/" + ID + "/config", "{\"execution-config\":{\"user-config\":{}}}");
    assertThat(pause()).isEqualTo(ExitCode.REFUSED.number());
    assertThat(err.toString()).contains("[SLU-CONTROL-NO-JOB]");
  }

  /** It reads a topic of the same name on other brokers. */
  @Test
  void aJobOfAnotherKafkaClusterIsNoListener() {
    broker.hideRecords();
    runs("RUNNING", ",\"sluice-kafka-cluster-id\":\"another\"");
    assertThat(pause()).as(err.toString()).isEqualTo(ExitCode.REFUSED.number());
    assertThat(err.toString())
        .contains("nothing was sent", "cluster (canned)", "(another)", "[SLU-CONTROL-NO-JOB]");
    assertThat(broker.asked()).doesNotContain(ApiKeys.PRODUCE.name());
    assertThat(pause("--accept-no-job")).isEqualTo(ExitCode.NOT_KNOWN.number());
    assertThat(broker.asked()).contains(ApiKeys.PRODUCE.name());
  }

  @Test
  void aJobOfTheSameKafkaClusterListens() {
    broker.hideRecords();
    runs("RUNNING", ",\"sluice-kafka-cluster-id\":\"%s\"".formatted(CannedBroker.CLUSTER_ID));
    assertThat(pause()).as(err.toString()).isEqualTo(ExitCode.NOT_KNOWN.number());
    assertThat(broker.asked()).contains(ApiKeys.PRODUCE.name());
  }

  @Test
  void severalListenersAreNamedAndNothingIsSent() {
    twoRun();
    assertThat(pause()).as(err.toString()).isEqualTo(ExitCode.REFUSED.number());
    assertThat(err.toString())
        .contains("job j (%s)".formatted(ID), "job k (%s)".formatted(OTHER_ID))
        .contains("nothing was sent", "--accept-no-job", "[SLU-CONTROL-SEVERAL-JOBS]");
    assertThat(broker.asked()).doesNotContain(ApiKeys.PRODUCE.name());
  }

  /** One record says that one job has accepted it. */
  @Test
  void theAnswerOfOneIsNotSaidToBeOfSeveral() {
    twoRun();
    CompletableFuture<Void> answered = CompletableFuture.runAsync(this::answer);
    assertThat(pause("--accept-no-job")).as(err.toString()).isEqualTo(ExitCode.DONE.number());
    answered.join();
    assertThat(out.toString())
        .contains("Accepted, as one job answered in sluice.control-log (which one of job j")
        .doesNotContain("Accepted by");
  }

  @Test
  void theAnswerOfTheOnlyListenerIsSaidToBeIts() {
    CompletableFuture<Void> answered = CompletableFuture.runAsync(this::answer);
    assertThat(pause()).as(err.toString()).isEqualTo(ExitCode.DONE.number());
    answered.join();
    assertThat(out.toString()).contains("Accepted by job j (%s)".formatted(ID));
  }

  /** As a job does: behind the command. */
  private void answer() {
    Eventually.until(
        "it is sent",
        Duration.ofSeconds(15),
        () -> broker.asked().contains(ApiKeys.PRODUCE.name()));
    Header origin =
        new RecordHeader(Headers.ORIGIN, Headers.originBytes(new Origin("sluice.control", 0, 0)));
    log.record(
        new SimpleRecord(
            0, new byte[0], "{\"accepted\":true}".getBytes(UTF_8), new Header[] {origin}));
  }

  private void twoRun() {
    flink.tell(
        "/jobs/overview",
        ("{\"jobs\":[{\"jid\":\"%s\",\"name\":\"j\",\"state\":\"RUNNING\",\"start-time\":0},"
                + "{\"jid\":\"%s\",\"name\":\"k\",\"state\":\"RUNNING\",\"start-time\":0}]}")
            .formatted(ID, OTHER_ID));
    flink.tell(
        "/jobs/" + OTHER_ID + "/config",
        "{\"execution-config\":{\"user-config\":{\"sluice-version\":\"1\"}}}");
  }

  @Test
  void whereFlinkDoesNotAnswerNothingIsSent() {
    flink.fail("/jobs/overview");
    assertThat(pause()).as(err.toString()).isEqualTo(ExitCode.NO_ANSWER.number());
    assertThat(err.toString()).contains("is not known, and nothing was sent", "--accept-no-job");
    assertThat(broker.asked()).doesNotContain(ApiKeys.PRODUCE.name());
  }

  @Test
  void aCommandToNobodyIsSentIfThatIsAccepted() throws IOException {
    runs("FINISHED", "");
    broker.hideRecords();
    assertThat(pause("--accept-no-job", "-o", "json")).isEqualTo(ExitCode.NOT_KNOWN.number());
    assertThat(broker.asked()).contains(ApiKeys.PRODUCE.name());
    JsonNode json = StrictJson.object(out.toString());
    OutputSchema.require("control", json);
    assertThat(json.path("jobs")).isEmpty();
    flink.fail("/jobs/overview");
    assertThat(pause("--accept-no-job")).isEqualTo(ExitCode.NOT_KNOWN.number());
  }

  @Test
  void theJobIsNamed() throws IOException {
    broker.hideRecords();
    assertThat(pause("-o", "json")).isEqualTo(ExitCode.NOT_KNOWN.number());
    JsonNode job = StrictJson.object(out.toString()).path("jobs").path(0);
    assertThat(job.path("id").asText()).isEqualTo(ID);
    assertThat(job.path("name").asText()).isEqualTo("j");
    assertThat(err.toString()).contains("and job j (%s) answers it".formatted(ID));
  }

  private void runs(String state, String settings) {
    String config =
        "{\"execution-config\":{\"user-config\":{\"sluice-version\":\"1\","
            + "\"sluice.kafka.bootstrap-servers\":\"%s\"%s}}}";
    flink
        .tell(
            "/jobs/overview",
            "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"j\",\"state\":\"%s\",\"start-time\":0}]}"
                .formatted(ID, state))
        .tell("/jobs/" + ID + "/config", config.formatted(broker.servers(), settings));
  }

  private int pause(String... more) {
    List<String> line =
        new ArrayList<>(List.of("control", "pause", "--id", "c-1", "--timeout", "20s"));
    line.addAll(List.of("--bootstrap-servers", broker.servers()));
    line.addAll(List.of("--rest", flink.addresses().get(0).toString()));
    line.addAll(List.of(more));
    return ListedCodes.execute(
        Sluice.commandLine(ToolServices.real())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true)),
        line.toArray(String[]::new));
  }
}
