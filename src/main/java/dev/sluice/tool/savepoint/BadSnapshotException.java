package dev.sluice.tool.savepoint;

import java.io.FileNotFoundException;
import java.io.IOException;
import org.apache.flink.runtime.state.StreamStateHandle;

/** A snapshot that can't be used; the message says what is wrong, where, and the remedy. */
public final class BadSnapshotException extends IOException {

  private static final long serialVersionUID = 1L;

  private final boolean foreign;

  /**
   * @param message what is wrong, where, and the remedy
   */
  public BadSnapshotException(String message) {
    this(message, false);
  }

  /**
   * @param foreign whether it is another program's
   */
  BadSnapshotException(String message, boolean foreign) {
    super(message);
    this.foreign = foreign;
  }

  BadSnapshotException(String message, Throwable cause) {
    super(message, cause);
    this.foreign = false;
  }

  /** Whether it is a snapshot of another program. */
  public boolean isForeign() {
    return foreign;
  }

  /** Whether there is no snapshot at all, not a damaged one. */
  public boolean isMissing() {
    return getCause() instanceof FileNotFoundException;
  }

  /** A file of the snapshot is missing or damaged. */
  static BadSnapshotException unreadable(String uri, String what, Throwable cause) {
    return new BadSnapshotException(
        "%s of the snapshot %s can't be read: %s; a file of it is missing or damaged: resume from another snapshot"
            .formatted(what, uri, reason(cause)),
        cause);
  }

  /** The same, unless all that is known is that a file system has failed. */
  static IOException unlessUnread(String uri, String what, Throwable cause) {
    UnreadFileException unread = UnreadFileException.in(cause);
    return unread == null ? unreadable(uri, what, cause) : unread;
  }

  /** The same of a file of keyed state. */
  static IOException unlessUnread(String uri, StreamStateHandle file, Throwable cause) {
    return unlessUnread(
        uri,
        file.maybeGetPath().map(path -> "the file " + path).orElse("the inline keyed state"),
        cause);
  }

  /** What a failure says, with its kind where that is not plain from the words. */
  static String reason(Throwable cause) {
    String message = cause.getMessage();
    if (message == null || message.isEmpty()) {
      return cause.getClass().getSimpleName();
    }
    if (message.startsWith("Unexpected magic number")) {
      return "its first bytes are not those of a snapshot"; // Flink's words fill three lines
    }
    if (message.startsWith("filter status")) {
      return "it holds Java objects that no snapshot of this job holds"; // ObjectInputStream's
      // words
    }
    return cause instanceof RuntimeException || cause instanceof Error
        ? cause.getClass().getSimpleName() + ": " + message
        : message;
  }
}
