package dev.sluice.tool.receipt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReceiptFileTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
  private static final String ID = "0123456789abcdef0123456789abcdef";

  @TempDir Path folder;

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    Path file = folder.resolve("made/receipt.json");
    ReceiptFile.write(file, full(), ReceiptKeys.NONE);
    assertThat(ReceiptFile.read(file)).isEqualTo(full());
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    try (var left = Files.list(file.toAbsolutePath().getParent())) {
      assertThat(left).as("nothing unfinished is left").containsExactly(file.toAbsolutePath());
    }
  }

  @Test
  void aFullReceiptAndAnEmptyOneHoldTheSchema() throws IOException {
    assertThat(schema().validate(JSON.readTree(ReceiptFile.bytes(full())))).isEmpty();
    assertThat(schema().validate(JSON.readTree(ReceiptFile.bytes(empty())))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tool", "outcome", "job", "snapshot", "steps", "resumptions"})
  void aReceiptWithoutAFieldBreaksTheSchemaAndIsNotRead(String field) throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(ReceiptFile.bytes(full()));
    json.remove(field);
    assertThat(schema().validate(json)).isNotEmpty();
    assertThatThrownBy(() -> ReceiptFile.parse(JSON.writeValueAsBytes(json), "r.json"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("r.json")
        .hasMessageContaining(field);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"tool", "outcome", "startedAt", "job", "sourceOffsets", "steps", "problems"})
  void aFieldThatIsNullBreaksTheSchemaAndIsNotRead(String field) throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(ReceiptFile.bytes(full()));
    json.putNull(field);
    assertNotRead(json, field);
  }

  @Test
  void aNullInAListOrARecordBreaksTheSchemaAndIsNotRead() throws IOException {
    ObjectNode warning = (ObjectNode) JSON.readTree(ReceiptFile.bytes(full()));
    warning.putArray("warnings").addNull();
    assertNotRead(warning, "warnings");
    ObjectNode name = (ObjectNode) JSON.readTree(ReceiptFile.bytes(full()));
    ((ObjectNode) name.get("job")).putNull("name");
    assertNotRead(name, "name");
    ObjectNode offset = (ObjectNode) JSON.readTree(ReceiptFile.bytes(full()));
    offset.putObject("sourceOffsets").putNull("sluice.events/0");
    assertNotRead(offset, "sourceOffsets");
  }

  private static void assertNotRead(ObjectNode json, String field) throws IOException {
    assertThat(schema().validate(json)).isNotEmpty();
    assertThatThrownBy(() -> ReceiptFile.parse(JSON.writeValueAsBytes(json), "r.json"))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("r.json is no receipt that this version reads: ")
        .hasMessageContaining(field);
  }

  /** Files from before the mark existed record proofs that have ended, and stay as they are. */
  @Test
  void onlyAnUnfinishedProofIsMarked() throws IOException {
    assertThat(new String(ReceiptFile.bytes(full()), UTF_8)).doesNotContain("unfinished");
    Receipt marked =
        ReceiptFile.read(Path.of("src/test/resources/golden/receipt-1-unfinished.json"));
    assertThat(marked.unfinished()).isTrue();
    ObjectNode json = (ObjectNode) JSON.readTree(ReceiptFile.bytes(marked));
    assertThat(json.get("unfinished").asBoolean()).isTrue();
    assertThat(schema().validate(json)).isEmpty();
    assertThat(ReceiptFile.parse(ReceiptFile.bytes(marked), "again")).isEqualTo(marked);
    json.putNull("unfinished");
    assertNotRead(json, "unfinished");
  }

  /** Of older jobs nothing is written that was not before the id was read. */
  @Test
  void onlyAKnownKafkaClusterIsNamed() throws IOException {
    Receipt older = ReceiptFile.read(Path.of("src/test/resources/golden/receipt-1-resumed.json"));
    assertThat(older.job().kafkaClusterId()).isEmpty();
    ObjectNode json = (ObjectNode) JSON.readTree(ReceiptFile.bytes(older));
    assertThat(json.get("job").has("kafkaClusterId")).isFalse();
    ObjectNode job = (ObjectNode) json.get("job");
    job.put("kafkaClusterId", "5L6g3nShT-eMCtK--X86sw");
    assertThat(schema().validate(json)).isEmpty();
    Receipt named = ReceiptFile.parse(JSON.writeValueAsBytes(json), "r.json");
    assertThat(named.job().kafkaClusterId()).isEqualTo("5L6g3nShT-eMCtK--X86sw");
    assertThat(ReceiptFile.parse(ReceiptFile.bytes(named), "again")).isEqualTo(named);
    job.put("kafkaClusterId", "a\u001b[2Jb");
    assertNotRead(json, "kafkaClusterId (a?[2Jb) must be");
    job.putNull("kafkaClusterId");
    assertNotRead(json, "kafkaClusterId");
  }

  /** Of jobs that were seen to run nothing is written that was not before there was a state. */
  @Test
  void onlyAResumptionThatWasNotSeenToRunIsMarked() throws IOException {
    Receipt marked = ReceiptFile.read(Path.of("src/test/resources/golden/receipt-1-resumed.json"));
    assertThat(marked.resumptions())
        .extracting(Receipt.Resumption::state)
        .containsExactly(
            Receipt.Resumption.State.RUNS,
            Receipt.Resumption.State.SUBMITTED,
            Receipt.Resumption.State.ASKED);
    ObjectNode json = (ObjectNode) JSON.readTree(ReceiptFile.bytes(marked));
    assertThat(schema().validate(json)).isEmpty();
    assertThat(json.path("resumptions").findValuesAsText("state"))
        .containsExactly("submitted", "asked");
    assertThat(ReceiptFile.parse(ReceiptFile.bytes(marked), "again")).isEqualTo(marked);
    ((ObjectNode) json.path("resumptions").path(1)).put("state", "given up");
    assertNotRead(json, "given up");
    ((ObjectNode) json.path("resumptions").path(1)).putNull("state");
    assertNotRead(json, "state");
  }

  @Test
  void aReceiptOfAnotherVersionIsNotRead() throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(ReceiptFile.bytes(full()));
    json.put("receiptVersion", 2);
    assertThatThrownBy(() -> ReceiptFile.parse(JSON.writeValueAsBytes(json), "r.json"))
        .hasMessageContaining("receiptVersion (2) must be 1");
  }

  /** As earlier releases could write them, and as anyone can. */
  @Test
  void aReceiptWithClientPropertiesIsReadWithoutThem() throws IOException {
    Receipt read =
        ReceiptFile.read(Path.of("src/test/resources/golden/receipt-1-with-properties.json"));
    assertThat(read.job().settings())
        .containsOnlyKeys("sluice.kafka.bootstrap-servers", "sluice.topics.events");
    assertThat(read.job().flink())
        .containsOnlyKeys(
            "execution.checkpointing.interval",
            "execution.checkpointing.timeout",
            "execution.checkpointing.externalized-checkpoint-retention");
    assertThat(read.warnings()).hasSize(2).startsWith("a warning");
    assertThat(Unasked.warnings(read))
        .singleElement()
        .asString()
        .contains(
            "sluice.kafka.properties.config.providers", "pipeline.classpaths", "--settings FILE");
    assertThat(ReceiptFile.parse(ReceiptFile.bytes(read), "again")).isEqualTo(read);
  }

  @Test
  void aValueOfFlinkThatCouldBeMoreThanATimeIsLeftOut() throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(ReceiptFile.bytes(full()));
    ((ObjectNode) json.get("job"))
        .putObject("flink")
        .put("execution.checkpointing.interval", "10 s; rest.port: 1")
        .put("execution.checkpointing.timeout", "10 min");
    Receipt read = ReceiptFile.parse(JSON.writeValueAsBytes(json), "r.json");
    assertThat(read.job().flink()).containsOnlyKeys("execution.checkpointing.timeout");
  }

  @Test
  void whatIsNoFileOrTooLongIsNoReceipt() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () ->
            assertThatThrownBy(() -> ReceiptFile.read(pipe))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a pipe or a device, no receipt"));
    assertThatThrownBy(() -> ReceiptFile.parse(new byte[ReceiptFile.LONGEST + 1], "r.json"))
        .hasMessageContaining("r.json is longer than");
  }

  @Test
  void aResumptionIsAddedToThoseBefore() {
    Receipt.Resumption one =
        new Receipt.Resumption(NOW, ID, 2, 10L, 3, Receipt.Resumption.State.RUNS);
    assertThat(empty().with(one).with(one).resumptions()).containsExactly(one, one);
  }

  @Test
  void aResumptionWhoseInputsWereNotCountedIsReadAsItWasWritten() throws IOException {
    Receipt receipt =
        empty().with(new Receipt.Resumption(NOW, ID, 2, null, 3, Receipt.Resumption.State.RUNS));
    byte[] json = ReceiptFile.bytes(receipt);
    assertThat(schema().validate(JSON.readTree(json))).isEmpty();
    assertThat(ReceiptFile.parse(json, "r.json").resumptions()).isEqualTo(receipt.resumptions());
  }

  @Test
  void theFingerprintTellsSettingsApart() {
    assertThat(Fingerprint.of(new TreeMap<>(Map.of("a", "1"))))
        .isEqualTo(Fingerprint.of(new TreeMap<>(Map.of("a", "1"))))
        .isNotEqualTo(Fingerprint.of(new TreeMap<>(Map.of("a", "2"))))
        .matches("[0-9a-f]{64}");
  }

  private static JsonSchema schema() throws IOException {
    return JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(ReceiptFile.schema());
  }

  private static Receipt full() {
    return receipt(
        StopResult.Kind.FAILED_WHILE_STOPPING,
        new Receipt.Snapshot(
            "file:/s",
            "savepoint",
            7,
            "canonical",
            false,
            12,
            List.of(new Receipt.StoredFile("file:/s/_metadata", 12, "ab".repeat(32)))),
        new Receipt.Models(1, 2, 3, 4, 5, 6, 7, 8),
        new Receipt.Resume("sluice resume r.json", "flink run -s file:/s"));
  }

  private static Receipt empty() {
    return receipt(StopResult.Kind.ESCALATED, null, null, null);
  }

  private static Receipt receipt(
      StopResult.Kind outcome,
      Receipt.@Nullable Snapshot snapshot,
      Receipt.@Nullable Models models,
      Receipt.@Nullable Resume resume) {
    return new Receipt(
        Receipt.VERSION,
        "sluice 1",
        outcome,
        NOW,
        NOW,
        new Receipt.Job(
            ID, "job", "2.2.1", "1", 2, new TreeMap<>(), "0".repeat(64), new TreeMap<>(), ""),
        snapshot,
        new TreeMap<>(Map.of("sluice.events/0", 5L)),
        List.of(new Receipt.Transaction("sluice-0-7", 1, 0, "committed")),
        models,
        List.of(new Receipt.StepLine("preflight", NOW, 3, "ok", "fine")),
        List.of("a problem"),
        List.of("a warning"),
        resume,
        List.of(),
        false,
        List.of());
  }
}
