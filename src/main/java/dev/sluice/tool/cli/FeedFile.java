package dev.sluice.tool.cli;

import dev.sluice.codec.Details;
import dev.sluice.codec.EventDecoder;
import dev.sluice.settings.JobSettings;
import dev.sluice.tool.demo.FlightEvents;
import dev.sluice.tool.demo.Flights;
import dev.sluice.tool.events.BadRow;
import dev.sluice.tool.events.CsvEvents;
import dev.sluice.tool.events.CsvMapping;
import dev.sluice.tool.events.CsvTable;
import dev.sluice.tool.events.InputEvent;
import dev.sluice.tool.events.JsonLines;
import dev.sluice.tool.events.Reading;
import dev.sluice.tool.feed.Feed;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A file of events of one of three kinds: the demo's flights, JSON lines, or a CSV of one's own.
 *
 * @param events in the order in which they are fed
 * @param name of the feed; empty for flights, which have a topic to themselves
 * @param idPrefix what ids begin with that are made of a row's number; empty if none are
 * @param file is closed
 */
record FeedFile(Iterator<? extends InputEvent> events, String name, String idPrefix, Closeable file)
    implements Closeable {

  private static final int FIRST_CHARS = 256;

  /** What a file is. */
  enum Kind {
    FLIGHTS,
    JSON_LINES,
    CSV
  }

  /**
   * How a file is read.
   *
   * @param fromRow the first row
   * @param toRow the row behind the last
   * @param delay how long after its row an outcome comes
   * @param name of the feed; null for the file's name
   */
  record Wanted(int fromRow, int toRow, Duration delay, @Nullable String name) {}

  /** What a file is, by its beginning; a mapping makes it a CSV. */
  static Kind kind(Path file, @Nullable Path mapping) throws IOException {
    requireRegular(file);
    if (mapping != null) {
      return Kind.CSV;
    }
    String first = firstChars(file).stripLeading();
    if (first.startsWith("{")) {
      return Kind.JSON_LINES;
    }
    return first.lines().findFirst().orElse("").equals(Flights.HEADER) ? Kind.FLIGHTS : Kind.CSV;
  }

  /** What was fed of a pipe could not be found again, and a transaction would be open meanwhile. */
  private static void requireRegular(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException("%s is a directory: name a file".formatted(file));
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new IOException(
          "%s is no regular file, as a pipe is none, and could not be fed on where a run ended: save it as a file"
              .formatted(file));
    }
  }

  private static String firstChars(Path file) throws IOException {
    char[] first = new char[FIRST_CHARS];
    try (var in = Files.newInputStream(file);
        var plain = file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in;
        var text = new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8))) {
      int count = Math.max(0, text.read(first, 0, FIRST_CHARS));
      String start = new String(first, 0, count);
      return start.startsWith("\uFEFF") ? start.substring(1) : start;
    }
  }

  /** The demo's flights. */
  static FeedFile flights(Path file, Wanted wanted) throws IOException {
    Flights flights = Flights.open(file);
    return new FeedFile(new FlightEvents(flights, wanted.fromRow, wanted.toRow), "", "", flights);
  }

  /** Events as JSON lines. */
  static FeedFile jsonLines(Path file, Wanted wanted, JobSettings job, Consumer<BadRow> bad)
      throws IOException {
    String name = name(file, wanted);
    JsonLines lines = JsonLines.open(file, reading(wanted, name, job), bad);
    return new FeedFile(lines, name, "", lines);
  }

  /** The rows of a CSV. */
  static FeedFile csv(
      Path file, Path mappingFile, Wanted wanted, JobSettings job, Consumer<BadRow> bad)
      throws IOException {
    CsvMapping mapping = CsvMapping.read(mappingFile);
    requireSameTargets(mapping, mappingFile, job);
    String name = name(file, wanted);
    CsvTable table = open(file, mapping.separator(), mappingFile);
    try {
      CsvEvents events = new CsvEvents(table, mapping, reading(wanted, name, job), bad);
      return new FeedFile(
          events, name, mapping.roles().id() == null ? Feed.idPrefix(name) : "", events);
    } catch (IOException | RuntimeException e) {
      table.close();
      throw e;
    }
  }

  private static CsvTable open(Path file, char separator, Path mappingFile) throws IOException {
    try {
      return CsvTable.open(file, separator);
    } catch (IOException e) {
      char found;
      try (CsvTable table = CsvTable.open(file)) {
        found = table.separator();
      }
      if (found == separator) {
        throw e;
      }
      throw new IOException(
          ("%s has the separator (%s) in its first line, and %s says (%s): write the file's there, or run"
                  + " 'sluice init' again")
              .formatted(file, found, mappingFile, separator),
          e);
    }
  }

  /** Otherwise every outcome would be a bad row, or a dead letter. */
  private static void requireSameTargets(CsvMapping mapping, Path file, JobSettings job)
      throws IOException {
    var labels = job.model().labels();
    if (!new HashSet<>(labels).containsAll(mapping.labels())
        || mapping.regression() != labels.isEmpty()) {
      throw new IOException(
          "%s is not of this job: %s, and the job learns %s"
              .formatted(
                  file,
                  mapping.regression()
                      ? "its column (%s) holds values".formatted(mapping.roles().label())
                      : "its labels are (%s)"
                          .formatted(Details.clipped(String.join(",", mapping.labels()))),
                  labels.isEmpty()
                      ? "values"
                      : "the labels (%s)".formatted(Details.clipped(String.join(",", labels)))));
    }
  }

  private static Reading reading(Wanted wanted, String name, JobSettings job) {
    return new Reading(
        wanted.fromRow,
        wanted.toRow,
        wanted.delay,
        Feed.idPrefix(name),
        new EventDecoder(job.model().labels(), job.input().rules()));
  }

  private static String name(Path file, Wanted wanted) {
    String name = wanted.name;
    return name == null ? String.valueOf(file.getFileName()) : name;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
