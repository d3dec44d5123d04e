package dev.sluice.tool.guard;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.stop.StopOutcome;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a stop ended, as the guard reports it.
 *
 * @param at when
 * @param code one of {@link #CODES}
 * @param exitCode of the stop
 * @param text what happened and what to do next
 * @param receipt what was saved; null if nothing was
 * @param receiptFile where that is written
 */
record StopEnd(
    Instant at,
    String code,
    int exitCode,
    String text,
    @Nullable Receipt receipt,
    @Nullable Path receiptFile) {

  /**
   * Every way in which a stop ends; after the last one it is not known whether the job still runs.
   */
  static final String[] CODES = {
    "proved",
    "nothing-changed",
    "escalated",
    "timed-out",
    "unproved",
    "failed-while-stopping",
    "broken-off"
  };

  static StopEnd of(Instant at, StopOutcome outcome) {
    return new StopEnd(
        at,
        code(outcome),
        outcome.exitCode(),
        outcome.text(),
        outcome.receipt(),
        outcome.receiptFile());
  }

  private static String code(StopOutcome outcome) {
    if (outcome instanceof StopOutcome.Proved) {
      return "proved";
    } else if (outcome instanceof StopOutcome.Escalated) {
      return "escalated";
    } else if (outcome instanceof StopOutcome.Unproved) {
      return "unproved";
    } else if (outcome instanceof StopOutcome.FailedWhileStopping) {
      return "failed-while-stopping";
    } else if (outcome instanceof StopOutcome.NotKnown) {
      return "broken-off";
    }
    return outcome instanceof StopOutcome.TimedOut ? "timed-out" : "nothing-changed";
  }

  /** The end of a stop that threw. */
  static StopEnd brokenOff(Instant at, Throwable cause) {
    return new StopEnd(
        at,
        "broken-off",
        4,
        ("The stop broke off with an unexpected error (%s). Whether the job still runs is not known: check it in "
                + "Flink; a guard that is started again continues this stop.")
            .formatted(cause),
        null,
        null);
  }

  /** Whether the job no longer runs because of this stop. */
  boolean isStopped() {
    return receipt != null;
  }

  /** Whether it was a stop of this run. */
  boolean isOf(@Nullable String jobId) {
    return receipt != null && receipt.job().id().equals(jobId);
  }

  /** The savepoint's or checkpoint's place. */
  @Nullable String snapshotUri() {
    return receipt == null || receipt.snapshot() == null ? null : receipt.snapshot().uri();
  }

  /** The fields of the last message of a stop's callbacks. */
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("time", at.toString());
    fields.put("event", "outcome");
    fields.put("outcome", code);
    fields.put("exitCode", exitCode);
    fields.put("text", text);
    if (receiptFile != null) {
      fields.put("receipt", receiptFile.toString());
    }
    String uri = snapshotUri();
    if (uri != null) {
      fields.put("snapshot", uri);
    }
    return fields;
  }
}
