package dev.sluice.tool.resume;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What was found of the transactions that were to be aborted, or their results.
 *
 * @param rows one for each that was chosen
 * @param notes what else is to be known
 */
public record AbortLook(List<AbortRow> rows, List<String> notes) {
  public AbortLook {
    rows = List.copyOf(rows);
    notes = List.copyOf(notes);
  }

  /** Whether any may be aborted. */
  public boolean isAnyAbortable() {
    return rows.stream().anyMatch(row -> row.outcome() == AbortRow.Outcome.ABORTABLE);
  }

  /** The exit code of the command line. */
  public int exitCode() {
    Set<AbortRow.Outcome> outcomes =
        rows.stream().map(AbortRow::outcome).collect(Collectors.toSet());
    if (outcomes.contains(AbortRow.Outcome.NOT_KNOWN)) {
      return 4;
    }
    return outcomes.contains(AbortRow.Outcome.REFUSED) ? 1 : 0;
  }
}
