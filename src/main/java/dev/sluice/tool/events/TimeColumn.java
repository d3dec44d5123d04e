package dev.sluice.tool.events;

import dev.sluice.codec.Details;
import dev.sluice.tool.events.CsvMapping.Times;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What the cells of a column of times show: how they are written, the span of time, and what looks
 * wrong. Digits such as 20260131 are a date or a number of seconds; the column as a whole tells.
 */
final class TimeColumn {

  /** In a column of dates so many of a hundred numbers are dates at least. */
  private static final int DATES_OF_100 = 95;

  /**
   * In a column of seconds at most: of each thousand numbers in a row at most 306 are dates as
   * well, as 20260131 among 20260000 to 20260999.
   */
  private static final int SECONDS_OF_100 = 40;

  /** Seconds of 1970 to 1973: what years, or digits of a date, would be taken for. */
  private static final long FIRST_DOUBTFUL_MS = 1_000_000L;

  private static final long LAST_DOUBTFUL_MS = 100_000_000_000L;

  private final String name;
  private final int at;
  private final Read asInstants = new Read();
  private final Read asDigits = new Read();
  private long numbers;
  private long dates;
  private @Nullable Cell firstCell;
  private @Nullable Cell firstDate;
  private @Nullable Cell firstOther;

  /** A cell and its line. */
  private record Cell(String text, long line) {

    @Override
    public String toString() {
      return "(%s) at line %s".formatted(Details.clipped(text), line);
    }
  }

  /** What one way to read the cells gives. */
  private static final class Read {
    private long none;
    private long firstNone;
    private long backwards;
    private long firstBackwards;
    private long firstMs = Long.MAX_VALUE;
    private long lastMs = Long.MIN_VALUE;
    private long previousMs = Long.MIN_VALUE;

    void take(OptionalLong time, long line) {
      if (time.isEmpty()) {
        firstNone = none++ == 0 ? line : firstNone;
        return;
      }
      long ms = time.getAsLong();
      firstMs = Math.min(firstMs, ms);
      lastMs = Math.max(lastMs, ms);
      if (ms < previousMs) {
        firstBackwards = backwards++ == 0 ? line : firstBackwards;
      }
      previousMs = ms;
    }
  }

  TimeColumn(String name, int at) {
    this.name = name;
    this.at = at;
  }

  void take(CsvTable.Row row) {
    String cell = row.cells()[at];
    firstCell = firstCell == null && !cell.isEmpty() ? new Cell(cell, row.line()) : firstCell;
    asInstants.take(Cells.timeMs(cell, Times.INSTANTS), row.line());
    asDigits.take(Cells.timeMs(cell, Times.DIGITS), row.line());
    if (Cells.number(cell).isEmpty()) {
      return;
    }
    numbers++;
    if (Cells.digitsMs(cell).isPresent()) {
      dates++;
      firstDate = firstDate == null ? new Cell(cell, row.line()) : firstDate;
    } else {
      firstOther = firstOther == null ? new Cell(cell, row.line()) : firstOther;
    }
  }

  /**
   * How its cells are written.
   *
   * @throws IOException if no cell is a time, or the times are ambiguous
   */
  Times times(String table) throws IOException {
    boolean digits = dates > 0 && dates * 100 >= numbers * DATES_OF_100;
    if (!digits && dates * 100 > numbers * SECONDS_OF_100) {
      throw new IOException(
          "--time (%s): %,d cells, as %s, look like dates, and %,d others, as %s, do not: write dates as 2026-01-31"
              .formatted(name, dates, firstDate, numbers - dates, firstOther));
    }
    Times times = digits ? Times.DIGITS : Times.INSTANTS;
    if (read(times).firstMs > read(times).lastMs) {
      throw new IOException(
          ("--time (%s): no cell of that column of %s is a time%s: write ISO-8601, as 2026-01-31T08:15:09Z or"
                  + " 2026-01-31 08:15:09 (UTC), or seconds or milliseconds since 1970")
              .formatted(name, table, firstCell == null ? "" : ", the first is " + firstCell));
    }
    return times;
  }

  private Read read(Times times) {
    return times == Times.DIGITS ? asDigits : asInstants;
  }

  Instant first(Times times) {
    return Instant.ofEpochMilli(read(times).firstMs);
  }

  Instant last(Times times) {
    return Instant.ofEpochMilli(read(times).lastMs);
  }

  /** Adds what looks wrong, a sentence each. */
  void note(Times times, List<String> notes) {
    Read read = read(times);
    if (read.none > 0) {
      notes.add(
          "%,d rows have no time, the first at line %s: they are left out"
              .formatted(read.none, read.firstNone));
    }
    if (read.backwards > 0) {
      notes.add(
          ("%,d rows are earlier than the row before them, the first at line %s: sort the file by"
                  + " time, or the models learn from the future")
              .formatted(read.backwards, read.firstBackwards));
    }
    Cell number = firstOther;
    if (times == Times.INSTANTS
        && number != null
        && read.firstMs >= FIRST_DOUBTFUL_MS
        && read.lastMs < LAST_DOUBTFUL_MS) {
      notes.add(
          ("column %s: (%s) and the like are read as seconds since 1970, from %s on: if they are"
                  + " dates, write them as 2026-01-31")
              .formatted(Details.clipped(name), Details.clipped(number.text), first(times)));
    }
  }
}
