package dev.sluice.tool.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvTableTest {

  @TempDir Path folder;

  @Test
  void rowsHaveTheLineWhereTheyBegin() throws IOException {
    assertThat(rows("a,b\n1,\"x\ny\"\n\n \n2,\"say \"\"hi\"\"\"\r\n"))
        .containsExactly("2: 1|x\ny", "6: 2|say \"hi\"");
  }

  @Test
  void aByteOrderMarkIsNoPartOfAName() throws IOException {
    try (CsvTable table = CsvTable.open(file("\uFEFFa,b\n1,2\n"))) {
      assertThat(table.header()).containsExactly("a", "b");
    }
  }

  @Test
  void aBackslashIsACharacterLikeAnyOther() throws IOException {
    assertThat(rows("a,b\nC:\\,2\n")).containsExactly("2: C:\\|2");
  }

  @Test
  void aCompressedFileIsRead() throws IOException {
    Path file = folder.resolve("x.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write("a,b\n1,2\n".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(rows(file)).containsExactly("2: 1|2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {"a;b;\"c,d,e,f\"!;", "a\tb\tc!\t", "a|b!|", "a,b;c,d!,"})
  void theSeparatorIsWhatTheHeaderHasMostOf(String header, char separator) throws IOException {
    try (CsvTable table = CsvTable.open(file(header + "\n"))) {
      assertThat(table.separator()).isEqualTo(separator);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "''!is empty",
        "a!has one column (a)",
        "a,,c!column 2 of the first line has no name",
        "a,b,a!column 3 of the first line is (a), as one before it"
      })
  void aHeaderThatNamesNoColumnsIsRefused(String header, String why) throws IOException {
    Path file = file(header.isEmpty() ? "" : header + "\n");
    assertThatThrownBy(() -> CsvTable.open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(why);
  }

  @Test
  void aQuoteThatIsNotClosedNamesItsLine() throws IOException {
    String rest = "1,2\n".repeat(1_000);
    assertThatThrownBy(() -> rows("a,b\n1,2\n1,\"open\n" + rest))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("line 3 begins a row that does not end within 100 lines");
    assertThatThrownBy(() -> rows("a,b\n1,\"open\n"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("line 2 begins a row");
  }

  @Test
  void aLineWithoutAnEndIsNotCollectedInMemory() throws IOException {
    Path file = folder.resolve("long.csv");
    Files.writeString(file, "a,b\n" + "x".repeat(LineLimit.MOST_CHARS + 1));
    assertThatThrownBy(() -> rows(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("line 2 has more than 1,048,576 characters");
  }

  @Test
  void aRowOfManyLongLinesIsNotCollectedInMemory() throws IOException {
    String line = "x".repeat(100_000) + "\n";
    Path file =
        Files.writeString(folder.resolve("x.csv"), "a,b\n1,2\n3,\"" + line.repeat(20) + "\"\n");
    try (CsvTable table = CsvTable.open(file)) {
      table.next();
      assertThatThrownBy(table::next)
          .isInstanceOf(IOException.class)
          .hasMessage(
              file
                  + ": the row that begins at line 3 has more than 1,048,576 characters, and is not read");
    }
  }

  @Test
  void bytesThatAreNoTextAreRefused() throws IOException {
    Path file = folder.resolve("latin.csv");
    Files.write(file, "a,b\n1,stra\u00dfe\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> rows(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not UTF-8 at line");
  }

  /** Behind a row, where the reader's buffer of 65,536 characters ends. */
  @Test
  void aCompressedFileThatBreaksOffIsNotAtItsEnd() throws IOException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    int upTo;
    try (OutputStream out = new GZIPOutputStream(whole, 512, true)) {
      out.write(("a,b\n" + "1,2\n".repeat((1 << 14) - 1)).getBytes(StandardCharsets.UTF_8));
      out.flush();
      upTo = whole.size();
      out.write("3,4\n".getBytes(StandardCharsets.UTF_8));
    }
    Path file = folder.resolve("torn.csv.gz");
    Files.write(file, Arrays.copyOf(whole.toByteArray(), upTo));
    assertThatThrownBy(() -> rows(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file + " can't be read at line 16385");
  }

  /** It loses its beginning, as it is opened twice. */
  @Test
  void aPipeOrDeviceIsRefused() {
    assertThatThrownBy(() -> CsvTable.open(Path.of("/dev/null")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("/dev/null is no regular file");
  }

  @Test
  void anUnknownColumnIsNamedWithTheKnown() throws IOException {
    try (CsvTable table = CsvTable.open(file("a,b\u0007\n1,2\n"))) {
      assertThatThrownBy(() -> table.column("--key", "store\u001b[2J"))
          .hasMessageContaining("--key (store\\u{1b}[2J) is no column of ")
          .hasMessageEndingWith("which has a, b\\u{7}");
    }
  }

  private List<String> rows(String text) throws IOException {
    return rows(file(text));
  }

  private static List<String> rows(Path file) throws IOException {
    List<String> rows = new ArrayList<>();
    try (CsvTable table = CsvTable.open(file)) {
      for (CsvTable.Row row = table.next(); row != null; row = table.next()) {
        rows.add("%s: %s".formatted(row.line(), String.join("|", row.cells())));
      }
    }
    return rows;
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("x.csv"), text);
  }
}
