package dev.sluice.tool.resume;

import dev.sluice.ledger.Partition;
import dev.sluice.tool.broker.LiveTransaction;
import dev.sluice.tool.stop.NamedTransactions.Name;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came, or would come, of a transaction that was to be aborted.
 *
 * @param transaction as it was seen; null if none is open under the name
 * @param text why, in some sentences for people
 * @param name what names it; null if nothing does
 * @param held how far its partitions can be read, and how far they are written
 */
public record AbortRow(
    String transactionalId,
    @Nullable LiveTransaction transaction,
    Outcome outcome,
    String text,
    @Nullable Name name,
    List<Held> held) {
  public AbortRow {
    held = List.copyOf(held);
  }

  AbortRow with(Outcome other, String why) {
    return new AbortRow(transactionalId, transaction, other, why, name, held);
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
}
