package dev.sluice.tool.savepoint;

import java.io.IOException;

/**
 * Models that this tool can't read on this machine, though nothing says that they are damaged: in
 * another backend's format, without RocksDB, without disk space for a copy. The message says why
 * and what to do.
 */
public final class UnreadModelsException extends IOException {

  private static final long serialVersionUID = 1L;

  UnreadModelsException(String uri, String why) {
    super("the models of %s were not read: %s".formatted(uri, why));
  }

  UnreadModelsException(String uri, String why, Throwable cause) {
    super("the models of %s were not read: %s".formatted(uri, why), cause);
  }
}
