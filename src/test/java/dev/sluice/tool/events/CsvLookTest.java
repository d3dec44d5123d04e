package dev.sluice.tool.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.tool.events.CsvLook.Wanted;
import dev.sluice.tool.events.CsvMapping.Kind;
import dev.sluice.tool.events.CsvMapping.Roles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvLookTest {

  private static final Instant START = Instant.parse("2026-11-01T00:00:00Z");
  private static final String TABLE =
      """
      at,store,sold,price,zip,sky,empty
      2026-11-01,s1,yes,1.5,00123,clear,
      2026-11-02,s2,no,NA,99123,,
      2026-11-03,s1,yes,-3e2,10115,rain,
      """;

  @TempDir Path folder;

  @Test
  void columnsAreNumbersOrTexts() throws IOException {
    CsvLook look = look(TABLE, wanted("sold", "at"), 1000);
    assertThat(look.mapping().features())
        .isEqualTo(
            new TreeMap<>(
                Map.of(
                    "price", Kind.NUMBER, "zip", Kind.TEXT, "sky", Kind.TEXT, "empty", Kind.TEXT)));
    assertThat(look.mapping().labels()).containsExactly("no", "yes");
    assertThat(look.columns()).as("price, three zips, two skies").isEqualTo(6);
    assertThat(look.keys()).isEqualTo(2);
    assertThat(look.first()).isEqualTo(Instant.parse("2026-11-01T00:00:00Z"));
    assertThat(look.last()).isEqualTo(Instant.parse("2026-11-03T00:00:00Z"));
    assertThat(look.notes()).containsExactly("column empty is empty");
  }

  @Test
  void aColumnWithACodeAmongManyNumbersIsOfTexts() throws IOException {
    String rows = rows(1_000, i -> "s,%s,%s".formatted(i % 2, i == 7 ? "00123" : 10_000 + i));
    assertThat(look("store,sold,zip\n" + rows, wanted("sold", null), 5_000).mapping().features())
        .containsEntry("zip", Kind.TEXT);
  }

  @Test
  void aFewBadCellsMakeNoColumnOfTexts() throws IOException {
    String rows = rows(100, i -> "s,%s,%s".formatted(i % 2, i == 7 ? "broken" : i % 9));
    CsvLook look = look("store,sold,price\n" + rows, wanted("sold", null), 5_000);
    assertThat(look.mapping().features()).containsEntry("price", Kind.NUMBER);
    assertThat(look.notes())
        .containsExactly(
            "column price: 1 cells are no numbers, the first at line 9 (broken): such rows are left"
                + " out");
  }

  @Test
  void aRowsNumberIsNoted() throws IOException {
    String rows = rows(100, i -> "s,%s,%s,%s".formatted(i % 2, i, i + 0.5));
    assertThat(look("store,sold,row,price\n" + rows, wanted("sold", null), 5_000).notes())
        .containsExactly(
            "column row grows with every row, as a row's number does: leave it out with --without");
  }

  @Test
  void aLabelOfManyNumbersIsAValue() throws IOException {
    String rows = rows(100, i -> "s,%s,1".formatted(i * 0.5));
    assertThat(look("store,sold,p\n" + rows, wanted("sold", null), 5_000).mapping().regression())
        .isTrue();
  }

  @Test
  void aLabelOfFewNumbersIsALabelUnlessAsked() throws IOException {
    String text = "store,sold,p\n" + rows(100, i -> "s,%s,1".formatted(i % 3));
    assertThat(look(text, wanted("sold", null), 5_000).mapping().labels())
        .containsExactly("0", "1", "2");
    Wanted values =
        new Wanted(new Roles("sold", "store", null, null), Set.of(), Set.of(), List.of(), true);
    assertThat(look(text, values, 5_000).mapping().regression()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"same", ""})
  void aColumnWithoutTwoLabelsIsRefused(String label) {
    String text = "store,sold,p\n" + rows(10, i -> "s,%s,1".formatted(label));
    assertThatThrownBy(() -> look(text, wanted("sold", null), 5_000))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("--label (sold)")
        .hasMessageContaining("--labels");
  }

  @Test
  void anIdentifierIsNoLabel() {
    String text = "store,sold,p\n" + rows(200, i -> "s,x%s,1".formatted(i));
    assertThatThrownBy(() -> look(text, wanted("sold", null), 5_000))
        .hasMessageContaining("has 200 different labels in 200 rows");
  }

  @Test
  void rowsThatGoBackInTimeAndTornOnesAreNoted() throws IOException {
    String text =
        """
        at,store,sold,p
        20,s,a,1
        10,s,b,1
        x,s,b,1
        30,s,b
        """;
    CsvLook look = look(text, wanted("sold", "at"), 5_000);
    assertThat(look.notes()).hasSize(3);
    assertThat(look.notes().get(0)).contains("1 rows have another number", "line 5");
    assertThat(look.notes().get(1)).contains("1 rows have no time", "line 4");
    assertThat(look.notes().get(2)).contains("1 rows are earlier", "line 3", "sort the file");
  }

  @Test
  void longCellsAreNotAllRemembered() throws IOException {
    String cell = "x".repeat(500_000);
    String rows = rows(100, i -> "s,%s,%s%s".formatted(i % 2, cell, i));
    CsvLook look = look("store,sold,text\n" + rows, wanted("sold", null), 5_000);
    assertThat(look.columns()).isBetween(60, 70);
    assertThat(look.mapping().labels()).as("short ones still are").containsExactly("0", "1");
  }

  @Test
  void noMoreRowsAreReadThanAskedFor() throws IOException {
    String text = "store,sold,p\n" + rows(100, i -> "s,%s,1".formatted(i % 2));
    CsvLook look = look(text, wanted("sold", null), 10);
    assertThat(look.rows()).isEqualTo(10);
    assertThat(look.whole()).isFalse();
    assertThat(look(text, wanted("sold", null), 100).whole()).isTrue();
  }

  @Test
  void columnsThatDoNotCountAreLeftOut() throws IOException {
    Wanted wanted =
        new Wanted(
            new Roles("sold", "store", "at", null),
            Set.of("empty", "sky"),
            Set.of("price"),
            List.of("yes", "no"),
            false);
    CsvMapping mapping = look(TABLE, wanted, 1000).mapping();
    assertThat(mapping.features()).isEqualTo(Map.of("price", Kind.TEXT, "zip", Kind.TEXT));
    assertThat(mapping.labels()).containsExactly("yes", "no");
  }

  private static String rows(int count, IntFunction<String> row) {
    return IntStream.range(0, count).mapToObj(row).collect(Collectors.joining("\n", "", "\n"));
  }

  private static Wanted wanted(String label, @Nullable String time) {
    return new Wanted(new Roles(label, "store", time, null), Set.of(), Set.of(), List.of(), false);
  }

  private CsvLook look(String text, Wanted wanted, long most) throws IOException {
    try (CsvTable table = CsvTable.open(Files.writeString(folder.resolve("x.csv"), text))) {
      return CsvLook.at(table, wanted, most, START);
    }
  }
}
