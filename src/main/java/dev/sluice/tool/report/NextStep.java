package dev.sluice.tool.report;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.StopResult;
import java.util.ArrayList;
import java.util.List;

/** What to do after a stop, with the commands to paste. */
final class NextStep {

  private static final String TRANSACTION_TIMEOUT = "sluice.sink.transaction-timeout";

  private final Receipt receipt;
  private final List<Html> lines = new ArrayList<>();

  private NextStep(Receipt receipt) {
    this.receipt = receipt;
  }

  static Html of(Receipt receipt) {
    return new NextStep(receipt).html();
  }

  private Html html() {
    Receipt.Resume resume = receipt.unfinished() ? null : receipt.resume();
    if (!receipt.resumptions().isEmpty()) {
      Receipt.Resumption last = receipt.resumptions().get(receipt.resumptions().size() - 1);
      say(
          (last.state() == Receipt.Resumption.State.ASKED
                  ? "A resume of this receipt was begun at %s, and whether Flink took its job was not written "
                      + "down. The same command finds out, and submits no second one:"
                  : "The job was resumed from this receipt, last at %s; it is not waiting to be started. To go "
                      + "back here once more would read again what came since, and answer nothing twice:")
              .formatted(Words.time(last.at())));
    } else {
      say(advice());
    }
    if (resume != null) {
      command(resume.command());
      if (receipt.outcome() == StopResult.Kind.UNPROVED) {
        say(
            "It refuses, touching nothing, if answers are missing, and names the snapshot that heals. This takes "
                + "that one:");
        command(resume.command() + " --heal");
      }
      lines.add(Html.tag("p class=\"hint\"", "With Flink's own tool, which checks nothing first:"));
      command(resume.flinkCommand());
    }
    lines.add(
        Html.tag(
            "p class=\"hint\"",
            Html.text("More of this case: "),
            Html.tag("code", "deploy/runbook.md#" + chapter()),
            Html.text(".")));
    return Html.all(lines);
  }

  private String advice() {
    if (receipt.unfinished()) {
      return "Wait for the stop if it is still under way. If it was killed, complete the proof with sluice verify "
          + "and this receipt, or with the same sluice stop; sluice resume refuses the receipt until then.";
    }
    return switch (receipt.outcome()) {
      case PROVED ->
          receipt.resume() == null
              ? "Nothing: the job was drained, as asked, and has ended for good."
              : "This starts the job again exactly where it stopped:";
      case ESCALATED ->
          receipt.resume() == null
              ? "There is nothing here to resume from. An earlier receipt of this job, if there is one, takes it "
                  + "back there: what came since is read again, and answered once."
              : "This starts the job again from its last checkpoint: inputs since then are read again, and "
                  + "answers that were committed since are not given twice:";
      case UNPROVED ->
          receipt.resume() == null
              ? "There is nothing here to resume from. An earlier receipt of this job, if there is one, takes it "
                  + "back there: what came since is read again, and answered once."
              : "Read the problems first. This checks whether the job may be started from here:";
      case FAILED_WHILE_STOPPING -> soon();
      default -> throw Headline.notStopped(receipt);
    };
  }

  private String soon() {
    String timeout = receipt.job().settings().get(TRANSACTION_TIMEOUT);
    return ("Do it soon: some answers lie in transactions that only the resume commits, and the brokers abort them "
            + "after %s%s:")
        .formatted(TRANSACTION_TIMEOUT, timeout == null ? "" : " (%s)".formatted(timeout));
  }

  private String chapter() {
    return receipt.outcome() == StopResult.Kind.PROVED
        ? "resume"
        : "exit-" + receipt.outcome().exitCode();
  }

  private void say(String text) {
    lines.add(Html.tag("p", text));
  }

  private void command(String command) {
    lines.add(Html.tag("p class=\"command\"", Html.tag("code", command)));
  }
}
