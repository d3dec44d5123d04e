package dev.sluice.ops.flink;

import java.io.IOException;

/** No JobManager answered: none runs there, or none could be reached. */
public final class UnansweredException extends IOException {

  private static final long serialVersionUID = 1L;

  UnansweredException(String message, IOException cause) {
    super(message, cause);
  }
}
