package dev.sluice.ops.stop;

import java.io.IOException;

/** Why a stop is not begun, or is given up with the job left as it is. */
final class RefusedStop extends IOException {

  private static final long serialVersionUID = 1L;

  RefusedStop(String message) {
    super(message);
  }
}
