package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.Unasked;
import dev.sluice.tool.savepoint.GoldenSavepoint;
import dev.sluice.tool.savepoint.ReadProgress;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A receipt that someone has put next to a savepoint: it sends this tool to no broker that its
 * operator does not know, and brings no property of a client.
 */
class PlantedReceiptTest {

  private static final String SERVERS = "sluice.kafka.bootstrap-servers";
  private static final String PROVIDERS = "sluice.kafka.properties.config.providers";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path GOLDEN =
      Path.of("src/test/resources/golden/receipt-1-with-properties.json");

  @TempDir Path folder;

  private Path journal;
  private Path savepoint;

  @BeforeEach
  void takeSavepoint() throws IOException {
    journal = Files.createDirectory(folder.resolve("journal"));
    savepoint = GoldenSavepoint.copyTo(folder.resolve("savepoint"));
  }

  @Test
  void verifyAsksNoBrokerThatAReceiptAloneNames() throws Exception {
    try (ServerSocket foreign = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String servers = "127.0.0.1:" + foreign.getLocalPort();
      plant(savepoint.resolve(ReceiptFile.COPY_NAME), servers);
      assertThatThrownBy(
              () ->
                  Verification.of(
                      ToolServices.real(),
                      savepoint.toString(),
                      null,
                      ReceiptKeys.NONE,
                      Map.of(),
                      new KnownPlaces(Map.of(), Map.of(), journal),
                      ReadProgress.NONE))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("the receipt next to file:" + savepoint)
          .hasMessageContaining("anybody can write a receipt")
          .hasMessageContaining("--%s %s".formatted(SERVERS, servers))
          .hasMessageContaining("--settings FILE");
      foreign.setSoTimeout(500);
      assertThatThrownBy(foreign::accept)
          .as("no connection was opened")
          .isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void theOperatorsSettingsAndJournalMakeAPlaceKnown() throws Exception {
    Receipt receipt = plant(folder.resolve("receipt.json"), "kafka:9092");
    assertThat(known(Map.of(SERVERS, "kafka:9092"), Map.of()).settings(receipt, "it"))
        .as("flag")
        .containsEntry(SERVERS, "kafka:9092");
    assertThat(known(Map.of(SERVERS, "other:9092"), Map.of()).settings(receipt, "it"))
        .as("a flag replaces what the receipt says")
        .containsEntry(SERVERS, "other:9092");
    assertThat(known(Map.of(), Map.of(SERVERS, "kafka:9092")).settings(receipt, "it"))
        .as("file")
        .containsKey(SERVERS);
    plant(journal.resolve("receipt-sluice-01234567.json"), "kafka:9092");
    assertThat(known(Map.of(), Map.of()).settings(receipt, "it"))
        .as("a stop of this operator")
        .containsKey(SERVERS)
        .doesNotContainKey(PROVIDERS);
  }

  @Test
  void twoPlacesAreNotMixedUp() throws Exception {
    Receipt receipt = plant(folder.resolve("receipt.json"), "kafka:9092");
    plant(journal.resolve("receipt-sluice-01234567.json"), "earlier:9092");
    Files.writeString(journal.resolve("broken.json"), "{");
    assertThatThrownBy(() -> known(Map.of(), Map.of(SERVERS, "mine:9092")).settings(receipt, "it"))
        .hasMessageContaining("the settings given here name (mine:9092)");
  }

  @Test
  void aFeatureServiceGetsTheTokenAndMustBeKnown() throws Exception {
    Path file = folder.resolve("receipt.json");
    plant(file, "kafka:9092");
    ObjectNode json = (ObjectNode) JSON.readTree(file.toFile());
    ((ObjectNode) json.path("job").path("settings"))
        .put("sluice.enrich.url", "http://10.0.0.9/")
        .put("sluice.enrich.token", "theirs");
    Receipt receipt = ReceiptFile.parse(JSON.writeValueAsBytes(json), "r");
    assertThat(receipt.job().settings()).doesNotContainKey("sluice.enrich.token");
    assertThatThrownBy(() -> known(Map.of(), Map.of(SERVERS, "kafka:9092")).settings(receipt, "it"))
        .hasMessageContaining("sluice.enrich.url = (http://10.0.0.9/)");
    assertThat(known(Map.of(), Map.of(SERVERS, "kafka:9092")).brokerSettings(receipt, "it"))
        .as("who only asks the brokers sends no token to it")
        .containsEntry(SERVERS, "kafka:9092");
    assertThatThrownBy(() -> known(Map.of(), Map.of()).brokerSettings(receipt, "it"))
        .hasMessageContaining(SERVERS + " = (kafka:9092)");
  }

  @Test
  void whatATerminalWouldObeyIsNotShown() throws Exception {
    Path file = folder.resolve("receipt.json");
    plant(file, "kafka:9092\u001b[2J\u202e");
    ObjectNode json = (ObjectNode) JSON.readTree(file.toFile());
    ObjectNode job = (ObjectNode) json.path("job");
    ((ObjectNode) job.path("settings")).retain(SERVERS);
    ((ObjectNode) job.path("flink")).put("a\u001b]0;b\nc", "1");
    Receipt receipt = ReceiptFile.parse(JSON.writeValueAsBytes(json), "r");
    assertThat(Unasked.warnings(receipt))
        .singleElement()
        .asString()
        .contains("a?]0;b?c")
        .doesNotContain("Kafka");
    assertThatThrownBy(() -> known(Map.of(), Map.of()).settings(receipt, "it"))
        .hasMessageContaining("(kafka:9092?[2J?)")
        .message()
        .doesNotContain("\u001b", "\u202e");
  }

  private KnownPlaces known(Map<String, String> flags, Map<String, String> file) {
    return new KnownPlaces(flags, file, journal);
  }

  private static Receipt plant(Path file, String servers) throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(GOLDEN.toFile());
    ((ObjectNode) json.path("job").path("settings")).put(SERVERS, servers);
    Files.write(file, JSON.writeValueAsBytes(json));
    return ReceiptFile.read(file);
  }
}
