package dev.sluice.ops.receipt;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.MutableConfigOverride;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.ops.refusal.RefusalCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A receipt as JSON. */
public final class ReceiptFile {

  /** The name of the copy inside a snapshot's directory. */
  public static final String BESIDE = "sluice-receipt.json";

  /** Bytes; a receipt names each file of a snapshot in some 200 of them. */
  public static final int LONGEST = 64 << 20;

  private static final String UNFINISHED = "unfinished";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(
              new SimpleModule()
                  .addSerializer(Instant.class, new Forms.Write())
                  .addDeserializer(Instant.class, new Forms.Read())
                  .addSerializer(Receipt.Outcome.class, new Forms.WriteOutcome())
                  .addDeserializer(Receipt.Outcome.class, new Forms.ReadOutcome()))
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .defaultSetterInfo(JsonSetter.Value.construct(Nulls.FAIL, Nulls.FAIL))
          .withConfigOverride(Receipt.Snapshot.class, ReceiptFile::mayBeNull)
          .withConfigOverride(Receipt.Models.class, ReceiptFile::mayBeNull)
          .withConfigOverride(Receipt.Resume.class, ReceiptFile::mayBeNull)
          .withConfigOverride(Long.class, ReceiptFile::mayBeNull) // what a resumption reads again
          .build();

  private ReceiptFile() {}

  private static void mayBeNull(MutableConfigOverride type) {
    type.setSetterInfo(JsonSetter.Value.forValueNulls(Nulls.SET));
  }

  /** As UTF-8 JSON. */
  public static byte[] bytes(Receipt receipt) throws IOException {
    return JSON.writeValueAsBytes(receipt);
  }

  /**
   * Writes it in place of the file, whole or not at all. A group that may read that may read it.
   */
  public static void write(Path file, Receipt receipt) throws IOException {
    write(file, receipt, null);
  }

  /**
   * Writes it in place of the file, whole or not at all.
   *
   * @param group that may read it, too, and enters its directory; null for the one that may read
   *     what is there, if any
   */
  public static void write(Path file, Receipt receipt, @Nullable String group) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory != null && !Files.isDirectory(directory)) {
      PrivateFiles.directory(directory);
    }
    if (group == null || directory == null) {
      PrivateFiles.write(file, bytes(receipt), PrivateFiles.readers(file));
      return;
    }
    GroupPrincipal readers = PrivateFiles.group(directory, group);
    PrivateFiles.write(file, bytes(receipt), readers);
    PrivateFiles.share(directory, readers);
  }

  /**
   * Reads one.
   *
   * @throws IOException if it is not there, or no receipt
   */
  public static Receipt read(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw unreadable(
          "%s is a directory, no receipt: name the file that the stop printed".formatted(file),
          null);
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw unreadable("%s is a pipe or a device, no receipt".formatted(file), null);
    }
    try (InputStream in = Files.newInputStream(file)) {
      return parse(in.readNBytes(LONGEST + 1), file.toString());
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
    if (json.length > LONGEST) {
      throw unreadable(
          "%s is longer than %,d bytes: no receipt is".formatted(where, LONGEST), null);
    }
    try {
      return Unasked.removed(receipt(json));
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

  /** Of one without the mark the proof has ended: there was none at first. */
  private static Receipt receipt(byte[] json) throws IOException {
    JsonNode tree = JSON.readTree(json);
    if (!(tree instanceof ObjectNode receipt)) {
      return JSON.readValue(json, Receipt.class); // Which says what is wrong with it.
    }
    if (!receipt.has(UNFINISHED)) {
      receipt.put(UNFINISHED, false);
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
