package dev.sluice.tool.cli;

import dev.sluice.tool.audit.AuditReport;
import dev.sluice.tool.audit.AuditReport.Finding;
import java.io.PrintWriter;
import java.util.Locale;

/** An audit's report for people. */
final class AuditText {

  private final AuditReport report;

  AuditText(AuditReport report) {
    this.report = report;
  }

  void print(PrintWriter out) {
    AuditReport.Tally tally = report.tally();
    out.printf(
        Locale.ROOT,
        "%,d inputs judged: %,d answered, %,d held in the snapshot, %,d undecided.%n",
        tally.inputs(),
        tally.answered(),
        tally.held(),
        tally.undecided());
    report.judged().forEach((partition, range) -> print(out, partition, range));
    if (!report.stopped() && tally.beyond() > 0) {
      out.printf(
          Locale.ROOT,
          "%,d answers beyond the offsets that the job's consumer group has committed, as it does at each "
              + "checkpoint.%n",
          tally.beyond());
    }
    if (tally.unjudged() > 0) {
      out.printf(Locale.ROOT, "%,d answers to inputs that are deleted.%n", tally.unjudged());
    }
    if (report.deferrals().records() > 0) {
      out.printf(
          Locale.ROOT,
          "%,d observations deferred, %,d of them not replayed yet.%n",
          report.deferrals().records(),
          report.deferrals().left());
    }
    report.notes().forEach(note -> out.printf("Note: %s%n", note));
    report.findings().forEach(finding -> print(out, finding));
    out.println(verdict());
    out.flush();
  }

  private String verdict() {
    return switch (report.verdict()) {
      case CLEAN -> "Clean: nothing is missing, doubled or foreign.";
      case UNDECIDED ->
          ("Undecided: nothing is known to be missing, doubled or foreign, but %,d inputs and %,d deleted offsets "
                  + "without an answer can't be judged; the notes say why.")
              .formatted(report.tally().undecided(), report.tally().deletedUnknown());
      case DAMAGED -> "DAMAGE: the ledger law is broken.";
    };
  }

  /** The range's end is the first offset that is not judged. */
  private static void print(PrintWriter out, String partition, String range) {
    String[] ends = range.split("-", 2);
    if (ends[0].equals(ends[1])) {
      out.printf("  %s nothing%n", partition);
    } else {
      out.printf("  %s from offset %s, before %s%n", partition, ends[0], ends[1]);
    }
  }

  private static void print(PrintWriter out, Finding finding) {
    out.printf(
        Locale.ROOT,
        "%s: %,d %s%n",
        finding.anomaly().code(),
        finding.count(),
        finding.anomaly().words());
    finding.examples().forEach(example -> out.printf("  %s%n", example));
    if (finding.examples().size() < finding.count()) {
      out.println("  …");
    }
  }
}
