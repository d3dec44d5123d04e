package dev.sluice.tool.stop;

import dev.sluice.tool.broker.ClusterMatch;
import dev.sluice.tool.receipt.Receipt;

/** Says in a few sentences what a receipt proves, and how a stop ended that has none. */
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

  /** For a job that was over before there was a savepoint. */
  static StopOutcome gone(Journal.Entry entry, FlinkStopResult.Gone gone) {
    String why = gone.reason().isEmpty() ? "" : " (" + gone.reason() + ")";
    if (entry.attempt() > 0) { // Flink fails a job when a task declines such a savepoint.
      return new StopOutcome.NotKnown(
          ("The job is %s%s, after %s savepoint%s of a stop had failed; there is no "
                  + "savepoint of it. Resume from its last checkpoint")
              .formatted(gone.state(), why, entry.attempt(), entry.attempt() == 1 ? "" : "s"));
    }
    return new StopOutcome.NothingChanged(
        "The job is %s, and not by this stop%s; there is no savepoint of it. Resume from its last checkpoint"
            .formatted(gone.state(), why));
  }

  /** Why there is no end yet. */
  static String reason(FlinkStopResult ending) {
    if (ending instanceof FlinkStopResult.NoSavepoint none) {
      return none.reason();
    }
    if (ending instanceof FlinkStopResult.NotAsked not) {
      return not.reason();
    }
    if (ending instanceof FlinkStopResult.GivenUp given) {
      return given.reason();
    }
    return ending instanceof FlinkStopResult.Unanswered silent
        ? silent.reason()
        : ((FlinkStopResult.GraceOver) ending).reason();
  }

  /** For a stop after which the job was left as it is. */
  static StopOutcome left(FlinkStopResult ending) {
    String reason = reason(ending);
    if (ending instanceof FlinkStopResult.NoSavepoint) {
      return new StopOutcome.NothingChanged(
          "No savepoint could be made, and the job runs on: " + reason);
    } else if (ending instanceof FlinkStopResult.Unanswered) {
      return new StopOutcome.NotKnown(
          ("The grace period is over, and Flink does not answer (%s). Whether the job "
                  + "still runs is not known: the same command continues the stop when a "
                  + "JobManager answers")
              .formatted(reason));
    }
    if (ending instanceof FlinkStopResult.GivenUp) {
      return new StopOutcome.TimedOut(
          "No savepoint could be made, and no other one is asked for: %s. The same command continues the stop"
              .formatted(reason));
    }
    if (ending instanceof FlinkStopResult.NotAsked) {
      return new StopOutcome.TimedOut(
          ("The grace period is over, and Flink could not be asked for a savepoint: %s. "
                  + "The same command continues the stop")
              .formatted(reason));
    }
    return new StopOutcome.TimedOut(
        ("The grace period is over, and the job still runs (%s). Flink continues the "
                + "savepoint until execution.checkpointing.timeout; the same command joins it, "
                + "with --on-timeout checkpoint it cancels the job and keeps its last checkpoint")
            .formatted(reason));
  }
}
