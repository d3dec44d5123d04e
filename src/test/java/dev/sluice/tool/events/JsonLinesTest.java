package dev.sluice.tool.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.codec.EventDecoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonLinesTest {

  private static final String OBSERVATION =
      "{\"type\":\"observation\",\"id\":\"1\",\"key\":\"k\",\"time\":5,\"features\":{\"x\" : 1.50}}";
  private static final String OUTCOME =
      "{\"label\":\"a\",\"type\":\"outcome\",\"id\":\"1\",\"key\":\"k\",\"time\":9}";

  @TempDir Path folder;

  private final List<String> bad = new ArrayList<>();

  @Test
  void linesAreGivenAsTheyAreWritten() throws IOException {
    List<FileEvent> events = events(OBSERVATION + "\r\n\n" + OUTCOME + "\n", 0, 10);
    assertThat(events)
        .extracting(event -> new String(event.json(), StandardCharsets.UTF_8))
        .containsExactly(OBSERVATION, OUTCOME);
    assertThat(events).extracting(FileEvent::line).containsExactly(1L, 3L);
    assertThat(events).extracting(FileEvent::timeMs).containsExactly(5L, 9L);
    assertThat(bad).isEmpty();
  }

  @Test
  void whatTheJobCannotUseIsNamedByItsLine() throws IOException {
    String lines =
        String.join(
            "\n",
            "{\"type\":\"observation\",}",
            "[]",
            OUTCOME.replace("\"a\"", "\"nope\""),
            OUTCOME.replace("\"key\":\"k\",", ""),
            OUTCOME.replace("\"k\"", "7"),
            OBSERVATION);
    assertThat(events(lines, 0, 100)).hasSize(1);
    assertThat(bad).hasSize(5);
    assertThat(bad.get(0)).startsWith("line 1: malformed-json: not JSON at byte ");
    assertThat(bad.get(1)).startsWith("line 2: malformed-json");
    assertThat(bad.get(2)).startsWith("line 3: unknown-label").contains("nope");
    assertThat(bad.get(3)).startsWith("line 4: missing-field").contains("\"key\"");
    assertThat(bad.get(4)).startsWith("line 5: bad-field").contains("\"key\"");
  }

  @Test
  void onlyRowsOfTheRangeAreGiven() throws IOException {
    String lines = (OBSERVATION + "\n").repeat(5);
    assertThat(events(lines, 2, 4)).extracting(FileEvent::line).containsExactly(3L, 4L);
  }

  @Test
  void aFileThatIsNoTextIsRefused() throws IOException {
    Path file = Files.write(folder.resolve("x"), new byte[] {'{', '\n', (byte) 0xff, (byte) 0xfe});
    assertThatThrownBy(() -> JsonLines.open(file, reading(0, 10), row -> {}).hasNext())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not UTF-8 at line");
  }

  private List<FileEvent> events(String text, long from, long to) throws IOException {
    List<FileEvent> events = new ArrayList<>();
    Path file = Files.writeString(folder.resolve("events.jsonl"), text);
    try (JsonLines lines =
        JsonLines.open(file, reading(from, to), row -> bad.add(row.toString()))) {
      lines.forEachRemaining(events::add);
    }
    return events;
  }

  private static Reading reading(long from, long to) {
    return new Reading(from, to, Duration.ZERO, "", new EventDecoder(List.of("a", "b"), 10));
  }
}
