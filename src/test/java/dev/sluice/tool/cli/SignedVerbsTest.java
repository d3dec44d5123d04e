package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.support.GoldenReceipt;
import dev.sluice.support.KeyFiles;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.savepoint.GoldenSavepoint;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The keys of signed receipts on the command line. */
class SignedVerbsTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private KeyFiles keys;
  private Path file = Path.of("");

  @BeforeEach
  void writeASignedReceipt() throws Exception {
    keys = KeyFiles.in(folder, "ours");
    Snapshot snapshot =
        Snapshot.open(GoldenSavepoint.copyTo(folder.resolve("savepoint")).toString());
    file = Files.createDirectory(folder.resolve("stops")).resolve("receipt-one.json");
    write(GoldenReceipt.withoutSettings(snapshot));
  }

  private void write(JsonNode json) throws IOException {
    GoldenReceipt.write(file, (ObjectNode) json, ReceiptKeys.of(keys.secret(), null));
  }

  @Test
  void verifyTrustsWhatTheKeyHasSignedAndNoMore() throws Exception {
    String key = keys.open().toString();
    assertThat(execute("verify", file.toString(), "--verify-key", key)).as(err.toString()).isZero();
    assertThat(out.toString()).contains("Signed    the receipt, by a key that was given: " + file);
    assertThat(execute("verify", file.toString(), "--sign", keys.secret().toString())).isZero();

    Files.writeString(file, Files.readString(file).replaceFirst("\"proved\"", "\"escalated\""));
    assertThat(execute("verify", file.toString())).as("no key").isZero();
    assertThat(out.toString()).doesNotContain("Signed");
    assertThat(execute("verify", file.toString(), "--verify-key", key, "-o", "json")).isEqualTo(5);
    assertThat(err.toString()).contains(file.toString(), "[SLU-RECEIPT-SIGNATURE]");
    JsonNode json = JSON.readTree(out.toString());
    assertThat(json.path("exitCode").asInt()).isEqualTo(5);
    assertThat(json.path("codes").path(0).path("section").asText())
        .isEqualTo("deploy/runbook.md#slu-receipt-signature");

    ReceiptFile.write(file, ReceiptFile.read(file), ReceiptKeys.NONE);
    assertThat(execute("verify", file.toString(), "--verify-key", key)).isEqualTo(5);
    assertThat(err.toString()).contains("[SLU-RECEIPT-UNSIGNED]");
  }

  @Test
  void aSnapshotThatIsNotTheReceiptsIsNotTrusted() throws Exception {
    String json = Files.readString(file);
    String other = json.replaceFirst("(\"sha256\" : \")[0-9a-f]{4}", "$10000");
    write(JSON.readTree(other));
    assertThat(execute("verify", file.toString(), "--verify-key", keys.open().toString()))
        .isEqualTo(5);
    assertThat(out.toString()).contains("is not the snapshot that the signed receipt vouches for");
    assertThat(execute("audit", "--receipt", file.toString(), "--verify-key", "" + keys.open()))
        .isEqualTo(1);
    assertThat(err.toString()).contains("[SLU-RECEIPT-SIGNATURE]");
  }

  @Test
  void theOthersRefuseWithOne() throws Exception {
    ReceiptFile.write(file, ReceiptFile.read(file), ReceiptKeys.NONE);
    String open = keys.open().toString();
    for (List<String> line :
        List.of(
            List.of("resume", "--verify-key", open, file.toString()),
            List.of("rollback", "--sign", keys.secret().toString(), file.toString()),
            List.of("audit", "--verify-key", open, "--receipt", file.toString()))) {
      assertThat(execute(line.toArray(String[]::new))).as("%s", line).isEqualTo(1);
      assertThat(err.toString()).contains("[SLU-RECEIPT-UNSIGNED]");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"stop", "guard", "drill", "resume", "rollback", "verify"})
  void aKeyThatCannotBeUsedIsNamedBeforeAnythingElse(String verb) throws Exception {
    Files.setPosixFilePermissions(keys.secret(), PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(execute(verb, "named", "--sign", keys.secret().toString())).isEqualTo(1);
    assertThat(err.toString())
        .contains(keys.secret().toString(), "chmod 600")
        .doesNotContain(Files.readAllLines(keys.secret()).get(1));
  }

  @Test
  void aRollbackThatCouldNotSignIsWrongUsage() {
    assertThat(execute("rollback", file.toString(), "--verify-key", keys.open().toString()))
        .isEqualTo(2);
    assertThat(err.toString()).contains("--verify-key needs --sign");
  }

  @Test
  void aProofThatCouldNotBeSignedIsNotCompleted() throws Exception {
    ObjectNode json = (ObjectNode) JSON.readTree(ReceiptFile.bytes(ReceiptFile.read(file)));
    write(GoldenReceipt.ended(GoldenReceipt.unfinished(json)));
    byte[] before = Files.readAllBytes(file);
    assertThat(execute("verify", file.toString(), "--verify-key", keys.open().toString()))
        .isEqualTo(2);
    assertThat(err.toString()).contains("only --sign can sign that");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
  }

  @Test
  void theEnvironmentAndTheContextNameTheKeys() throws Exception {
    Connection connection = new Connection();
    connection.chosen.environment = environment();
    assertThat(connection.keys().areGiven()).as("a verb without keys").isFalse();
    connection.signing = new Connection.SigningKey();
    connection.checking = new Connection.CheckingKey();
    connection.chosen.environment = Map.of("XDG_CONFIG_HOME", folder.toString());
    assertThat(connection.keys().areGiven()).isFalse();
    connection.chosen.environment = environment();
    assertThat(connection.keys().canSign()).isTrue();
    connection.chosen.environment = Map.of("XDG_CONFIG_HOME", folder + "/none");
    assertThat(connection.words()).as("what was not given").isEmpty();
    connection.signing.file = keys.secret();
    assertThat(connection.words()).isEqualTo(List.of("--sign", keys.secret().toString()));
    assertThat(Context.Place.SIGN.isPath()).isTrue();
    assertThat(Context.Place.REST.isPath()).isFalse();
  }

  @Test
  void theContextInUseNamesTheKeys() throws Exception {
    Map<String, String> environment = Map.of("XDG_CONFIG_HOME", folder.toString());
    Contexts.read(Contexts.file(environment))
        .with(
            new Context(
                "prod",
                Map.of("sign", keys.secret().toString(), "verify-key", keys.open().toString())))
        .using("prod")
        .write();
    Connection connection = new Connection();
    connection.chosen.environment = environment;
    connection.signing = new Connection.SigningKey();
    assertThat(connection.keys().canSign()).isTrue();
    connection.signing = null;
    connection.checking = new Connection.CheckingKey();
    assertThat(connection.keys().areGiven()).isTrue();
    assertThat(connection.keys().canSign()).isFalse();
  }

  private Map<String, String> environment() {
    return Map.of(
        "XDG_CONFIG_HOME",
        folder.toString(),
        "SLUICE_SIGN",
        keys.secret().toString(),
        "SLUICE_VERIFY_KEY",
        keys.open().toString());
  }

  private int execute(String... args) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return commandLine().execute(args);
  }

  private CommandLine commandLine() {
    return Sluice.commandLine(ToolServices.real())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true));
  }
}
