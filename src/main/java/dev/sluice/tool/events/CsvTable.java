package dev.sluice.tool.events;

import static java.util.stream.Collectors.joining;

import com.opencsv.CSVReader;
import com.opencsv.CSVReaderBuilder;
import com.opencsv.RFC4180ParserBuilder;
import com.opencsv.exceptions.CsvValidationException;
import dev.sluice.codec.Details;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Streams the rows of a CSV with a header, as RFC 4180 has it, in UTF-8, gzipped or not. Holds one
 * row at a time, of bounded size. Cells and names are given without blanks around them.
 */
public final class CsvTable implements Closeable {

  /** Of a cell with line breaks: more is a quote that is not closed. */
  private static final int MOST_LINES_OF_A_ROW = 100;

  private static final int MOST_COLUMNS = 10_000;
  private static final int SHOWN_COLUMNS = 20;
  private static final List<Character> SEPARATORS = List.of(',', ';', '\t', '|');

  private final String name;
  private final char separator;
  private final RowText text;
  private final CSVReader reader;
  private final List<String> header;

  private CsvTable(String name, BufferedReader text, char separator) throws IOException {
    this.name = name;
    this.separator = separator;
    this.text = new RowText(text, name);
    this.reader =
        new CSVReaderBuilder(this.text)
            .withCSVParser(new RFC4180ParserBuilder().withSeparator(separator).build())
            .withMultilineLimit(MOST_LINES_OF_A_ROW)
            .withErrorLocale(Locale.ROOT)
            .withVerifyReader(false) // it takes some failures to read for the end of the file
            .build();
    Row first = next();
    if (first == null) {
      throw new IOException("%s is empty: its first line must name the columns".formatted(name));
    }
    this.header = checked(List.of(first.cells()));
  }

  /**
   * One row.
   *
   * @param line where it begins in the file, from 1
   * @param cells of the row's columns, as many as it has; owned by the receiver
   * @param open whether the file ends with it, without a line end
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Row(long line, String[] cells, boolean open) {}

  /** Refuses a row that is longer than any event may be, before it is collected in memory. */
  private static final class RowText extends Lines {
    private final String name;
    private long row;
    private long chars;

    RowText(BufferedReader text, String name) {
      super(text);
      this.name = name;
    }

    /** A row begins at this line. */
    void begin(long line) {
      row = line;
      chars = 0;
    }

    @Override
    public @Nullable String readLine() throws IOException {
      String line = super.readLine();
      chars += line == null ? 0 : line.length();
      if (chars > LineLimit.MOST_CHARS) {
        throw new IOException(
            "%s: the row that begins at line %s has more than %,d characters, and is not read"
                .formatted(name, row, LineLimit.MOST_CHARS));
      }
      return line;
    }
  }

  /**
   * Opens a file. The separator is the one of comma, semicolon, tab and bar that the first line has
   * most of.
   *
   * @throws IOException if it can't be read, is a pipe, or its first line does not name columns
   */
  public static CsvTable open(Path file) throws IOException {
    TextFile.requireRegular(file);
    String first;
    try (BufferedReader text = TextFile.open(file)) {
      first = text.readLine();
    } catch (CharacterCodingException e) {
      throw TextFile.notUtf8(file.toString(), 1, e);
    }
    return open(file, separator(first == null ? "" : first));
  }

  /**
   * Opens a file whose separator is known.
   *
   * @throws IOException if it can't be read, or its first line does not name columns
   */
  public static CsvTable open(Path file, char separator) throws IOException {
    BufferedReader text = TextFile.open(file);
    try {
      return new CsvTable(file.toString(), text, separator);
    } catch (IOException | RuntimeException e) {
      text.close();
      throw e;
    }
  }

  private static char separator(String header) {
    String unquoted = header.replaceAll("\"[^\"]*\"", "");
    char best = SEPARATORS.get(0);
    long most = 0;
    for (char each : SEPARATORS) {
      long count = unquoted.chars().filter(c -> c == each).count();
      if (count > most) {
        most = count;
        best = each;
      }
    }
    return best;
  }

  /** What the file is called in messages. */
  public String name() {
    return name;
  }

  public char separator() {
    return separator;
  }

  /** The columns' names, all different. */
  public List<String> header() {
    return header;
  }

  /**
   * Where a column is.
   *
   * @param flag what names it, for the message
   * @throws IOException if there is no such column
   */
  public int column(String flag, String column) throws IOException {
    int at = header.indexOf(column);
    if (at < 0) {
      throw new IOException(
          "%s (%s) is no column of %s, which has %s"
              .formatted(flag, Details.clipped(column), name, columns()));
    }
    return at;
  }

  /** The columns' names for a message, as many as can be read there. */
  private String columns() {
    String some = header.stream().limit(SHOWN_COLUMNS).map(Details::clipped).collect(joining(", "));
    return header.size() > SHOWN_COLUMNS
        ? "%s and %s more".formatted(some, header.size() - SHOWN_COLUMNS)
        : some;
  }

  /**
   * The next row that is not blank; null at the end.
   *
   * @throws IOException if the file can't be read, or is no CSV from here on
   */
  public @Nullable Row next() throws IOException {
    while (true) {
      long line = reader.getLinesRead() + 1;
      String[] cells = read(line);
      if (cells == null) {
        return null;
      }
      if (cells.length > 1 || !cells[0].isBlank()) {
        String[] stripped = Arrays.stream(cells).map(String::strip).toArray(String[]::new);
        return new Row(line, stripped, text.isOpen());
      }
    }
  }

  private String @Nullable [] read(long line) throws IOException {
    text.begin(line);
    try {
      return reader.readNext();
    } catch (CharacterCodingException e) {
      throw TextFile.notUtf8(name, line, e);
    } catch (CsvValidationException e) {
      throw new IOException("%s: line %s is no row of a CSV".formatted(name, line), e);
    } catch (IOException e) {
      String why = String.valueOf(e.getMessage());
      if (why.startsWith(name)) {
        throw e;
      }
      if (!e.getClass().getPackageName().startsWith("com.opencsv")) {
        throw new IOException("%s can't be read at line %s: %s".formatted(name, line, why), e);
      }
      String what =
          "%s: line %s begins a row that does not end within %s lines: a quote (\") is not closed"
              .formatted(name, line, MOST_LINES_OF_A_ROW);
      throw text.isOver() ? new OpenRowException(line, what, e) : new IOException(what, e);
    }
  }

  private List<String> checked(List<String> names) throws IOException {
    if (names.size() < 2) {
      throw new IOException(
          "%s has one column (%s): its first line must name the columns, with %s between them"
              .formatted(name, Details.clipped(names.get(0)), "a comma, semicolon, tab or bar"));
    }
    if (names.size() > MOST_COLUMNS) {
      throw new IOException(
          "%s has %,d columns, more than %,d".formatted(name, names.size(), MOST_COLUMNS));
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < names.size(); i++) {
      String each = names.get(i);
      if (each.isEmpty() || !seen.add(each)) {
        throw new IOException(
            "%s: column %s of the first line %s; the first line must name each column"
                .formatted(
                    name,
                    i + 1,
                    each.isEmpty()
                        ? "has no name"
                        : "is (%s), as one before it".formatted(Details.clipped(each))));
      }
    }
    return names;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
