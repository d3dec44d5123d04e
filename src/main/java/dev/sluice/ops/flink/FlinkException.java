package dev.sluice.ops.flink;

import java.io.IOException;

/** The JobManager answered, and said no. */
public final class FlinkException extends IOException {

  private static final long serialVersionUID = 1L;

  private final int status;

  FlinkException(int status, String message) {
    super(message);
    this.status = status;
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** Whether the JobManager does not know what was asked for. */
  public boolean isUnknown() {
    return status == 404;
  }
}
