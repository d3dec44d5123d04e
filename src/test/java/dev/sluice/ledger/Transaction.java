package dev.sluice.ledger;

/** A transaction as the broker knows it. */
final class Transaction {

  enum Status {
    OPEN,
    COMMITTED,
    ABORTED
  }

  Status status = Status.OPEN;

  /** When its first record came. */
  long begun;

  /** Whether it was aborted because it was open for too long. */
  boolean expired;

  /** Whether the broker no longer knows its name: what became of it can't be queried. */
  boolean forgotten;

  boolean isOpen() {
    return status == Status.OPEN;
  }

  boolean isAborted() {
    return status == Status.ABORTED;
  }
}
