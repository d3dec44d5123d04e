package dev.sluice.tool.receipt;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.MutableConfigOverride;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.tool.refusal.RefusalCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A receipt as JSON. */
public final class ReceiptFile {

  /** The name of the copy inside a snapshot's directory. */
  public static final String COPY_NAME = "sluice-receipt.json";

  /** Bytes; a receipt names each file of a snapshot in some 200 of them. */
  public static final int LONGEST = 64 << 20;

  private static final String UNFINISHED = "unfinished";
  private static final String NOT_PROVED = "notProved";
  private static final String RESUMPTIONS = "resumptions";
  private static final String STATE = "state";
  private static final String KAFKA_CLUSTER_ID = "kafkaClusterId";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(
              new SimpleModule()
                  .addSerializer(Instant.class, new Forms.Write())
                  .addDeserializer(Instant.class, new Forms.Read())
                  .addSerializer(StopResult.Kind.class, new Forms.WriteOutcome())
                  .addDeserializer(StopResult.Kind.class, new Forms.ReadOutcome())
                  .addSerializer(Receipt.Resumption.State.class, new Forms.WriteState())
                  .addDeserializer(Receipt.Resumption.State.class, new Forms.ReadState()))
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .defaultSetterInfo(JsonSetter.Value.construct(Nulls.FAIL, Nulls.FAIL))
          .withConfigOverride(Receipt.Snapshot.class, ReceiptFile::mayBeNull)
          .withConfigOverride(Receipt.Models.class, ReceiptFile::mayBeNull)
          .withConfigOverride(Receipt.Resume.class, ReceiptFile::mayBeNull)
          .withConfigOverride(Long.class, ReceiptFile::mayBeNull) // what a resumption reads again
          .build();

  /** Every reader of a signed file reads the same in it: no field twice, nothing after it. */
  private static final ObjectReader ONE_MEANING =
      JSON.reader()
          .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private ReceiptFile() {}

  private static void mayBeNull(MutableConfigOverride type) {
    type.setSetterInfo(JsonSetter.Value.forValueNulls(Nulls.SET));
  }

  /** As UTF-8 JSON. */
  public static byte[] bytes(Receipt receipt) throws IOException {
    return JSON.writeValueAsBytes(receipt);
  }

  /** As UTF-8 JSON, signed if one of the keys signs. */
  public static byte[] bytes(Receipt receipt, ReceiptKeys keys) throws IOException {
    if (!keys.canSign()) {
      return bytes(receipt);
    }
    ObjectNode tree = JSON.valueToTree(receipt);
    ReceiptSignature.add(tree, keys);
    return JSON.writeValueAsBytes(tree);
  }

  /**
   * Writes it in place of the file, whole or not at all, signed if one of the keys signs. A group
   * that may read that may read it.
   */
  public static void write(Path file, Receipt receipt, ReceiptKeys keys) throws IOException {
    write(file, receipt, null, keys);
  }

