package dev.sluice.ops.stop;

import java.io.IOException;

/** Why a stop is not begun, or is given up with the job left as it is. */
final class RefusedStop extends IOException {

  private static final long serialVersionUID = 1L;

  private final boolean passing;

  RefusedStop(String message) {
    this(message, false);
  }

  private RefusedStop(String message, boolean passing) {
    super(message);
    this.passing = passing;
  }

  /** A refusal whose cause may be gone in a moment, as a task that is being restarted. */
  static RefusedStop passing(String message) {
    return new RefusedStop(message, true);
  }

  /** Whether the cause may be gone in a moment. */
  boolean isPassing() {
    return passing;
  }
}
