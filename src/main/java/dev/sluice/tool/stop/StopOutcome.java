package dev.sluice.tool.stop;

import dev.sluice.tool.receipt.Receipt;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** How a stop ended. */
public sealed interface StopOutcome {

  /** The exit code of the command line. */
  int exitCode();

  /** What happened and what to do next, in some sentences for people. */
  String text();

  /** What was saved, and what was proved of it; null if the job was not stopped. */
  default @Nullable Receipt receipt() {
    return null;
  }

  /** Where the receipt is, or should be; null if there is none. */
  default @Nullable Path receiptFile() {
    return null;
  }

  /**
   * Stopped, and proved to have lost, doubled and corrupted nothing, but for what the receipt names
   * as not proved.
   */
  record Proved(Receipt receipt, Path receiptFile, String text) implements StopOutcome {
    @Override
    public int exitCode() {
      return 0;
    }
  }

  /** Could not be begun or was given up; the job is as it was. */
  record NothingChanged(String text) implements StopOutcome {
    @Override
    public int exitCode() {
      return 1;
    }
  }

  /**
   * Flink or the brokers did not answer before anything was asked for: nothing was touched, and the
   * same command may succeed.
   */
  record NotBegun(String text) implements StopOutcome {
    @Override
    public int exitCode() {
      return 10;
    }
  }

  /** Cancelled, as {@link OnTimeout} says; the receipt says what is kept and what is replayed. */
  record Escalated(Receipt receipt, Path receiptFile, String text) implements StopOutcome {
    @Override
    public int exitCode() {
      return 3;
    }
  }

  /** The grace period is over and the job still runs. */
  record TimedOut(String text) implements StopOutcome {
    @Override
    public int exitCode() {
      return 4;
    }
  }

  /**
   * The stop was requested, and how it ended is not known: Flink does not answer, or the tool met
   * an unforeseen error. Or the job is over, for a savepoint of the stop that failed.
   */
  record NotKnown(String text) implements StopOutcome {
    @Override
    public int exitCode() {
      return 4;
    }
  }

  /** Stopped, but the proof failed; the receipt says what is wrong. */
  record Unproved(Receipt receipt, Path receiptFile, String text) implements StopOutcome {
    @Override
    public int exitCode() {
      return 5;
    }
  }

  /** The savepoint is good, but the job failed while stopping: no other snapshot may be resumed. */
  record FailedWhileStopping(Receipt receipt, @Nullable Path receiptFile, String text)
      implements StopOutcome {
    @Override
    public int exitCode() {
      return 6;
    }
  }
}
