package dev.sluice.ledger;

/** A snapshot could complete after a transaction that it counts on has expired: the task fails. */
final class TransactionDeadlineException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  TransactionDeadlineException(String message) {
    super(message);
  }
}
