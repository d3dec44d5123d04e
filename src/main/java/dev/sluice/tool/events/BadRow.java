package dev.sluice.tool.events;

/**
 * A row of a file that can't be used.
 *
 * @param line where it begins in the file, from 1
 * @param column the column's name, or its place in the line; empty if the whole row is meant
 * @param what is wrong, printable and cut
 * @param kind of what is wrong
 */
public record BadRow(long line, String column, String what, Kind kind) {

  /** What is wrong with a row. */
  public enum Kind {
    /** It can't be used. */
    UNUSABLE,

    /** It has a label that the job does not know. */
    UNKNOWN_LABEL,

    /** It is the last one, and may be half of one. */
    HELD_BACK
  }

  @Override
  public String toString() {
    return "line %s%s: %s".formatted(line, column.isEmpty() ? "" : ", " + column, what);
  }
}
