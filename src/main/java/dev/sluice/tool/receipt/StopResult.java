package dev.sluice.tool.receipt;

import dev.sluice.tool.receipt.ReceiptFolder.Kept;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a stop ended.
 *
 * @param kind with the exit code and the name for programs
 * @param text what happened and what to do next, in some sentences for people
 * @param kept what was saved, what was proved of it, and where that is or should be written; null
 *     if the job was not stopped
 */
public record StopResult(Kind kind, String text, @Nullable Kept kept) {

  public StopResult {
    if ((kept != null) != kind.stopped) {
      throw new IllegalArgumentException(
          "a stop that ended as %s %s a receipt".formatted(kind, kept == null ? "has" : "has not"));
    }
  }

  /** The kinds of ends. */
  public enum Kind {
    /**
     * Stopped, and proved to have lost, doubled and corrupted nothing, but for what the receipt
     * names as not proved.
     */
    PROVED("proved", 0, true),
    /** Could not be begun or was given up; the job is as it was. */
    NOTHING_CHANGED("nothing-changed", 1, false),
    /**
     * Flink or the brokers did not answer before anything was asked for: nothing was touched, and
     * the same command may succeed.
     */
    NOT_BEGUN("nothing-changed", 10, false),
    /** Cancelled, as was declared; the receipt says what is kept and what is replayed. */
    ESCALATED("escalated", 3, true),
    /** The grace period is over and the job still runs. */
    TIMED_OUT("timed-out", 4, false),
    /** Stopped, but the proof failed; the receipt says what is wrong. */
    UNPROVED("unproved", 5, true),
    /**
     * The savepoint is good, but the job failed while stopping: no other snapshot may be resumed.
     */
    FAILED_WHILE_STOPPING("failed-while-stopping", 6, true),
    /**
     * The stop was requested, and how it ended is not known: Flink does not answer, or the tool met
     * an unforeseen error. Or the job is over, for a savepoint of the stop that failed.
     */
    NOT_KNOWN("broken-off", 4, false);

    private final String code;
    private final int exitCode;
    private final boolean stopped;

    Kind(String code, int exitCode, boolean stopped) {
      this.code = code;
      this.exitCode = exitCode;
      this.stopped = stopped;
    }

    /** The name in receipts, callbacks and metrics. */
    public String code() {
      return code;
    }

    /** Of the command line. */
    public int exitCode() {
      return exitCode;
    }

    /** Whether the job was stopped, so that there is a receipt. */
    public boolean isStopped() {
      return stopped;
    }

    /** Every name, once. */
    public static List<String> codes() {
      return Stream.of(values()).map(Kind::code).distinct().toList();
    }
  }

  /** Of a job that was not stopped. */
  public static StopResult of(Kind kind, String text) {
    return new StopResult(kind, text, null);
  }

  /** As the receipt says. */
  public static StopResult of(Receipt receipt, Path file, String text) {
    return of(receipt.outcome(), receipt, file, text);
  }

  /** Of a job that was stopped. */
  public static StopResult of(Kind kind, Receipt receipt, Path file, String text) {
    return new StopResult(kind, text, new Kept(file, receipt));
  }

  /** Of a stop that met an unexpected error: how far it came is not known. */
  public static StopResult brokenOff(Throwable cause, String next) {
    return of(
        Kind.NOT_KNOWN,
        ("The stop broke off with an unexpected error (%s). Whether the job still runs is not known: check it in "
                + "Flink; %s")
            .formatted(cause, next));
  }

  public boolean isProved() {
    return kind == Kind.PROVED;
  }

  public int exitCode() {
    return kind.exitCode;
  }

  /** Null if the job was not stopped. */
  public @Nullable Receipt receipt() {
    return kept == null ? null : kept.receipt();
  }

  /** Null if the job was not stopped. */
  public @Nullable Path receiptFile() {
    return kept == null ? null : kept.file();
  }

  /**
   * The receipt and its file.
   *
   * @throws IllegalStateException if the job was not stopped
   */
  public Kept written() {
    if (kept == null) {
      throw new IllegalStateException("a stop that ended as %s has no receipt".formatted(kind));
    }
    return kept;
  }
}
