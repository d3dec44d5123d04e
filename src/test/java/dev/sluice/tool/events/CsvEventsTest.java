package dev.sluice.tool.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.codec.EventDecoder;
import dev.sluice.tool.events.CsvMapping.Kind;
import dev.sluice.tool.events.CsvMapping.Roles;
import dev.sluice.tool.events.CsvMapping.Times;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvEventsTest {

  private static final Instant START = Instant.parse("2026-11-01T00:00:00Z");
  private static final Map<String, Kind> FEATURES = Map.of("price", Kind.NUMBER, "sky", Kind.TEXT);
  private static final String HEADER = "at,store,sold,price,sky\n";

  @TempDir Path folder;

  private final List<String> bad = new ArrayList<>();

  @Test
  void aRowIsAnObservationAndItsOutcome() throws IOException {
    assertThat(events(HEADER + "2026-11-01 08:00:00,s1,yes,2.50,clear\n", "at", Duration.ZERO))
        .containsExactly(
            "{\"type\":\"observation\",\"id\":\"r-0\",\"key\":\"s1\",\"time\":\"2026-11-01T08:00:00Z\","
                + "\"features\":{\"price\":2.5,\"sky\":\"clear\"}}",
            "{\"type\":\"outcome\",\"id\":\"r-0\",\"key\":\"s1\",\"time\":\"2026-11-01T08:00:00Z\","
                + "\"label\":\"yes\"}");
  }

  @Test
  void withoutTimesEachRowIsASecondLater() throws IOException {
    assertThat(events(HEADER + ",s1,yes,1,a\n,s1,,2,\n", null, Duration.ZERO))
        .hasSize(3)
        .last()
        .asString()
        .contains("\"id\":\"r-1\"", "\"time\":\"2026-11-01T00:00:01Z\"", "{\"price\":2}")
        .doesNotContain("label");
  }

  @Test
  void outcomesComeWhenTheyAreDue() throws IOException {
    String rows = "0,a,yes,1,x\n60,b,no,1,x\n150,c,yes,1,x\n";
    assertThat(events(HEADER + rows, "at", Duration.ofSeconds(100)))
        .extracting(json -> json.replaceAll(".*type\":\"(.).*id\":\"r-(.).*", "$1$2"))
        .containsExactly("o0", "o1", "o0", "o2", "o1", "o2");
  }

  /** Its last outcomes came at its former end, so they come there again. */
  @Test
  void aFileThatHasGrownBeginsWithWhatItWas() throws IOException {
    String rows = HEADER;
    List<String> fed = new ArrayList<>();
    NavigableSet<Long> ends = new TreeSet<>();
    for (int size = 3; size <= 12; size += 3) {
      for (int row = size - 3; row < size; row++) {
        rows += "%s,k%s,yes,1,x\n".formatted(60 * row, row % 2);
      }
      List<FileEvent> all = all(rows, ends);
      assertThat(all).hasSize(2 * size);
      assertThat(jsons(all).subList(0, fed.size())).as("%s rows", size).isEqualTo(fed);
      fed = jsons(all);
      all.stream().map(FileEvent::endRow).filter(end -> end >= 0).forEach(ends::add);
      assertThat(ends).as("two outcomes are due later each time").contains((long) size);
    }
    assertThat(all(rows, ends).stream().filter(event -> event.endRow() >= 0)).hasSize(8);
  }

  private List<FileEvent> all(String rows, SortedSet<Long> ends) throws IOException {
    List<FileEvent> all = new ArrayList<>();
    Reading whole = Reading.whole(Duration.ofSeconds(100), "r-", decoder());
    try (CsvEvents events = new CsvEvents(table(rows), mapping("at"), whole, row -> {})) {
      events.endedAt(ends);
      events.forEachRemaining(all::add);
    }
    return all;
  }

  private static List<String> jsons(List<FileEvent> events) {
    return events.stream().map(event -> new String(event.json(), StandardCharsets.UTF_8)).toList();
  }

  @Test
  void badRowsAreNamedAndLeftOutWhole() throws IOException {
    String rows =
        String.join(
            "\n",
            "0,s1,yes,many,x", // 2
            "0,,yes,1,x", // 3
            "soon,s1,yes,1,x", // 4
            "0,s1,maybe,1,x", // 5
            "0,s1,yes,1", // 6
            "0,s1,yes,1e200,x", // 7
            "0,s1,yes,1,NaN", // 8
            "0,s1,yes,NA,x", // 9, the number is not there
            "0," + "k".repeat(1025) + ",yes,1,x", // 10
            "0,s1,\u001b[2J,1,x\n"); // 11
    assertThat(events(HEADER + rows, "at", Duration.ZERO)).hasSize(2);
    assertThat(bad)
        .satisfiesExactly(
            one ->
                assertThat(one)
                    .isEqualTo("line 2, column price: (many) is no number within ±1e100"),
            one -> assertThat(one).isEqualTo("line 3, column store: is empty"),
            one -> assertThat(one).startsWith("line 4, column at: (soon) is no time"),
            one ->
                assertThat(one)
                    .isEqualTo("line 5, column sold: (maybe) is none of the labels yes, no"),
            one -> assertThat(one).isEqualTo("line 6: has 4 cells, not 5"),
            one -> assertThat(one).startsWith("line 7, column price: (1e200) is no number"),
            one -> assertThat(one).startsWith("line 8: bad-feature: feature \"sky\""),
            one -> assertThat(one).startsWith("line 10: bad-field: field \"key\" is longer"),
            one -> assertThat(one).contains("(\\u{1b}[2J) is none of the labels"));
  }

  @Test
  void rowsOutOfTheRangeGiveNoEvents() throws IOException {
    try (CsvEvents events =
        new CsvEvents(
            table(HEADER + "0,a,yes,1,x\n1,b,no,1,x\n2,c,no,1,x\n"),
            mapping("at"),
            new Reading(1, 2, Duration.ZERO, "r-", decoder()),
            row -> {})) {
      assertThat(events).toIterable().hasSize(2).allMatch(event -> event.key().equals("b"));
    }
  }

  @Test
  void rowsThatGoBackInTimeAreCounted() throws IOException {
    try (CsvEvents events =
        new CsvEvents(
            table(HEADER + "5,a,yes,1,x\n3,b,no,1,x\n4,c,no,1,x\n"),
            mapping("at"),
            Reading.whole(Duration.ZERO, "r-", decoder()),
            row -> {})) {
      events.forEachRemaining(event -> {});
      assertThat(events.backwards()).isEqualTo(1);
    }
  }

  @Test
  void aTableWithoutAColumnOfTheMappingIsRefused() {
    assertThatThrownBy(() -> events("at,store,sold,sky\n", "at", Duration.ZERO))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the feature (price) is no column of");
  }

  private List<String> events(String text, @Nullable String time, Duration delay)
      throws IOException {
    List<String> all = new ArrayList<>();
    try (CsvEvents events =
        new CsvEvents(
            table(text),
            mapping(time),
            Reading.whole(delay, "r-", decoder()),
            row -> bad.add(row.toString()))) {
      events.forEachRemaining(event -> all.add(new String(event.json(), StandardCharsets.UTF_8)));
    }
    return all;
  }

  private CsvTable table(String text) throws IOException {
    return CsvTable.open(Files.writeString(folder.resolve("x.csv"), text));
  }

  private static EventDecoder decoder() {
    return new EventDecoder(List.of("yes", "no"), 100);
  }

  private static CsvMapping mapping(@Nullable String time) {
    return new CsvMapping(
        ',',
        new Roles("sold", "store", time, null),
        Times.INSTANTS,
        List.of("yes", "no"),
        new TreeMap<>(FEATURES),
        START);
  }
}
