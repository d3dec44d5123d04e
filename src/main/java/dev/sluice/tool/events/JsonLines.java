package dev.sluice.tool.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.event.Event;
import dev.sluice.event.Event.Malformed;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Reason;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.SortedSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Streams the events of a file of JSON lines as they are written there, in the order of the file.
 * Lines that the job can't use are reported and left out. Holds one line at a time.
 */
public final class JsonLines implements GrowingEvents, Closeable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final String name;
  private final Lines lines;
  private final Reading reading;
  private final Consumer<BadRow> bad;
  private long line;
  private long row;
  private @Nullable FileEvent next;
  private Map<Long, String> openMarks = Map.of();

  /**
   * Opens a file.
   *
   * @param bad is given each line that can't be used
   * @throws IOException if it can't be read
   */
  public static JsonLines open(Path file, Reading reading, Consumer<BadRow> bad)
      throws IOException {
    return new JsonLines(file.toString(), new Lines(TextFile.open(file)), reading, bad);
  }

  private JsonLines(String name, Lines lines, Reading reading, Consumer<BadRow> bad) {
    this.name = name;
    this.lines = lines;
    this.reading = reading;
    this.bad = bad;
  }

  /** The order of a file of events does not depend on where it ended. */
  @Override
  public void endedAt(SortedSet<Long> rows) {}

  @Override
  public void wereOpen(Map<Long, String> marks) {
    openMarks = Map.copyOf(marks);
  }

  /**
   * Whether there is another event.
   *
   * @throws UncheckedIOException if the file can't be read on
   */
  @Override
  public boolean hasNext() {
    if (next == null) {
      next = read();
    }
    return next != null;
  }

  @Override
  public FileEvent next() {
    FileEvent event = hasNext() ? next : null;
    if (event == null) {
      throw new NoSuchElementException();
    }
    next = null;
    return event;
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }

  private @Nullable FileEvent read() {
    while (row < reading.toRow()) {
      String text = readLine();
      if (text == null) {
        return null;
      }
      if (text.isBlank() || row++ < reading.fromRow()) {
        continue;
      }
      requireSame(text.stripTrailing());
      FileEvent event = event(text.getBytes(StandardCharsets.UTF_8));
      if (event != null) {
        return lines.isOpen() ? event.open(OpenRow.mark(row - 1, text.stripTrailing())) : event;
      }
    }
    return null;
  }

  private @Nullable String readLine() {
    line++;
    try {
      return lines.readLine();
    } catch (CharacterCodingException e) {
      throw new UncheckedIOException(TextFile.notUtf8(name, line, e));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void requireSame(String text) {
    try {
      OpenRow.requireSame(openMarks, name, line, row - 1, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private @Nullable FileEvent event(byte[] json) {
    Event event = Judge.event(reading.decoder(), key(json), line, json);
    if (event instanceof Observation observation) {
      return new FileEvent(line, observation.id(), observation.key(), observation.timeMs(), json);
    } else if (event instanceof Outcome outcome) {
      return new FileEvent(line, outcome.id(), outcome.key(), outcome.timeMs(), json);
    }
    Reason reason = event instanceof Malformed malformed ? malformed.reason() : null;
    String what = String.valueOf(Judge.problem(event));
    bad.accept(
        reason == Reason.MALFORMED_JSON && lines.isOpen()
            ? new BadRow(line, "", OpenRow.heldBack(what), BadRow.Kind.HELD_BACK)
            : new BadRow(
                line,
                "",
                what,
                reason == Reason.UNKNOWN_LABEL ? BadRow.Kind.UNKNOWN_LABEL : BadRow.Kind.UNUSABLE));
    return null;
  }

  /** The top-level field {@code key}; null if there is none, which the decoder then reports. */
  private static @Nullable String key(byte[] json) {
    try {
      JsonNode key = JSON.readTree(json).path("key");
      return key.isTextual() ? key.asText() : null;
    } catch (IOException e) {
      return null;
    }
  }
}
