package dev.sluice.tool.savepoint;

import java.io.IOException;
import java.time.Duration;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file of a snapshot could not be read because its file system failed, as an object store that
 * throttles: nothing is known to be wrong with the file, and it may be read later.
 */
public final class UnreadFileException extends IOException {

  private static final long serialVersionUID = 1L;

  UnreadFileException(Path file, IOException cause) {
    super(
        "%s could not be read: %s%s"
            .formatted(
                file,
                BadSnapshotException.reason(cause),
                StoreRefusal.isBehind(cause) ? "; " + StoreRefusal.advice(file) : ""),
        cause);
  }

  /** For files that were requested again and again. */
  UnreadFileException(String why, @Nullable IOException cause) {
    super(
        "%s. Nothing is known to be wrong with it: give the same command again once its file system answers"
            .formatted(why),
        cause);
  }

  /** Whether its store refused, as for a missing right: waiting does not change that. */
  public boolean isRefusal() {
    return StoreRefusal.isBehind(this);
  }

  private UnreadFileException(String message) {
    super(message);
  }

  /**
   * For a file system that does not answer.
   *
   * @param place what it was asked for
   * @param waited for how long
   */
  static UnreadFileException ofOneThatHangs(String place, Duration waited) {
    return new UnreadFileException(
        "%s could not be read: its file system has not answered for %s s; %s"
            .formatted(place, waited.toSeconds(), StoreRefusal.silence(new Path(place))));
  }

  /** The one among the causes of what was thrown; null if there is none. */
  static @Nullable UnreadFileException in(Throwable thrown) {
    for (Throwable one = thrown; one != null; one = one.getCause()) {
      if (one instanceof UnreadFileException unread) {
        return unread;
      }
    }
    return null;
  }
}
