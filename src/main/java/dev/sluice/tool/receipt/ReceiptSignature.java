package dev.sluice.tool.receipt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The signature in a receipt's JSON form: the last of its steps, {@code receipt}, whose text is
 * {@code signed, Ed25519 } and 64 bytes in base64.
 *
 * <p>It is in the receipt, not in a separate file, because a receipt is replaced atomically while
 * it may be read, is copied next to the savepoint, and is carried from machine to machine: with two
 * files, a killed tool or a forgotten copy leaves a pair that does not match. It is a step, not a
 * separate field, because tools from before the signature refuse an unknown field, and read a step
 * {@code receipt}. Whatever such a tool adds invalidates the signature.
 *
 * <p>Signed is the whole JSON, that step without the base64 included, in one form: no blanks,
 * fields in the order of their names, UTF-8. So nothing can be altered, added or removed, not a
 * resumption either, while a formatter may have been at the file. Before it come the bytes of
 * {@link #PURPOSE}, so that a signature of the same key over anything else is none of a receipt.
 */
final class ReceiptSignature {

  private static final byte[] PURPOSE = "sluice-receipt-1\n".getBytes(StandardCharsets.US_ASCII);
  private static final String STEPS = "steps";
  private static final String STEP = "receipt";
  private static final String TEXT = "text";
  private static final String SIGNED = "signed, Ed25519 ";

  /** Of 64 bytes in base64. */
  private static final int LENGTH = 88;

  private static final ObjectMapper CANONICAL =
      JsonMapper.builder().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build();

  private ReceiptSignature() {}

  /** Adds it to a receipt that has none. */
  static void add(ObjectNode receipt, ReceiptKeys keys) throws JsonProcessingException {
    ObjectNode line = ((ArrayNode) receipt.get(STEPS)).addObject();
    line.put("step", STEP);
    line.set("startedAt", receipt.get("endedAt"));
    line.put("durationMs", 0).put("result", "ok").put(TEXT, SIGNED);
    byte[] signature = keys.sign(signed(receipt));
    line.put(TEXT, SIGNED + Base64.getEncoder().encodeToString(signature));
  }

  /** Whether a receipt claims to be signed. */
  static boolean isIn(JsonNode receipt) {
    return line(receipt) != null;
  }

  /**
   * Removes it, whether or not it is checked.
   *
   * @throws UntrustedReceiptException if keys are given, and none of them has signed this receipt
   */
  static void take(ObjectNode receipt, ReceiptKeys keys, String where)
      throws UntrustedReceiptException, JsonProcessingException {
    ObjectNode line = line(receipt);
    if (line == null) {
      if (keys.areGiven()) {
        throw UntrustedReceiptException.unsigned(where);
      }
      return;
    }
    String base64 = line.get(TEXT).textValue().substring(SIGNED.length());
    if (keys.areGiven()) {
      line.put(TEXT, SIGNED);
      byte[] signature = bytes(base64);
      if (signature.length == 0 || !keys.haveSigned(signed(receipt), signature)) {
        throw UntrustedReceiptException.forged(where);
      }
    }
    ArrayNode steps = (ArrayNode) receipt.get(STEPS);
    steps.remove(steps.size() - 1);
  }

  /** The last step, if it is a signature's. */
  private static @Nullable ObjectNode line(JsonNode receipt) {
    JsonNode steps = receipt.get(STEPS);
    return steps instanceof ArrayNode
            && steps.get(steps.size() - 1) instanceof ObjectNode last
            && last.path("step").asText().equals(STEP)
            && last.path(TEXT).asText().startsWith(SIGNED)
            && last.path(TEXT).isTextual()
        ? last
        : null;
  }

  /** Empty if it is not 64 bytes, in the one way of writing them. */
  private static byte[] bytes(String base64) {
    if (base64.length() == LENGTH) {
      try {
        byte[] bytes = Base64.getDecoder().decode(base64);
        if (Base64.getEncoder().encodeToString(bytes).equals(base64)) {
          return bytes;
        }
      } catch (IllegalArgumentException e) {
        return new byte[0];
      }
    }
    return new byte[0];
  }

  private static byte[] signed(ObjectNode receipt) throws JsonProcessingException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(PURPOSE);
    all.writeBytes(CANONICAL.writeValueAsBytes(receipt));
    return all.toByteArray();
  }
}
