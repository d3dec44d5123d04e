package dev.sluice.tool.guard;

import dev.sluice.tool.receipt.Receipt;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The part of a receipt that the status page shows. */
final class ReceiptView {

  private static final String COMMITTED = "committed";

  private ReceiptView() {}

  static @Nullable Map<String, Object> json(@Nullable StopEnd end) {
    Receipt receipt = end == null ? null : end.receipt();
    if (end == null || receipt == null) {
      return null;
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("outcome", receipt.outcome().code());
    json.put("endedAt", receipt.endedAt().toString());
    json.put("file", end.receiptFile() == null ? null : end.receiptFile().toString());
    Receipt.Snapshot snapshot = receipt.snapshot();
    if (snapshot != null) {
      json.put("kind", snapshot.kind());
      json.put("uri", snapshot.uri());
      json.put("bytes", snapshot.bytes());
      json.put("files", snapshot.files().size());
    }
    Receipt.Models models = receipt.models();
    if (models != null) {
      json.put("keys", models.keys());
      json.put("updates", models.updates());
      json.put("pending", models.pendingObservations());
    }
    json.put("transactions", receipt.transactions().size());
    json.put(
        "committed",
        receipt.transactions().stream().filter(each -> each.fate().equals(COMMITTED)).count());
    json.put("problems", receipt.problems());
    json.put("warnings", receipt.warnings());
    json.put("notProved", receipt.notProved());
    Receipt.Resume resume = receipt.resume();
    if (resume != null) {
      json.put("resume", resume.command());
      json.put("flinkResume", resume.flinkCommand());
    }
    return json;
  }
}
