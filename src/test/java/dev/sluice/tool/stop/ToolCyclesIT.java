package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import dev.sluice.support.cluster.CommandResult;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.SavedKeys;
import dev.sluice.support.cluster.SavepointModels;
import dev.sluice.support.cluster.ToolProcess;
import dev.sluice.support.ledger.Ledger;
import dev.sluice.support.traffic.TrafficRun;
import dev.sluice.tool.receipt.ReceiptFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Stop, proof, resume, over and over under load, with the tool killed at each of its steps. */
class ToolCyclesIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NAME = "tool-cycles";

  private final LocalCluster cluster = LocalCluster.shared();
  private final String broker = cluster.bootstrapServers();
  private final Path savepoints = cluster.directory().resolve("savepoints-" + NAME);
  private final Path stops = cluster.directory().resolve("stops-" + NAME);

  @Test
  void aStopKilledAtAnyStepIsGoneOnWithAndNothingIsLostOrDoubled() throws Exception {
    JobSpec spec = spec();
    try (TrafficRun traffic = TrafficRun.into(spec, broker, 61, 300)) {
      JobUnderTest.inProcess(cluster, spec).run(2);
      int cycles = 0;
      String receipt = "";
      for (Step step : Step.values()) {
        assertThat(traffic.isRunning()).as("load").isTrue();
        if (step == Step.SANE) {
          assertRunningJobIsClean(spec);
        }
        receipt = stopKilledAt(step);
        cycles++;
        assertThat(receipts()).as("one receipt a stop").hasSize(cycles);
        assertThat(children(savepoints)).as("one savepoint a stop").hasSize(cycles);
        if (step != Step.RECEIPT) {
          assertThat(sluice("resume", receipt, "-p", "" + (1 + cycles % 3)).exitCode()).isZero();
        }
      }
      traffic.stop();
      assertSchemaHolds(receipts());
      assertAudited(spec, receipt);
    }
  }

  /** The receipt's file. */
  private String stopKilledAt(Step step) throws Exception {
    try (ToolProcess doomed = ToolProcess.start(cluster, stopArguments())) {
      doomed.awaitBegun(step.code());
      doomed.kill();
    }
    try (ToolProcess one = ToolProcess.start(cluster, stopArguments())) {
      if (step == Step.SAVEPOINT) {
        assertASecondStopTellsTheSame(one);
      }
      assertThat(one.await()).as(one.output()).isZero();
      JsonNode reported = lastLine(one.output());
      assertThat(reported.path("receipt").path("outcome").asText()).isEqualTo("proved");
      return reported.path("receiptFile").asText();
    }
  }

  /** Two at once, as impatient people do. */
  private void assertASecondStopTellsTheSame(ToolProcess one) throws Exception {
    try (ToolProcess other = ToolProcess.start(cluster, stopArguments())) {
      assertThat(one.await()).as(one.output()).isZero();
      assertThat(other.await()).as(other.output()).isZero();
      assertThat(lastLine(other.output()).path("receipt"))
          .isEqualTo(lastLine(one.output()).path("receipt"));
    }
  }

  /** Of a running job it judges what its last checkpoint has committed. */
  private void assertRunningJobIsClean(JobSpec spec) throws Exception {
    CommandResult audit =
        cluster.sluice(
            Stream.concat(Stream.of("audit", "-o", "json"), spec.arguments(broker).stream())
                .toArray(String[]::new));
    JsonNode found = audit.json();
    boolean waits = found.path("undecided").asLong() > 0; // an outcome, for its observation
    assertThat(audit.exitCode()).as(audit.toString()).isEqualTo(waits ? 7 : 0);
    assertThat(found.path("anomalies")).isEmpty();
    assertThat(found.path("stopped").asBoolean()).isFalse();
    assertThat(found.path("answered").asLong()).isPositive();
  }

  private String[] stopArguments() {
    return new String[] {
      "stop",
      NAME,
      "--savepointPath",
      savepoints.toString(),
      "--journal",
      stops.toString(),
      "-o",
      "json"
    };
  }

  private void assertAudited(JobSpec spec, String receipt) throws Exception {
    CommandResult audit = sluice("audit", "--receipt", receipt, "-o", "json");
    assertThat(audit.exitCode()).as(audit.toString()).isZero();
    JsonNode found = audit.json();
    assertThat(found.path("inputs").asLong()).isGreaterThan(1_000);
    assertTheNewestReceiptIsFound(spec, found);

    // The same by another reader and another ledger, which share no code with the tool.
    String savepoint =
        JSON.readTree(Path.of(receipt).toFile()).path("snapshot").path("uri").asText();
    SavedKeys keys = SavepointModels.keys(savepoint);
    assertThat(JSON.readTree(Path.of(receipt).toFile()).path("models").path("keys").asInt())
        .isEqualTo(keys.states().size());
    new Ledger(broker, spec.topics(), spec.name())
        .below(SavepointModels.offsets(savepoint))
        .holding(keys.held())
        .read()
        .assertClean();
  }

  /** Without a receipt on the command line the verdict is the same. */
  private void assertTheNewestReceiptIsFound(JobSpec spec, JsonNode byReceipt) {
    CommandResult bare =
        cluster.sluice(
            Stream.concat(
                    Stream.of("audit", "--journal", stops.toString(), "-o", "json"),
                    spec.arguments(broker).stream())
                .toArray(String[]::new));
    assertThat(bare.exitCode()).as(bare.toString()).isZero();
    for (String figure : List.of("stopped", "inputs", "answered", "held", "undecided")) {
      assertThat(bare.json().path(figure)).as(figure).isEqualTo(byReceipt.path(figure));
    }
  }

  private static void assertSchemaHolds(List<Path> receipts) throws IOException {
    JsonSchema schema =
        JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(ReceiptFile.schema());
    for (Path receipt : receipts) {
      assertThat(schema.validate(JSON.readTree(receipt.toFile()))).as(receipt.toString()).isEmpty();
    }
  }

  private CommandResult sluice(String verb, String... arguments) {
    String[] all = new String[arguments.length + 3];
    all[0] = verb;
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    if (verb.equals("audit")) {
      return cluster.sluice(
          Stream.concat(Stream.of(verb), Stream.of(arguments)).toArray(String[]::new));
    }
    all[arguments.length + 1] = "--journal";
    all[arguments.length + 2] = stops.toString();
    return cluster.sluice(all).requireSuccess();
  }

  private static JsonNode lastLine(String output) throws IOException {
    List<String> lines = output.lines().toList();
    return JSON.readTree(lines.get(lines.size() - 1));
  }

  private List<Path> receipts() throws IOException {
    return children(stops).stream()
        .filter(file -> file.getFileName().toString().startsWith("receipt-"))
        .toList();
  }

  private static List<Path> children(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children.toList();
    }
  }

  private JobSpec spec() throws Exception {
    return JobSpec.small(NAME, JobTopics.named(NAME).create(broker, 4))
        .set("sluice.sink.transaction-timeout", "10 min");
  }
}
