package dev.sluice.tool.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.event.Event;
import dev.sluice.event.Event.Malformed;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Reason;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Streams the events of a file of JSON lines as they are written there, in the order of the file.
 * Lines that the job can't use are reported and left out. Holds one line at a time.
 */
public final class JsonLines implements Iterator<FileEvent>, Closeable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final String name;
  private final BufferedReader lines;
  private final Reading reading;
  private final Consumer<BadRow> bad;
  private long line;
  private long row;
  private @Nullable FileEvent next;

  /**
   * Opens a file.
   *
   * @param bad is given each line that can't be used
   * @throws IOException if it can't be read
   */
  public static JsonLines open(Path file, Reading reading, Consumer<BadRow> bad)
      throws IOException {
    return new JsonLines(file.toString(), TextFile.open(file), reading, bad);
  }

  private JsonLines(String name, BufferedReader lines, Reading reading, Consumer<BadRow> bad) {
    this.name = name;
    this.lines = lines;
    this.reading = reading;
    this.bad = bad;
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
      FileEvent event = event(text.getBytes(StandardCharsets.UTF_8));
      if (event != null) {
        return event;
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

  private @Nullable FileEvent event(byte[] json) {
    Event event = Judge.event(reading.decoder(), key(json), line, json);
    if (event instanceof Observation observation) {
      return new FileEvent(line, observation.id(), observation.key(), observation.timeMs(), json);
    } else if (event instanceof Outcome outcome) {
      return new FileEvent(line, outcome.id(), outcome.key(), outcome.timeMs(), json);
    }
    boolean unknownLabel =
        event instanceof Malformed malformed && malformed.reason() == Reason.UNKNOWN_LABEL;
    bad.accept(new BadRow(line, "", String.valueOf(Judge.problem(event)), unknownLabel));
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
