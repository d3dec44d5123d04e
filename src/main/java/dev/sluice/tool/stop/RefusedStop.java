package dev.sluice.tool.stop;

import dev.sluice.tool.refusal.RefusalCode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Why a stop is not begun, or is given up with the job left as it is. */
final class RefusedStop extends IOException {

  private static final long serialVersionUID = 1L;

  private final boolean passing;

  RefusedStop(RefusalCode code, String message) {
    this(code, message, false, null);
  }

  private RefusedStop(
      RefusalCode code, String message, boolean passing, @Nullable Throwable cause) {
    super(code.in(message), cause);
    this.passing = passing;
  }

  /** A refusal with a temporary cause, as a task that is being restarted. */
  static RefusedStop passing(RefusalCode code, String message) {
    return new RefusedStop(code, message, true, null);
  }

  /** A refusal because an answer is missing, with a temporary cause. */
  static RefusedStop passing(RefusalCode code, IOException cause) {
    return new RefusedStop(code, String.valueOf(cause.getMessage()), true, cause);
  }

  /** Whether the cause may be temporary. */
  boolean isPassing() {
    return passing;
  }
}
