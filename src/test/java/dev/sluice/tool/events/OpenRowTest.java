package dev.sluice.tool.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.codec.EventDecoder;
import dev.sluice.tool.events.CsvMapping.Kind;
import dev.sluice.tool.events.CsvMapping.Roles;
import dev.sluice.tool.events.CsvMapping.Times;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a last line without a line end, whatever it becomes later. */
class OpenRowTest {

  private static final String HEADER = "at,store,sold,price\n";
  private static final String ROWS =
      "0,a,yes,1.25\n60,\"b, \"\"c\"\"\",no,7\n\n120,\"two\nlines\",yes,31\r\n180,d,,12.5\n";
  private static final String JSON =
      "{\"type\":\"observation\",\"id\":\"1\",\"key\":\"k\",\"time\":5,\"features\":{\"x\":15}}";

  @TempDir Path folder;

  private final List<BadRow> bad = new ArrayList<>();

  /** All events of a file, or why they end. */
  private record Read(List<FileEvent> events, String failure) {

    List<String> jsons() {
      return events.stream().map(one -> new String(one.json(), StandardCharsets.UTF_8)).toList();
    }

    Map<Long, String> marks() {
      Map<Long, String> marks = new TreeMap<>();
      for (FileEvent event : events) {
        if (!event.openRow().isEmpty()) {
          String mark = event.openRow();
          marks.put(Long.parseLong(mark.substring(0, mark.indexOf('/'))), mark);
        }
      }
      return marks;
    }

    NavigableSet<Long> ends() {
      NavigableSet<Long> ends = new TreeSet<>();
      events.stream().map(FileEvent::endRow).filter(end -> end >= 0).forEach(ends::add);
      return ends;
    }
  }

  private static final Read NOTHING = new Read(List.of(), "");

  @ParameterizedTest
  @ValueSource(ints = {0, 100})
  void whereverAFileIsCutItIsContinuedOrRefused(int delay) throws IOException {
    int refused = 0;
    for (int cut = HEADER.length(); cut <= (HEADER + ROWS).length(); cut++) {
      String text = (HEADER + ROWS).substring(0, cut);
      Read fed = csv(text, delay, NOTHING);
      assertThat(fed.failure()).as(text).isEmpty();
      Read grown = csv(HEADER + ROWS, delay, fed);
      if (grown.failure().isEmpty()) {
        assertThat(grown.jsons().subList(0, fed.events().size()))
            .as("what was fed of %s stands", text)
            .isEqualTo(fed.jsons());
        assertThat(grown.events()).hasSize(7);
      } else {
        assertThat(text).as("a number is cut").containsPattern("[0-9.]$");
        refused++;
      }
    }
    assertThat(refused)
        .as("1 and 1. and 1.2 of 1.25, 3 of 31, 1 and 12 and 12. of 12.5")
        .isEqualTo(7);
  }

  @Test
  void aRowThatCannotBeUsedYetIsHeldBackAndNamed() throws IOException {
    Read fed = csv(HEADER + "0,a,yes,1\n60,b,n", 0, NOTHING);
    assertThat(fed.events()).hasSize(2);
    assertThat(bad)
        .singleElement()
        .satisfies(row -> assertThat(row.kind()).isEqualTo(BadRow.Kind.HELD_BACK))
        .asString()
        .startsWith("line 3: has 3 cells, not 4; the file ends within this row")
        .endsWith("held back and fed once it is whole");
    Read grown = csv(HEADER + "0,a,yes,1\n60,b,no,2\n", 0, fed);
    assertThat(grown.jsons()).hasSize(4).element(3).asString().contains("\"id\":\"r-1\"");
  }

