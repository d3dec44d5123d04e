package dev.sluice.tool.events;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.tool.events.CsvLook.Wanted;
import dev.sluice.tool.events.CsvMapping.Kind;
import dev.sluice.tool.events.CsvMapping.Roles;
import dev.sluice.tool.events.CsvMapping.Times;
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
import org.junit.jupiter.params.provider.CsvSource;
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

  @ParameterizedTest
  @CsvSource({
    "20260131,20260201,2026-01-31T00:00:00Z",
    "2026013107,2026020100,2026-01-31T07:00:00Z",
    "202601310815,202602010000,2026-01-31T08:15:00Z",
    "20260131081509,20260201000000,2026-01-31T08:15:09Z"
  })
  void digitsOfDatesAreDates(String first, String second, Instant time) throws IOException {
    String text = "at,store,sold,p\n%s,s,a,1\n%s,s,b,1\n".formatted(first, second);
    CsvLook look = look(text, wanted("sold", "at"), 10);
    assertThat(look.mapping().times()).isEqualTo(Times.DIGITS);
    assertThat(look.first()).isEqualTo(time);
    assertThat(look.last()).isEqualTo(Instant.parse("2026-02-01T00:00:00Z"));
    assertThat(look.notes()).isEmpty();
  }

  @Test
  void secondsThatPassADateAreSeconds() throws IOException {
    String text = "at,store,sold,p\n" + rows(1_000, i -> (20_260_000 + i) + ",s," + i % 2 + ",1");
    CsvLook look = look(text, wanted("sold", "at"), 5_000);
    assertThat(look.mapping().times()).isEqualTo(Times.INSTANTS);
    assertThat(look.first()).isEqualTo(Instant.ofEpochSecond(20_260_000));
    assertThat(look.notes())
        .containsExactly(
            "column at: (20260000) and the like are read as seconds since 1970, from 1970-08-23T11:46:40Z on:"
                + " if they are dates, write them as 2026-01-31");
  }

  @Test
  void timesOfAnotherFormAreNamed() {
    String text = "at,store,sold,p\n" + rows(20, i -> "31.01.2026 08:15,s,%s,1".formatted(i % 2));
    assertThatThrownBy(() -> look(text, wanted("sold", "at"), 100))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("--time (at)")
        .hasMessageContaining("is a time, the first is (31.01.2026 08:15) at line 2")
        .hasMessageContaining("2026-01-31T08:15:09Z or 2026-01-31 08:15:09 (UTC)");
  }

  @Test
  void numbersWithACommaAreNoticed() throws IOException {
    String rows = rows(20, i -> "s;%s;%s,5;%s".formatted(i % 2, i, i == 7 ? "a,b" : "1,5"));
    CsvLook look = look("store;sold;price;note\n" + rows, wanted("sold", null), 100);
    assertThat(look.mapping().features().get("price")).isEqualTo(Kind.TEXT);
    assertThat(look.notes())
        .containsExactly(
            "column price: 20 cells look like numbers with a comma, as (0,5), and are taken as texts: write"
                + " numbers as 1234.5",
            "column note: 19 cells look like numbers with a comma, as (1,5), and are taken as texts: write"
                + " numbers as 1234.5");
  }

  @Test
  void datesAmongNumbersAreRefused() {
    String text = "at,store,sold,p\n" + rows(20, i -> (i < 10 ? 20260101 + i : i) + ",s,a,1");
    assertThatThrownBy(() -> look(text, wanted("sold", "at"), 100))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("--time (at)")
        .hasMessageContaining("10 cells, as (20260101) at line 2, look like dates")
        .hasMessageContaining("10 others, as (10) at line 12, do not")
        .hasMessageContaining("write dates as 2026-01-31");
  }

  @Test
  void manyShortTextsAreNotAllRemembered() throws IOException {
    String rows =
        rows(
            9_000,
            i ->
                "s,%s,%s"
                    .formatted(
                        i < 8_000 ? "a" : "b",
                        IntStream.range(0, 100).mapToObj(c -> "t" + i).collect(joining(","))));
    String header = IntStream.range(0, 100).mapToObj(c -> "c" + c).collect(joining(","));
    CsvLook look = look("store,sold," + header + "\n" + rows, wanted("sold", null), 10_000);
    assertThat(look.columns() * 80L)
        .as("bytes that these texts take at least")
        .isLessThan(80 << 20);
    assertThat(look.mapping().labels()).as("whatever the features hold").containsExactly("a", "b");
    assertThat(look.notes())
        .contains(
            "the texts of 100 columns, the first c0, are so many or long that their different ones were not all"
                + " counted: their models have more columns than is said");
  }

  @Test
  void textsTooLongForLabelsAreRefused() {
    String text = "x".repeat(100_000);
    String csv = "store,sold,p\n" + rows(60, i -> "s,%s%s,1".formatted(text, i));
    assertThatThrownBy(() -> look(csv, wanted("sold", null), 100))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("--label (sold)")
        .hasMessageContaining("too long to be labels");
  }

  @Test
  void longCellsAreNotAllRemembered() throws IOException {
    String cell = "x".repeat(500_000);
    String rows = rows(100, i -> "s,%s,%s%s".formatted(i % 2, cell, i));
    CsvLook look = look("store,sold,text\n" + rows, wanted("sold", null), 5_000);
    assertThat(look.columns()).isBetween(55, 70);
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
