package dev.sluice.tool.refusal;

import java.io.IOException;

/** What was asked did not answer, so that the same command may succeed. */
public final class SilentException extends IOException {

  private static final long serialVersionUID = 1L;

  public SilentException(String message) {
    super(message);
  }

  public SilentException(String message, IOException cause) {
    super(message, cause);
  }
}
