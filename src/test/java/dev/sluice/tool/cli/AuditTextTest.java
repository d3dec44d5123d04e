package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.audit.AuditReport;
import dev.sluice.tool.audit.AuditReport.Anomaly;
import dev.sluice.tool.audit.AuditReport.Finding;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuditTextTest {

  @ParameterizedTest
  @CsvSource({
    "0,0,0,0,clean,Clean: nothing is missing",
    "1,0,0,7,undecided,Undecided: nothing is known to be missing",
    "0,10,0,7,undecided,Undecided: nothing is known to be missing",
    "0,0,1,5,damaged,DAMAGE: the ledger law is broken",
    "1,1,1,5,damaged,DAMAGE: the ledger law is broken"
  })
  void whatIsUndecidedIsNeitherCleanNorDamage(
      long undecided, long deleted, int gaps, int exitCode, String code, String says) {
    AuditReport report = report(undecided, deleted, gaps);
    assertThat(report.verdict().exitCode()).isEqualTo(exitCode);
    assertThat(report.json())
        .containsEntry("verdict", code)
        .containsEntry("clean", exitCode == 0)
        .containsEntry("undecided", undecided)
        .containsEntry("deletedUnknown", deleted);
    StringWriter out = new StringWriter();
    new AuditText(report).print(new PrintWriter(out));
    List<String> lines = out.toString().lines().toList();
    assertThat(lines.get(lines.size() - 1)).startsWith(says);
  }

  @Test
  void howManyAreUndecidedIsSaid() {
    StringWriter out = new StringWriter();
    new AuditText(report(3, 10, 0)).print(new PrintWriter(out));
    assertThat(out.toString())
        .contains("but 3 inputs and 10 deleted offsets without an answer can't be judged");
  }

  /** Right after a resume these offsets are still those of a checkpoint before the stop. */
  @Test
  void answersOfARunningJobAreBeyondCommittedOffsetsNotACheckpoint() {
    StringWriter out = new StringWriter();
    new AuditText(report(0, 0, 0, 1653)).print(new PrintWriter(out));
    assertThat(out.toString())
        .contains("1,653 answers beyond the offsets that the job's consumer group has committed")
        .doesNotContain("beyond the last checkpoint");
  }

  private static AuditReport report(long undecided, long deleted, int gaps) {
    return report(undecided, deleted, gaps, 0);
  }

  private static AuditReport report(long undecided, long deleted, int gaps, long beyond) {
    return new AuditReport(
        false,
        new TreeMap<>(),
        new AuditReport.Tally(10, 9 - gaps, 0, undecided, beyond, 0, deleted),
        new AuditReport.Deferrals(0, 0),
        new TreeMap<>(),
        gaps == 0 ? List.of() : List.of(new Finding(Anomaly.GAP, gaps, List.of("events/0@4"))),
        List.of());
  }
}
