package dev.sluice.tool.flink;

import java.io.IOException;

/** No JobManager answered: none runs there, or none could be reached. */
public final class UnansweredException extends IOException {

  private static final long serialVersionUID = 1L;

  private final boolean reached;

  UnansweredException(String message, boolean reached, IOException cause) {
    super(message, cause);
    this.reached = reached;
  }

  /** Whether the request may have come through, so that what it asks for may still happen. */
  public boolean mayHaveComeThrough() {
    return reached;
  }
}
