package dev.sluice.ledger;

/** A transaction as the broker knows it. */
final class Transaction {

  enum Status {
    OPEN,
    COMMITTED,
    ABORTED
  }

  Status status = Status.OPEN;

  boolean isOpen() {
    return status == Status.OPEN;
  }

  boolean isAborted() {
    return status == Status.ABORTED;
  }
}
