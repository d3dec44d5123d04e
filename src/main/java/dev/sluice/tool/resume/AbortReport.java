package dev.sluice.tool.resume;

import dev.sluice.ledger.Partition;
import dev.sluice.tool.broker.LiveTransaction;
import dev.sluice.tool.stop.NamedTransactions.Name;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was found of the transactions that were to be aborted, or their results.
 *
 * @param rows one for each that was chosen
 * @param notes what else is to be known
 */
public record AbortReport(List<Row> rows, List<String> notes) {

  public AbortReport {
    rows = List.copyOf(rows);
    notes = List.copyOf(notes);
  }

  /**
   * What came, or would come, of one transaction.
   *
   * @param transaction as it was seen; null if none is open under the name
   * @param text why, in some sentences for people
   * @param name what names it; null if nothing does
   * @param held how far its partitions can be read, and how far they are written
   */
  public record Row(
      String transactionalId,
      @Nullable LiveTransaction transaction,
      Outcome outcome,
      String text,
      @Nullable Name name,
      List<Held> held) {

    public Row {
      held = List.copyOf(held);
    }

    Row with(Outcome other, String why) {
      return new Row(transactionalId, transaction, other, why, name, held);
    }

    boolean isAbortable() {
      return outcome == Outcome.ABORTABLE;
    }
  }

  /** Which it is. */
  public enum Outcome {
    /** Nothing prevents its abort, which was not tried. */
    ABORTABLE,
    /** It was aborted, and is no longer open. */
    ABORTED,
    /** It is left as it is. */
    REFUSED,
    /** Nothing was open under the name, or it has ended without this tool. */
    ENDED,
    /** It is still open, or that is not known. */
    NOT_KNOWN
  }

  /**
   * A partition that a transaction has written to.
   *
   * @param lastStable up to which a read_committed reader is given records
   * @param end the high watermark
   */
  public record Held(Partition partition, long lastStable, long end) {

    /** Offsets, those of markers and of other transactions among them. */
    public long behind() {
      return end - lastStable;
    }
  }

  /** The names of those that may be aborted. */
  public List<String> abortable() {
    return rows.stream().filter(Row::isAbortable).map(Row::transactionalId).toList();
  }

  /** The exit code of the command line. */
  public int exitCode() {
    List<Outcome> outcomes = rows.stream().map(Row::outcome).toList();
    if (outcomes.contains(Outcome.NOT_KNOWN)) {
      return 4;
    }
    return outcomes.contains(Outcome.REFUSED) ? 1 : 0;
  }
}
