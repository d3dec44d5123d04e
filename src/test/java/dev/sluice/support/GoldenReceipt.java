package dev.sluice.support;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.SnapshotFiles;
import java.io.IOException;
import java.nio.file.Path;

/** The receipt of a proved stop that made a given snapshot, from which no one has resumed yet. */
public final class GoldenReceipt {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path GOLDEN =
      Path.of("src/test/resources/golden/receipt-1-with-properties.json");

  private GoldenReceipt() {}

  /** As JSON, to be changed: it names each file of the snapshot, and some settings of the job. */
  public static ObjectNode of(Snapshot snapshot) throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(GOLDEN.toFile());
    ObjectNode named = (ObjectNode) json.get("snapshot");
    named.put("uri", snapshot.uri());
    ArrayNode files = named.putArray("files");
    for (Receipt.StoredFile each : SnapshotFiles.check(snapshot).files()) {
      files
          .addObject()
          .put("uri", each.uri())
          .put("bytes", each.bytes())
          .put("sha256", each.sha256());
    }
    json.putArray("resumptions");
    return json;
  }

  /** The same of a job whose settings the receipt does not contain: the operator gives them. */
  public static ObjectNode withoutSettings(Snapshot snapshot) throws IOException {
    ObjectNode json = of(snapshot);
    ((ObjectNode) json.get("job")).putObject("settings");
    ((ObjectNode) json.get("job")).putObject("flink");
    return json;
  }

  /** Makes it that of a stop whose proof has not ended. */
  public static ObjectNode unfinished(ObjectNode json) {
    return json.put("outcome", "unproved").put("unfinished", true).putNull("models");
  }

  /** Makes it one in which Flink has reported that the job has ended. */
  public static ObjectNode ended(ObjectNode json) {
    ((ObjectNode) json.get("steps").get(0)).put("step", "finished").put("result", "ok");
    return json;
  }

  /** The receipt that the JSON is. */
  public static Receipt receipt(ObjectNode json) throws IOException {
    return ReceiptFile.parse(JSON.writeValueAsBytes(json), "a receipt of this test");
  }

  /** Writes it, signed if a key signs. */
  public static void write(Path file, ObjectNode json, ReceiptKeys keys) throws IOException {
    ReceiptFile.write(file, receipt(json), keys);
  }
}
