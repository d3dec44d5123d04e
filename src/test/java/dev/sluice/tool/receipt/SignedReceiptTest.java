package dev.sluice.tool.receipt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import dev.sluice.support.KeyFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a signature proves, and what it does not let pass. */
class SignedReceiptTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final String UNSIGNED = "[SLU-RECEIPT-UNSIGNED]";
  private static final String FORGED = "[SLU-RECEIPT-SIGNATURE]";
  private static final Receipt.Resumption RESUMPTION =
      new Receipt.Resumption(
          Instant.parse("2026-11-22T12:00:00Z"),
          "0123456789abcdef0123456789abcdef",
          2,
          10L,
          3,
          Receipt.Resumption.State.RUNS);

  @TempDir Path folder;

  private ReceiptKeys signer;
  private ReceiptKeys checker;
  private ReceiptKeys stranger;
  private Receipt receipt;
  private byte[] signed;

  @BeforeEach
  void sign() throws Exception {
    KeyFiles ours = KeyFiles.in(folder, "ours");
    signer = ReceiptKeys.of(ours.secret(), null);
    checker = ReceiptKeys.of(null, ours.open());
    stranger = ReceiptKeys.of(KeyFiles.in(folder, "other").secret(), null);
    receipt = ReceiptFile.read(GOLDEN.resolve("receipt-1-with-properties.json")).with(RESUMPTION);
    signed = ReceiptFile.bytes(receipt, signer);
  }

  @Test
  void eitherHalfOfTheKeyReadsIt() throws IOException {
    assertThat(ReceiptFile.parse(signed, "r", signer)).isEqualTo(receipt);
    assertThat(ReceiptFile.parse(signed, "r", checker)).isEqualTo(receipt);
    assertThat(ReceiptFile.bytes(receipt, signer)).as("signing again").isEqualTo(signed);
  }

  /** As openssl 3.0 made the key, and as the first version that signs wrote the receipt. */
  @Test
  void theGoldenOneIsReadWithItsPublicKey() throws IOException {
    Path file = GOLDEN.resolve("receipt-1-signed.json");
    ReceiptKeys keys = ReceiptKeys.of(null, GOLDEN.resolve("receipt-1-signed.pub.pem"));
    assertThat(ReceiptFile.read(file, keys)).isEqualTo(ReceiptFile.read(file));
    assertThat(ReceiptFile.isSigned(file)).isTrue();
    assertThatThrownBy(() -> ReceiptFile.read(file, checker)).hasMessageContaining(FORGED);
  }

  /** A tool of before refuses a field that is not in the schema, and reads all that is. */
  @Test
  void itHoldsTheSchemaOfBefore() throws IOException {
    JsonNode json = JSON.readTree(signed);
    assertThat(
            JsonSchemaFactory.getInstance(VersionFlag.V202012)
                .getSchema(ReceiptFile.schema())
                .validate(json))
        .isEmpty();
    assertThat(json.get("steps").get(json.get("steps").size() - 1).get("text").asText())
        .matches("signed, Ed25519 [A-Za-z0-9+/]{86}==");
  }

  @Test
  void withoutAKeyNoSignatureIsLookedAt() throws IOException {
    assertThat(ReceiptFile.parse(signed, "r")).isEqualTo(receipt);
    assertThat(ReceiptFile.bytes(receipt, ReceiptKeys.NONE)).isEqualTo(ReceiptFile.bytes(receipt));
    assertThat(ReceiptFile.bytes(receipt, checker)).isEqualTo(ReceiptFile.bytes(receipt));
    String forged = new String(signed, UTF_8).replace("Ed25519 ", "Ed25519 x");
    assertThat(ReceiptFile.parse(forged.getBytes(UTF_8), "r")).isEqualTo(receipt);
  }

  @ParameterizedTest
  @ValueSource(strings = {"receipt-1-with-properties.json", "receipt-1-unfinished.json"})
  void oneOfBeforeIsRefusedOnlyWithAKey(String name) throws IOException {
    Path file = GOLDEN.resolve(name);
    assertThat(ReceiptFile.read(file, ReceiptKeys.NONE)).isEqualTo(ReceiptFile.read(file));
    assertThat(ReceiptFile.isSigned(file)).isFalse();
    for (ReceiptKeys keys : List.of(signer, checker)) {
      assertThatThrownBy(() -> ReceiptFile.read(file, keys))
          .isInstanceOf(UntrustedReceiptException.class)
          .hasMessageContaining(file.toString())
          .hasMessageContaining("--verify-key")
          .hasMessageEndingWith(UNSIGNED);
    }
  }

  @Test
  void anotherKeyIsRefused() throws IOException {
    byte[] other = ReceiptFile.bytes(receipt, stranger);
    refused(other, FORGED);
    assertThatThrownBy(() -> ReceiptFile.parse(signed, "r", stranger)).hasMessageEndingWith(FORGED);
  }

  @Test
  void oneKeyMayTakeAnothersPlace() throws Exception {
    KeyFiles next = KeyFiles.in(folder, "next");
    ReceiptKeys both = ReceiptKeys.of(next.secret(), folder.resolve("ours.pub.pem"));
    byte[] again = ReceiptFile.bytes(ReceiptFile.parse(signed, "r", both), both);
    assertThat(ReceiptFile.parse(again, "r", ReceiptKeys.of(null, next.open()))).isEqualTo(receipt);
    assertThat(ReceiptFile.parse(again, "r", both)).isEqualTo(receipt);
  }

  /** Of every value, field and element: altered, taken out, put in. */
  @Test
  void nothingCanBeAlteredRemovedOrAdded() throws IOException {
    JsonNode whole = JSON.readTree(signed);
    Map<String, JsonNode> all = new TreeMap<>();
    change(whole, whole, "", all);
    assertThat(all.keySet())
        .contains("/outcome altered", "/job/id altered", "/startedAt altered")
        .contains("/snapshot/uri altered", "/resumptions/0 removed", "/resumptions added")
        .hasSizeGreaterThan(150);
    for (Map.Entry<String, JsonNode> each : all.entrySet()) {
      byte[] changed = JSON.writeValueAsBytes(each.getValue());
      for (ReceiptKeys keys : List.of(signer, checker)) {
        assertThatThrownBy(() -> ReceiptFile.parse(changed, "r", keys))
            .as(each.getKey())
            .isInstanceOf(UntrustedReceiptException.class);
      }
    }
  }

  /** Collects copies of a receipt, each with one change at or below a place. */
  private static void change(JsonNode root, JsonNode here, String at, Map<String, JsonNode> all) {
    JsonNode with = root.deepCopy();
    if (here instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> field : object.properties()) {
        String path = at + "/" + field.getKey().replace("~", "~0").replace("/", "~1");
        JsonNode without = root.deepCopy();
        ((ObjectNode) without.at(at)).remove(field.getKey());
        all.put(path + " removed", without);
        change(root, field.getValue(), path, all);
      }
      ((ObjectNode) with.at(at)).put("another", 1);
      all.put(at + " added", with);
    } else if (here instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        JsonNode without = root.deepCopy();
        ((ArrayNode) without.at(at)).remove(i);
        all.put(at + "/" + i + " removed", without);
        change(root, array.get(i), at + "/" + i, all);
      }
      ((ArrayNode) with.at(at)).insert(0, "another");
      all.put(at + " added", with);
    } else {
      JsonNode other =
          here.isNumber()
              ? JSON.getNodeFactory().numberNode(here.longValue() + 1)
              : JSON.getNodeFactory().textNode(here.asText() + " ");
      JsonPointer pointer = JsonPointer.compile(at);
      JsonNode parent = with.at(pointer.head());
      if (parent instanceof ObjectNode object) {
        object.set(pointer.last().getMatchingProperty(), other);
      } else {
        ((ArrayNode) parent).set(pointer.last().getMatchingIndex(), other);
      }
      all.put(at + " altered", with);
    }
  }

  /** What is accepted says the same, as a blank more between two fields. */
  @Test
  void noByteOfTheFileCanBeFlipped() throws IOException {
    int refused = 0;
    for (int i = 0; i < signed.length; i++) {
      byte[] flipped = signed.clone();
      flipped[i] ^= 1;
      try {
        assertThat(ReceiptFile.parse(flipped, "r", checker)).as("byte %s", i).isEqualTo(receipt);
      } catch (IOException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(signed.length / 2);
  }

  @Test
  void aFormatterMayHaveBeenAtIt() throws IOException {
    JsonNode tree = JSON.readTree(signed);
    byte[] compact =
        JsonMapper.builder()
            .enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED)
            .build()
            .writeValueAsBytes(tree);
    assertThat(compact.length).isLessThan(signed.length);
    assertThat(ReceiptFile.parse(compact, "r", checker)).isEqualTo(receipt);
  }

  @Test
  void aSignatureIsOfOneReceiptOnly() throws IOException {
    ObjectNode other = (ObjectNode) JSON.readTree(ReceiptFile.bytes(receipt.with(RESUMPTION)));
    ArrayNode steps = (ArrayNode) JSON.readTree(signed).get("steps");
    ((ArrayNode) other.get("steps")).add(steps.get(steps.size() - 1));
    refused(JSON.writeValueAsBytes(other), FORGED);
  }

  @Test
  void oneWithoutItsSignatureIsUnsigned() throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(signed);
    ArrayNode steps = (ArrayNode) json.get("steps");
    steps.remove(steps.size() - 1);
    refused(JSON.writeValueAsBytes(json), UNSIGNED);
    json.remove("steps");
    refused(JSON.writeValueAsBytes(json), UNSIGNED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "x", "!!!!", "AAAA", "HUGE", "SPARE", "BLANK", "ZERO", "RSA signature"})
  void aTextThatIsNoSignatureIsRefused(String text) throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(signed);
    ObjectNode line = (ObjectNode) json.get("steps").get(json.get("steps").size() - 1);
    String good = line.get("text").textValue().substring("signed, Ed25519 ".length());
    String bad =
        switch (text) {
          case "HUGE" -> "A".repeat(5_000_000);
          case "SPARE" -> good.substring(0, 85) + (char) (good.charAt(85) + 1) + "==";
          case "BLANK" -> good + "\n";
          case "ZERO" -> "A".repeat(86) + "==";
          default -> text;
        };
    line.put("text", "signed, Ed25519 " + bad);
    refused(JSON.writeValueAsBytes(json), FORGED);
  }

  @Test
  void aFileThatCanBeReadInTwoWaysIsRefused() throws IOException {
    String json = new String(signed, UTF_8);
    String twice = json.replaceFirst("\"tool\"", "\"outcome\" : \"proved\",\n  \"tool\"");
    assertThatThrownBy(() -> ReceiptFile.parse(twice.getBytes(UTF_8), "r", checker))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> ReceiptFile.parse((json + "{}").getBytes(UTF_8), "r", checker))
        .isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "null", "1", "\"signed, Ed25519 \"", "{}", "{\"steps\":{}}"})
  void whatIsNoReceiptIsRefused(String json) {
    assertThatThrownBy(() -> ReceiptFile.parse(json.getBytes(UTF_8), "r", checker))
        .isInstanceOf(IOException.class);
  }

  private void refused(byte[] json, String code) {
    for (ReceiptKeys keys : List.of(signer, requireNonNull(checker))) {
      assertThatThrownBy(() -> ReceiptFile.parse(json, "r.json", keys))
          .isInstanceOf(UntrustedReceiptException.class)
          .hasMessageContaining("r.json")
          .hasMessageEndingWith(code);
    }
  }
}
