package dev.sluice.tool.events;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.sluice.codec.Details;
import dev.sluice.tool.events.CsvMapping.Kind;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Turns the rows of a CSV into events: an observation of each row, and its outcome where the row
 * has a label. Rows that can't be used are reported and left out, both events of them.
 *
 * <p>Without a delay an outcome comes right behind its observation. With one, outcomes come in the
 * order of their times, before the first row that is not earlier: honest, as far as the rows are in
 * the order of their times ({@link #backwards}). At the end of the file come those that are due
 * later. If it has grown since, they come where it ended then ({@link #endedAt}). Deterministic:
 * the same file gives the same events, byte for byte. Holds the rows whose outcome is due later,
 * nothing more.
 */
public final class CsvEvents implements GrowingEvents, Closeable {

  private static final JsonFactory JSON = new JsonFactory();
  private static final long MS_PER_ROW = 1000;
  private static final double EXACT = 1L << 53;

  private static final Comparator<FileEvent> BY_TIME =
      Comparator.comparingLong(FileEvent::timeMs).thenComparingLong(FileEvent::line);

  /** The key of all rows if no column is one. */
  private static final String ONE_KEY = "all";

  private final CsvTable table;
  private final CsvMapping mapping;
  private final Reading reading;
  private final Consumer<BadRow> bad;
  private final int label;
  private final int key;
  private final int time;
  private final int id;
  private final List<Feature> features = new ArrayList<>();
  private final Set<String> labels;
  private final Queue<FileEvent> ready = new ArrayDeque<>();
  private final PriorityQueue<FileEvent> due = new PriorityQueue<>(BY_TIME);
  private SortedSet<Long> ends = new TreeSet<>();
  private Map<Long, String> openMarks = Map.of();
  private boolean over;
  private long row;
  private long lastMs = Long.MIN_VALUE;
  private long backwards;

  /** A column that counts. */
  private record Feature(String name, Kind kind, int at) {}

  /** Says what is wrong with a row. */
  private static final class BadCell extends Exception {

    private static final long serialVersionUID = 1L;

    private final String column;
    private final BadRow.Kind kind;

    BadCell(String column, String what) {
      this(column, what, BadRow.Kind.UNUSABLE);
    }

    BadCell(String column, String what, BadRow.Kind kind) {
      super(what, null, false, false);
      this.column = column;
      this.kind = kind;
    }
  }

  /**
   * Reads a table, which it then owns.
   *
   * @param bad is given each row that can't be used
   * @throws IOException if the table lacks a column of the mapping
   */
  public CsvEvents(CsvTable table, CsvMapping mapping, Reading reading, Consumer<BadRow> bad)
      throws IOException {
    this.table = table;
    this.mapping = mapping;
    this.reading = reading;
    this.bad = bad;
    CsvMapping.Roles roles = mapping.roles();
    this.label = table.column("the label's column", roles.label());
    this.key = roles.key() == null ? -1 : table.column("the key's column", roles.key());
    this.time = roles.time() == null ? -1 : table.column("the time's column", roles.time());
    this.id = roles.id() == null ? -1 : table.column("the id's column", roles.id());
    for (Map.Entry<String, Kind> each : mapping.features().entrySet()) {
      int at = table.column("the feature", each.getKey());
      features.add(new Feature(each.getKey(), each.getValue(), at));
    }
    this.labels = new HashSet<>(mapping.labels());
  }

  @Override
  public void endedAt(SortedSet<Long> rows) {
    ends = new TreeSet<>(rows);
  }

  @Override
  public void wereOpen(Map<Long, String> marks) {
    openMarks = Map.copyOf(marks);
  }

  @Override
  public boolean hasNext() {
    try {
      while (ready.isEmpty()) {
        if (ends.remove(row)) {
          moveDueAtEnd();
          continue;
        }
        CsvTable.Row read = over || row >= reading.toRow() ? null : read();
        if (read == null) {
          moveDueAtEnd();
          return !ready.isEmpty();
        }
        take(read);
      }
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next row; null at the end, and at one that ends within a quote, as a half one may. */
  private CsvTable.@Nullable Row read() throws IOException {
    try {
      return table.next();
    } catch (OpenRowException e) {
      over = true;
      String what = OpenRow.heldBack("a quote (\") is not closed");
      bad.accept(new BadRow(e.line(), "", what, BadRow.Kind.HELD_BACK));
      return null;
    }
  }

  /**
   * The next event.
   *
   * @throws UncheckedIOException if the file can't be read on
   */
  @Override
  public FileEvent next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.remove();
  }

  /** How many rows so far were earlier than the row before them. */
  public long backwards() {
    return backwards;
  }

  @Override
  public void close() throws IOException {
    table.close();
  }

  private void moveDueAtEnd() {
    while (!due.isEmpty()) {
      ready.add(due.remove().atEnd(row));
    }
  }

  private void moveDue(long untilMs) {
    for (FileEvent first = due.peek();
        first != null && first.timeMs() <= untilMs;
        first = due.peek()) {
      ready.add(due.remove());
    }
  }

  private void take(CsvTable.Row read) throws IOException {
    long number = row++;
    if (number < reading.fromRow()) {
      return;
    }
    OpenRow.requireSame(openMarks, table.name(), read.line(), number, read.cells());
    try {
      List<FileEvent> events = events(read, number);
      FileEvent observation = events.get(0);
      backwards += observation.timeMs() < lastMs ? 1 : 0;
      lastMs = observation.timeMs();
      moveDue(observation.timeMs());
      ready.add(observation);
      if (events.size() > 1) {
        (reading.delay().isZero() ? ready : due).add(events.get(1));
      }
    } catch (BadCell e) {
      String what = String.valueOf(e.getMessage());
      if (read.open()) {
        row = number; // it comes behind what was due at the end of this file
        over = true;
        bad.accept(
            new BadRow(read.line(), e.column, OpenRow.heldBack(what), BadRow.Kind.HELD_BACK));
        return;
      }
      bad.accept(new BadRow(read.line(), e.column, what, e.kind));
    }
  }

  /** An observation, and its outcome if there is a label. */
  private List<FileEvent> events(CsvTable.Row read, long number) throws IOException, BadCell {
    String[] cells = read.cells();
    if (cells.length != table.header().size()) {
      throw new BadCell("", "has %s cells, not %s".formatted(cells.length, table.header().size()));
    }
    if (read.open()) {
      present(cells, cells.length - 1); // as where a row was cut behind a separator
    }
    String entity = key < 0 ? ONE_KEY : present(cells, key);
    String joint = id < 0 ? reading.prefix() + number : present(cells, id);
    long ms = timeMs(cells, number);
    List<FileEvent> events = new ArrayList<>(2);
    events.add(
        judged(
            new FileEvent(read.line(), joint, entity, ms, observation(cells, joint, entity, ms))));
    String learned = cells[label];
    boolean missing = mapping.regression() ? Cells.isMissingNumber(learned) : learned.isEmpty();
    if (!missing) {
      long at = ms + reading.delay().toMillis();
      byte[] json = outcome(learned, joint, entity, at);
      events.add(judged(new FileEvent(read.line(), joint, entity, at, json)));
    }
    if (read.open()) {
      String mark = OpenRow.mark(number, cells);
      events.replaceAll(event -> event.open(mark));
    }
    return events;
  }

  private String present(String[] cells, int at) throws BadCell {
    if (cells[at].isEmpty()) {
      throw new BadCell(column(at), "is empty");
    }
    return cells[at];
  }

  private long timeMs(String[] cells, long number) throws BadCell {
    if (time < 0) {
      return mapping.start().toEpochMilli() + number * MS_PER_ROW;
    }
    OptionalLong ms = Cells.timeMs(present(cells, time), mapping.times());
    if (ms.isEmpty()) {
      throw new BadCell(
          column(time),
          "(%s) is no time: ISO-8601, as 2026-11-30T08:15:00Z, or %s"
              .formatted(
                  Details.clipped(cells[time]),
                  mapping.times() == CsvMapping.Times.DIGITS
                      ? "a date as 20260131, as other rows have it"
                      : "epoch seconds or milliseconds"));
    }
    return ms.getAsLong();
  }

  private byte[] observation(String[] cells, String joint, String entity, long ms)
      throws IOException, BadCell {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      begin(json, "observation", joint, entity, ms);
      json.writeObjectFieldStart("features");
      for (Feature feature : features) {
        String cell = cells[feature.at];
        if (feature.kind == Kind.TEXT && !cell.isEmpty()) {
          json.writeStringField(feature.name, cell);
        } else if (feature.kind == Kind.NUMBER && !Cells.isMissingNumber(cell)) {
          json.writeFieldName(feature.name);
          write(json, number(feature.at, cell));
        }
      }
      json.writeEndObject();
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  private byte[] outcome(String learned, String joint, String entity, long ms)
      throws IOException, BadCell {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      begin(json, "outcome", joint, entity, ms);
      if (mapping.regression()) {
        json.writeFieldName("value");
        write(json, number(label, learned));
      } else if (labels.contains(learned)) {
        json.writeStringField("label", learned);
      } else {
        throw new BadCell(
            column(label),
            "(%s) is none of the labels %s"
                .formatted(
                    Details.clipped(learned), Details.clipped(String.join(", ", mapping.labels()))),
            BadRow.Kind.UNKNOWN_LABEL);
      }
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  private static void begin(JsonGenerator json, String type, String id, String key, long ms)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("type", type);
    json.writeStringField("id", id);
    json.writeStringField("key", key);
    json.writeStringField("time", Instant.ofEpochMilli(ms).toString());
  }

  private double number(int at, String cell) throws BadCell {
    OptionalDouble number = Cells.number(cell);
    if (number.isEmpty()) {
      throw new BadCell(
          column(at), "(%s) is no number within ±1e100".formatted(Details.clipped(cell)));
    }
    return number.getAsDouble();
  }

  /** A whole number without a fraction, as people write it. */
  private static void write(JsonGenerator json, double number) throws IOException {
    if (number == Math.rint(number) && Math.abs(number) < EXACT) {
      json.writeNumber((long) number);
    } else {
      json.writeNumber(number);
    }
  }

  /** What the job would refuse is a bad row here. */
  private FileEvent judged(FileEvent event) throws BadCell {
    String problem =
        Judge.problem(Judge.event(reading.decoder(), event.key(), event.line(), event.json()));
    if (problem != null) {
      throw new BadCell("", problem);
    }
    return event;
  }

  private String column(int at) {
    return "column " + Details.clipped(table.header().get(at));
  }
}
