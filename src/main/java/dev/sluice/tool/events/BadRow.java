package dev.sluice.tool.events;

/**
 * A row of a file that can't be used.
 *
 * @param line where it begins in the file, from 1
 * @param column the column's name, or its place in the line; empty if the whole row is meant
 * @param what is wrong, printable and cut
 */
public record BadRow(long line, String column, String what, boolean unknownLabel) {

  @Override
  public String toString() {
    return "line %s%s: %s".formatted(line, column.isEmpty() ? "" : ", " + column, what);
  }
}
