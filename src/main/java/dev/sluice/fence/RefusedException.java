package dev.sluice.fence;

import org.apache.flink.runtime.execution.SuppressRestartsException;

/** Why a start or restore is refused, in one message that says what to do. */
final class RefusedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** A refusal with its whole message. */
  RefusedException(String message) {
    super(message);
  }

  /** Fails the job for good: a restart would end here again. */
  SuppressRestartsException forGood() {
    return new SuppressRestartsException(this);
  }
}
