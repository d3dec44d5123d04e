package dev.sluice.tool.flink;

import java.io.IOException;

/** The JobManager answered with a refusal. */
public final class FlinkException extends IOException {

  private static final long serialVersionUID = 1L;
  private static final int TIMEOUT = 408;
  private static final int TOO_MANY = 429;

  private final int status;
  private final boolean unknown;

  /**
   * @param unknown whether it is for want of what was asked for
   */
  FlinkException(int status, boolean unknown, String message) {
    super(message);
    this.status = status;
    this.unknown = unknown;
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** Whether the JobManager does not know what was asked for. */
  public boolean isUnknown() {
    return unknown;
  }

  /**
   * Whether the answer may be another one in a moment: an election or an overload, or a job that a
   * JobManager has not recovered yet.
   */
  public boolean isPassing() {
    return status >= 500 || isUnknown() || status == TIMEOUT || status == TOO_MANY;
  }
}