  /**
   * Writes it in place of the file, whole or not at all.
   *
   * @param group that may read it, too, and enters its directory; null for the one that may read
   *     what is there, if any
   * @param keys that sign it, if they can
   */
  public static void write(Path file, Receipt receipt, @Nullable String group, ReceiptKeys keys)
      throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory != null && !Files.isDirectory(directory)) {
      PrivateFiles.directory(directory);
    }
    if (group == null || directory == null) {
      PrivateFiles.write(file, bytes(receipt, keys), PrivateFiles.readers(file));
      return;
    }
    GroupPrincipal readers = PrivateFiles.group(directory, group);
    PrivateFiles.write(file, bytes(receipt, keys), readers);
    PrivateFiles.share(directory, readers);
  }

  /** Where {@link #keepSigned} keeps a receipt: a name under which no receipt is searched. */
  public static Path signedCopy(Path file) {
    return file.resolveSibling(file.getFileName() + ".signed");
  }

  /**
   * Keeps a signed receipt unchanged next to its file, before a user who can't sign changes it. A
   * user who may read the one may read the other.
   */
  public static void keepSigned(Path file) throws IOException {
    PrivateFiles.write(signedCopy(file), bytes(file), PrivateFiles.readers(file));
  }

  /**
   * Reads one, whether it is signed or not.
   *
   * @throws IOException if it is not there, or no receipt
   */
  public static Receipt read(Path file) throws IOException {
    return read(file, ReceiptKeys.NONE);
  }

  /**
   * Reads one.
   *
   * @throws UntrustedReceiptException if keys are given, and none of them has signed it
   * @throws IOException if it is not there, or no receipt
   */
  public static Receipt read(Path file, ReceiptKeys keys) throws IOException {
    return parse(bytes(file), file.toString(), keys);
  }

  /** Whether a file claims to be a signed receipt; not one that can't be read. */
  public static boolean isSigned(Path file) {
    try {
      return isSigned(bytes(file));
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * The settings that a file contains where every receipt so far contains its job's, for a file of
   * another version; empty if it contains none there.
   */
  public static SortedMap<String, String> settings(Path file) {
    SortedMap<String, String> found = new TreeMap<>();
    try {
      JSON.readTree(bytes(file))
          .path("job")
          .path("settings")
          .properties()
          .forEach(one -> found.put(one.getKey(), one.getValue().asText()));
    } catch (IOException e) {
      found.clear();
    }
    return found;
  }

  /** The same of bytes that were read from somewhere else. */
  public static boolean isSigned(byte[] json) {
    try {
      return ReceiptSignature.isIn(JSON.readTree(json));
    } catch (IOException e) {
      return false;
    }
  }

  private static byte[] bytes(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw unreadable(
          "%s is a directory, no receipt: name the file that the stop printed".formatted(file),
          null);
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw unreadable("%s is a pipe or a device, no receipt".formatted(file), null);
    }
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(LONGEST + 1);
    } catch (NoSuchFileException e) {
      throw unreadable(
          "there is no receipt at %s: name the file that the stop printed, or see 'sluice status JOB'"
              .formatted(file),
          e);
    }
  }

  /**
   * Reads one, without what no receipt may bring: see {@link Unasked}.
   *
   * @param where it comes from, for messages
   */
  public static Receipt parse(byte[] json, String where) throws IOException {
    return parse(json, where, ReceiptKeys.NONE);
  }

  /**
   * The same of one that must be signed, if keys are given.
   *
   * @throws UntrustedReceiptException if none of them has signed it
   */
  public static Receipt parse(byte[] json, String where, ReceiptKeys keys) throws IOException {
    if (json.length > LONGEST) {
      throw unreadable(
          "%s is longer than %,d bytes: no receipt is".formatted(where, LONGEST), null);
    }
    try {
      return Unasked.removed(receipt(json, where, keys));
    } catch (JsonParseException e) {
      throw unreadable(
          "%s is no receipt, not even JSON: name the file that the stop printed".formatted(where),
          e);
    } catch (JsonProcessingException e) {
      throw unreadable(
          "%s is no receipt that this version reads: %s".formatted(where, e.getOriginalMessage()),
          e);
    }
  }

  private static IOException unreadable(String why, @Nullable IOException cause) {
    return new IOException(RefusalCode.RECEIPT_UNREADABLE.in(why), cause);
  }

  /**
   * In a file without the mark the proof has ended, and one without that list names nothing that it
   * left out; a resumption without a state was seen to run, and of a job without the id of its
   * Kafka cluster that is not known: there was none of these at first.
   */
  private static Receipt receipt(byte[] json, String where, ReceiptKeys keys) throws IOException {
    JsonNode tree = (keys.areGiven() ? ONE_MEANING : JSON.reader()).readTree(json);
    if (tree.isNull()) {
      throw unreadable("%s is no receipt: it holds null".formatted(where), null);
    }
    if (!(tree instanceof ObjectNode receipt)) {
      return JSON.readValue(json, Receipt.class); // Which says what is wrong with it.
    }
    ReceiptSignature.take(receipt, keys, where);
    if (!receipt.has(UNFINISHED)) {
      receipt.put(UNFINISHED, false);
    }
    if (!receipt.has(NOT_PROVED)) {
      receipt.putArray(NOT_PROVED);
    }
    if (receipt.path("job") instanceof ObjectNode job && !job.has(KAFKA_CLUSTER_ID)) {
      job.put(KAFKA_CLUSTER_ID, "");
    }
    for (JsonNode each : receipt.path(RESUMPTIONS)) {
      if (each instanceof ObjectNode resumption && !resumption.has(STATE)) {
        resumption.put(STATE, Receipt.Resumption.State.RUNS.code());
      }
    }
    return JSON.readValue(JSON.treeAsTokens(receipt), Receipt.class);
  }

  /** The JSON Schema of the form. */
  public static String schema() throws IOException {
    try (InputStream in = ReceiptFile.class.getResourceAsStream("receipt-1.schema.json")) {
      if (in == null) {
        throw new IOException("receipt-1.schema.json is not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
