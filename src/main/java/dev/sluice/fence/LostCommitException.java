package dev.sluice.fence;

/** A transaction that this attempt has written can't be committed any more: the task fails. */
final class LostCommitException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  LostCommitException(String message, Throwable cause) {
    super(message, cause);
  }
}
