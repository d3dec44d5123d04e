package dev.sluice.tool.events;

import java.io.IOException;

/** The last row of a file ends within a quote. */
final class OpenRowException extends IOException {

  private static final long serialVersionUID = 1L;

  private final long line;

  /** {@code line}: where it begins, from 1. */
  OpenRowException(long line, String message, Throwable cause) {
    super(message, cause);
    this.line = line;
  }

  long line() {
    return line;
  }
}
