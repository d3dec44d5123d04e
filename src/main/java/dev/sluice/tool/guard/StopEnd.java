package dev.sluice.tool.guard;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.StopResult;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a stop ended, and when the guard learned of it. */
record StopEnd(Instant at, StopResult result) {

  /** Whether it was a stop of this run. */
  boolean isOf(@Nullable String jobId) {
    Receipt receipt = result.receipt();
    return receipt != null && receipt.job().id().equals(jobId);
  }

  /** The fields of the last message of a stop's callbacks. */
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("time", at.toString());
    fields.put("event", "outcome");
    fields.put("outcome", result.kind().code());
    fields.put("exitCode", result.exitCode());
    fields.put("text", result.text());
    Path file = result.receiptFile();
    if (file != null) {
      fields.put("receipt", file.toString());
    }
    Receipt receipt = result.receipt();
    if (receipt != null && receipt.snapshot() != null) {
      fields.put("snapshot", receipt.snapshot().uri());
    }
    return fields;
  }
}
