package dev.sluice.tool.events;

import dev.sluice.codec.Details;
import dev.sluice.tool.events.CsvMapping.Kind;
import dev.sluice.tool.events.CsvMapping.Roles;
import dev.sluice.tool.events.CsvMapping.Times;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the first rows of a CSV show of its columns: which are numbers and which are texts, what the
 * labels are, and what a user should know before the rows are fed.
 *
 * @param mapping what the columns mean
 * @param rows how many were looked at
 * @param whole whether that is all of the file
 * @param keys how many different ones they have, counted up to {@link #MOST_COUNTED}
 * @param columns how many columns a model of them has: one a number, one a different text, counted
 *     up to {@link #MOST_COUNTED} of each feature
 * @param first the earliest time; null if no column has times
 * @param last the latest time; null if no column has times
 * @param notes what looks wrong, a sentence each
 */
public record CsvLook(
    CsvMapping mapping,
    long rows,
    boolean whole,
    int keys,
    int columns,
    @Nullable Instant first,
    @Nullable Instant last,
    List<String> notes) {

  /** Different values of one column are remembered up to so many. */
  public static final int MOST_COUNTED = 10_000;

  /** A column of which so many of a hundred cells are numbers is one of numbers. */
  private static final int NUMBERS_OF_100 = 95;

  /** Numbers with more different values than this are values, not labels. */
  public static final int MOST_NUMBERED_LABELS = 20;

  private static final int MOST_LABELS = 100;

  /** Bytes for the different texts of all features together. */
  private static final long OF_FEATURES = 64 << 20;

  /** Bytes for those of the label's column, and of the key's, which no feature can use up. */
  private static final long OF_ROLE = 8 << 20;

  /** So many rows prove nothing. */
  private static final int FEW = 10;

  /**
   * What the user says of the columns.
   *
   * @param roles the columns that are no features
   * @param without columns that do not count
   * @param text columns of texts, though all of their cells may be numbers
   * @param labels the labels; none to take those that are found
   * @param regression the label's column holds values, whatever it looks like
   */
  public record Wanted(
      Roles roles,
      Set<String> without,
      Set<String> text,
      List<String> labels,
      boolean regression) {}

  /**
   * Looks at a table from its next row on.
   *
   * @param most rows that are looked at
   * @param start the mapping's start where no column has times
   * @throws IOException if the table can't be read, lacks a column, or has no usable label
   */
  public static CsvLook at(CsvTable table, Wanted wanted, long most, Instant start)
      throws IOException {
    return new Counts(table, wanted).read(most).look(start);
  }

  /** What is counted while rows are read. */
  private static final class Counts {

    private final CsvTable table;
    private final Wanted wanted;
    private final List<Column> columns = new ArrayList<>();
    private final Column label;
    private final @Nullable Column key;
    private final @Nullable TimeColumn time;
    private final List<String> notes = new ArrayList<>();
    private long rows;
    private long torn;
    private long firstTorn;
    private boolean whole;

    Counts(CsvTable table, Wanted wanted) throws IOException {
      this.table = table;
      this.wanted = wanted;
      Roles roles = wanted.roles();
      label = new Column(roles.label(), table.column("--label", roles.label()), new Room(OF_ROLE));
      key =
          roles.key() == null
              ? null
              : new Column(roles.key(), table.column("--key", roles.key()), new Room(OF_ROLE));
      time =
          roles.time() == null
              ? null
              : new TimeColumn(roles.time(), table.column("--time", roles.time()));
      Set<String> taken = new TreeSet<>(wanted.without());
      for (String each : wanted.without()) {
        table.column("--without", each);
      }
      for (String each : wanted.text()) {
        table.column("--text", each);
      }
      if (roles.id() != null) {
        table.column("--id", roles.id());
        taken.add(roles.id());
      }
      if (roles.time() != null) {
        taken.add(roles.time());
      }
      taken.add(roles.label());
      if (roles.key() != null) {
        taken.add(roles.key());
      }
      Room room = new Room(OF_FEATURES);
      List<String> header = table.header();
      for (int i = 0; i < header.size(); i++) {
        if (!taken.contains(header.get(i))) {
          columns.add(new Column(header.get(i), i, room));
        }
      }
    }

    Counts read(long most) throws IOException {
      int width = table.header().size();
      for (CsvTable.Row row = table.next(); row != null; row = table.next()) {
        if (rows == most) {
          return this;
        }
        rows++;
        if (row.cells().length != width) {
          firstTorn = torn++ == 0 ? row.line() : firstTorn;
          continue;
        }
        label.take(row);
        if (key != null) {
          key.take(row);
        }
        for (Column column : columns) {
          column.take(row);
        }
        if (time != null) {
          time.take(row);
        }
      }
      whole = true;
      return this;
    }

    CsvLook look(Instant start) throws IOException {
      if (rows == torn) {
        throw new IOException(
            "%s has no row below its header that can be used".formatted(table.name()));
      }
      Times times = time == null ? Times.INSTANTS : time.times(table.name());
      List<String> labels = labels();
      Map<String, Kind> features = new LinkedHashMap<>();
      int vector = 0;
      for (Column column : columns) {
        boolean number = !wanted.text().contains(column.name) && column.isOfNumbers();
        features.put(column.name, number ? Kind.NUMBER : Kind.TEXT);
        vector += number ? 1 : column.values.size();
        noteOf(column, number);
      }
      noteRows();
      if (time != null) {
        time.note(times, notes);
      }
      noteCounts();
      return new CsvLook(
          new CsvMapping(table.separator(), wanted.roles(), times, labels, features, start),
          rows,
          whole,
          key == null ? 1 : key.values.size(),
          vector,
          time == null ? null : time.first(times),
          time == null ? null : time.last(times),
          List.copyOf(notes));
    }

    private List<String> labels() throws IOException {
      boolean numbers = label.isOfNumbers();
      if (wanted.regression()
          || (wanted.labels().isEmpty() && numbers && label.values.size() > MOST_NUMBERED_LABELS)) {
        if (!numbers) {
          throw new IOException(
              "--regression: column (%s) of %s does not hold numbers, for example (%s)"
                  .formatted(
                      label.name, table.name(), Details.clipped(String.valueOf(label.noNumber))));
        }
        noteOf(label, true);
        return List.of();
      }
      if (wanted.labels().isEmpty() && label.cut) {
        throw new IOException(
            ("--label (%s): the texts of that column of %s are too long to be labels, the first is"
                    + " (%s); name another column, or the labels with --labels")
                .formatted(
                    label.name, table.name(), Details.clipped(String.valueOf(label.noNumber))));
      }
      List<String> labels =
          wanted.labels().isEmpty() ? List.copyOf(new TreeSet<>(label.values)) : wanted.labels();
      if (labels.size() < 2 || labels.size() > MOST_LABELS) {
        throw new IOException(
            ("--label (%s): that column of %s has %s different labels in %,d rows, and a job needs"
                    + " 2 to %s; name another column, or the labels with --labels, or --regression for"
                    + " numbers")
                .formatted(
                    label.name,
                    table.name(),
                    labels.size() >= MOST_COUNTED ? "too many" : labels.size(),
                    rows,
                    MOST_LABELS));
      }
      return labels;
    }

    private void noteOf(Column column, boolean number) {
      if (number && column.texts > 0) {
        notes.add(
            "column %s: %,d cells are no numbers, the first at line %s (%s): such rows are left out"
                .formatted(
                    Details.clipped(column.name),
                    column.texts,
                    column.noNumberLine,
                    Details.clipped(String.valueOf(column.noNumber))));
      }
      if (number && column != label && column.counts()) {
        notes.add(
            "column %s grows with every row, as a row's number does: leave it out with --without"
                .formatted(Details.clipped(column.name)));
      }
      if (column.present() == 0) {
        notes.add("column %s is empty".formatted(Details.clipped(column.name)));
      }
      if (!number && !wanted.text().contains(column.name) && column.isOfCommaNumbers()) {
        notes.add(
            ("column %s: %,d cells look like numbers with a comma, as (%s), and are taken as texts: write"
                    + " numbers as 1234.5")
                .formatted(Details.clipped(column.name), column.commas, column.firstComma));
      } else if (!number && column.values.size() >= MOST_COUNTED) {
        notes.add(
            "column %s has more than %,d different texts: leave an identifier out with --without"
                .formatted(Details.clipped(column.name), MOST_COUNTED));
      }
    }

    private void noteRows() {
      if (torn > 0) {
        notes.add(
            "%,d rows have another number of cells than the header, the first at line %s: they are left out"
                .formatted(torn, firstTorn));
      }
    }

    private void noteCounts() {
      List<Column> cut =
          columns.stream()
              .filter(
                  column ->
                      column.cut && (wanted.text().contains(column.name) || !column.isOfNumbers()))
              .toList();
      if (!cut.isEmpty()) {
        notes.add(
            ("the texts of %s columns, the first %s, are so many or long that their different ones were not all"
                    + " counted: their models have more columns than is said")
                .formatted(cut.size(), Details.clipped(cut.get(0).name)));
      }
      if (key != null && (key.cut || key.values.size() >= MOST_COUNTED)) {
        notes.add(
            "column %s has more than %,d different keys: each gets models of its own"
                .formatted(Details.clipped(key.name), Math.min(MOST_COUNTED, key.values.size())));
      }
    }
  }

  /**
   * The memory that may still be used for different texts, of all columns that share it: a file may
   * have thousands of them.
   */
  private static final class Room {

    /** Bytes that an entry takes in addition to its text: node, table, string and array. */
    private static final int ENTRY = 96;

    private long bytes;

    Room(long bytes) {
      this.bytes = bytes;
    }

    boolean takes(String text) {
      long cost = ENTRY + 2L * text.length();
      if (cost > bytes) {
        return false;
      }
      bytes -= cost;
      return true;
    }
  }

  /** What is counted of one column. */
  private static final class Column {

    private final String name;
    private final int at;
    private final Room room;
    private final Set<String> values = new HashSet<>();
    private boolean cut;
    private boolean codes;
    private boolean grows = true;
    private double last = Double.NEGATIVE_INFINITY;
    private long numbers;
    private long texts;
    private @Nullable String noNumber;
    private long noNumberLine;
    private long commas;
    private @Nullable String firstComma;

    Column(String name, int at, Room room) {
      this.name = name;
      this.at = at;
      this.room = room;
    }

    void take(CsvTable.Row row) {
      String cell = row.cells()[at];
      if (cell.isEmpty()) {
        return;
      }
      if (values.size() < MOST_COUNTED && !values.contains(cell)) {
        if (room.takes(cell)) {
          values.add(cell);
        } else {
          cut = true;
        }
      }
      codes = codes || Cells.isCode(cell);
      OptionalDouble number = Cells.number(cell);
      if (number.isPresent()) {
        numbers++;
        grows = grows && number.getAsDouble() == Math.rint(number.getAsDouble());
        grows = grows && number.getAsDouble() > last;
        last = number.getAsDouble();
      } else if (!Cells.isMissingNumber(cell)) {
        texts++;
        if (Cells.isCommaNumber(cell)) {
          commas++;
          firstComma = firstComma == null ? Details.clipped(cell) : firstComma;
        }
        if (noNumber == null) {
          noNumber = cell;
          noNumberLine = row.line();
        }
      }
    }

    long present() {
      return numbers + texts;
    }

    /** Whether it looks like the number of its row. */
    boolean counts() {
      return grows && numbers > FEW;
    }

    boolean isOfCommaNumbers() {
      return commas > 0 && (numbers + commas) * 100 >= present() * NUMBERS_OF_100;
    }

    boolean isOfNumbers() {
      return !codes && numbers > 0 && numbers * 100 >= present() * NUMBERS_OF_100;
    }
  }
}
