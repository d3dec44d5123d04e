package dev.sluice.ops.stop;

import dev.sluice.ops.receipt.Receipt;

/** Says in a few sentences what a receipt proves. */
final class Verdicts {

  private Verdicts() {}

  static String text(Receipt receipt) {
    Receipt.Snapshot snapshot = receipt.snapshot();
    String where = snapshot == null ? "nowhere" : snapshot.uri();
    return switch (receipt.outcome()) {
      case PROVED -> "Stopped, and proved: nothing is lost, doubled or open. Saved in " + where;
      case UNPROVED ->
          "Stopped, but the proof failed: %s. The savepoint is %s; look before you resume"
              .formatted(String.join("; ", receipt.problems()), where);
      case FAILED_WHILE_STOPPING ->
          "The savepoint is good, but the job failed before it had finished: some of its answers may not be committed yet. %s is the only snapshot to resume from; the resume commits what is open. Do it before sluice.sink.transaction-timeout is over%s"
              .formatted(
                  where,
                  receipt.problems().isEmpty()
                      ? ""
                      : ". And: " + String.join("; ", receipt.problems()));
      case ESCALATED -> String.join(". ", receipt.warnings());
    };
  }
}
