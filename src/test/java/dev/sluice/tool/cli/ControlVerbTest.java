package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedLog;
import dev.sluice.support.OutputSchema;
import dev.sluice.support.StrictJson;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of a command that brokers have taken, and of one that they have not. */
class ControlVerbTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private CannedBroker broker;

  @BeforeEach
  void start() throws IOException {
    broker =
        CannedBroker.start()
            .topic("sluice.control", new CannedLog())
            .topic("sluice.control-log", new CannedLog());
  }

  @AfterEach
  void end() throws IOException {
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

  private int pause(String... more) {
    List<String> line =
        new ArrayList<>(List.of("control", "pause", "--id", "c-1", "--timeout", "20s"));
    line.addAll(List.of("--bootstrap-servers", broker.servers()));
    line.addAll(List.of(more));
    return ListedCodes.execute(
        Sluice.commandLine(ToolServices.real())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true)),
        line.toArray(String[]::new));
  }
}