  @Test
  void aRowThatWentOnAfterItWasFedIsRefused() throws IOException {
    Read fed = csv(HEADER + "0,a,yes,1\n60,b,no,2", 0, NOTHING);
    assertThat(fed.events()).as("it is whole").hasSize(4);
    assertThat(bad).isEmpty();
    assertThat(csv(HEADER + "0,a,yes,1\n60,b,no,2\n90,c,no,3\n", 0, fed).failure()).isEmpty();
    Read grown = csv(HEADER + "0,a,yes,1\n60,b,no,25\n90,c,no,3\n", 0, fed);
    assertThat(grown.failure())
        .contains("line 3 of", "x.csv had no line end when it was fed, and it is another one")
        .contains("--from-row 2", "--as NAME");
    assertThat(grown.events()).as("the row in front of it").hasSize(2);
  }

  @Test
  void aQuoteThatIsNotClosedYetIsHeldBack() throws IOException {
    for (String rest : List.of("", "\n", "\nc", "\nc\n")) {
      bad.clear();
      Read fed = csv(HEADER + "0,a,yes,1\n60,\"b" + rest, 0, NOTHING);
      assertThat(fed.events()).hasSize(2);
      assertThat(bad).singleElement().asString().startsWith("line 3: a quote (\") is not closed; ");
    }
    assertThatThrownBy(() -> csvOf(HEADER + "60,\"b\n" + "c\n".repeat(200), 0).hasNext())
        .as("that is no row that is being written")
        .hasMessageContaining("a quote (\") is not closed");
  }

  @Test
  void halfAnObjectIsHeldBackAndAWholeOneIsFed() throws IOException {
    for (int cut = 1; cut < JSON.length(); cut++) {
      bad.clear();
      Read fed = json(JSON + "\n" + JSON.substring(0, cut), NOTHING);
      assertThat(fed.events()).hasSize(1);
      assertThat(fed.marks()).isEmpty();
      assertThat(bad).singleElement().asString().contains("line 2: ", "held back");
    }
    bad.clear();
    Read fed = json(JSON + "\n" + JSON, NOTHING);
    assertThat(fed.events()).hasSize(2);
    assertThat(bad).isEmpty();
    assertThat(json(JSON + "\n" + JSON + "\n" + JSON, fed).events()).hasSize(3);
    assertThat(json(JSON + "\n" + JSON + "{\n", fed).failure())
        .contains("line 2 of", "had no line end when it was fed");
  }

  @Test
  void aWholeObjectThatTheJobCannotUseIsNotHeldBack() throws IOException {
    assertThat(json("{\"type\":\"outcome\"}", NOTHING).events()).isEmpty();
    assertThat(bad).singleElement().extracting(BadRow::kind).isEqualTo(BadRow.Kind.UNUSABLE);
  }

  private CsvEvents csvOf(String text, int delay) throws IOException {
    CsvMapping mapping =
        new CsvMapping(
            ',',
            new Roles("sold", "store", "at", null),
            Times.INSTANTS,
            List.of("yes", "no"),
            new TreeMap<>(Map.of("price", Kind.NUMBER)),
            Instant.EPOCH);
    EventDecoder decoder = new EventDecoder(List.of("yes", "no"), 100);
    return new CsvEvents(
        CsvTable.open(Files.writeString(folder.resolve("x.csv"), text)),
        mapping,
        Reading.whole(Duration.ofSeconds(delay), "r-", decoder),
        bad::add);
  }

  private Read csv(String text, int delay, Read before) throws IOException {
    try (CsvEvents events = csvOf(text, delay)) {
      return read(events, before);
    }
  }

  private Read json(String text, Read before) throws IOException {
    Path file = Files.writeString(folder.resolve("x.jsonl"), text);
    EventDecoder decoder = new EventDecoder(List.of("yes", "no"), 100);
    try (JsonLines lines =
        JsonLines.open(file, Reading.whole(Duration.ZERO, "", decoder), bad::add)) {
      return read(lines, before);
    }
  }

  private static Read read(GrowingEvents events, Read before) {
    events.endedAt(before.ends());
    events.wereOpen(before.marks());
    List<FileEvent> all = new ArrayList<>();
    try {
      events.forEachRemaining(all::add);
      return new Read(all, "");
    } catch (UncheckedIOException e) {
      return new Read(all, String.valueOf(e.getMessage()));
    }
  }
}
