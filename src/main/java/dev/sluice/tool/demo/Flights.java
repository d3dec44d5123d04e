package dev.sluice.tool.demo;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Streams the flights of a CSV file, gzipped or not, in the order of the file, which is the order
 * of departure. Holds one row at a time.
 */
public final class Flights implements Iterator<Flight>, Closeable {

  /** The first line of such a file. */
  public static final String HEADER = "date,delay,distance,origin,destination";

  private static final int COLUMNS = 5;
  private static final Pattern IATA = Pattern.compile("[A-Z0-9]{3}");

  private final String name;
  private final BufferedReader reader;
  private @Nullable Flight next;
  private int row;

  private Flights(String name, BufferedReader reader) throws IOException {
    this.name = name;
    this.reader = reader;
    String header = reader.readLine();
    if (!HEADER.equals(header)) {
      throw new IOException(
          "%s is no file of flights: its first line must be (%s), but is (%s)"
              .formatted(name, HEADER, header));
    }
    next = read();
  }

  /**
   * Opens a file.
   *
   * @throws IOException if it can't be read or does not begin with {@link #HEADER}
   */
  public static Flights open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    try {
      InputStream plain = file.toString().endsWith(".gz") ? new GZIPInputStream(in, 1 << 16) : in;
      return new Flights(
          file.toString(),
          new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8)));
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  /**
   * The next flight.
   *
   * @throws UncheckedIOException if the row after it can't be read or is not a flight that departs
   *     no earlier
   */
  @Override
  public Flight next() {
    Flight flight = next;
    if (flight == null) {
      throw new NoSuchElementException();
    }
    try {
      next = read();
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
    if (next != null && next.departureMs() < flight.departureMs()) {
      throw new UncheckedIOException(
          new IOException("%s: row %s departs before row %s".formatted(name, row - 1, row - 2)));
    }
    return flight;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }

  private @Nullable Flight read() throws IOException {
    String line = reader.readLine();
    return line == null ? null : parse(line, row++);
  }

  private Flight parse(String line, int number) throws IOException {
    String[] cells = line.split(",", -1);
    try {
      if (cells.length == COLUMNS
          && IATA.matcher(cells[3]).matches()
          && IATA.matcher(cells[4]).matches()
          && Integer.parseInt(cells[2]) > 0) {
        long departure = LocalDateTime.parse(cells[0]).toInstant(ZoneOffset.UTC).toEpochMilli();
        return new Flight(
            number,
            departure,
            Integer.parseInt(cells[1]),
            Integer.parseInt(cells[2]),
            cells[3],
            cells[4]);
      }
    } catch (DateTimeParseException | NumberFormatException e) {
      throw new IOException("%s: row %s is not a flight: (%s)".formatted(name, number, line), e);
    }
    throw new IOException("%s: row %s is not a flight: (%s)".formatted(name, number, line));
  }
}
