package dev.sluice.tool.stop;

import dev.sluice.tool.broker.ClusterMatch;
import dev.sluice.tool.receipt.Receipt;

/** Says in a few sentences what a receipt proves. */
final class Verdicts {

  /** For a job that writes at least once. */
  static final String ANSWERS =
      "that no answer is missing, doubled or open: the job writes at least once, without transactions, so the "
          + "brokers were not asked";

  private Verdicts() {}

  /**
   * @param uri of the savepoint, which may be one that could not be read
   */
  static String text(Receipt receipt, String uri) {
    Receipt.Snapshot snapshot = receipt.snapshot();
    String where = snapshot == null ? uri : snapshot.uri();
    return switch (receipt.outcome()) {
      case PROVED -> proved(receipt) + ". Saved in " + where;
      case UNPROVED ->
          "%s, but the proof failed: %s. The savepoint is %s; check before you resume"
              .formatted(
                  Reproof.hasFailed(receipt) ? "The job failed while it stopped" : "Stopped",
                  String.join("; ", receipt.problems()),
                  where);
      case FAILED_WHILE_STOPPING ->
          ("The savepoint is good, but the job failed before it had finished: some of its "
                  + "answers may not be committed yet. %s is the only snapshot to resume from; the "
                  + "resume commits what is open. Do it before sluice.sink.transaction-timeout is "
                  + "over")
              .formatted(where);
      case ESCALATED -> String.join(". ", receipt.warnings());
      default -> throw new IllegalArgumentException(receipt.outcome() + " has no receipt");
    };
  }

  /** Reports for a successful stop what was checked, and what was not. */
  private static String proved(Receipt receipt) {
    if (receipt.notProved().isEmpty()) {
      return "Stopped, and proved: nothing is lost, doubled or open";
    }
    boolean whose =
        receipt.notProved().stream().anyMatch(one -> one.startsWith(ClusterMatch.NOT_KNOWN));
    return "Stopped, and proved: %sthe savepoint is whole, and every model is sound. Not proved: %s"
        .formatted(
            receipt.notProved().contains(ANSWERS)
                ? ""
                : "%severy transaction is committed and none is open, "
                    .formatted(whose ? "at the brokers asked " : ""),
            String.join("; ", receipt.notProved()));
  }

  /** For a failed proof of a job of which nothing shows that it has ended. */
  static String untold(Receipt receipt, String uri) {
    return "whether it has ended is not known, and the proof failed: %s. The savepoint is %s; check before you resume"
        .formatted(String.join("; ", receipt.problems()), uri);
  }
}
