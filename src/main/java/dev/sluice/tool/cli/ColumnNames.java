package dev.sluice.tool.cli;

import dev.sluice.codec.EventDecoder;
import dev.sluice.event.Event;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Features;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.features.FeatureEncoder;
import dev.sluice.model.ModelState;
import dev.sluice.tool.events.FileEvent;
import dev.sluice.tool.events.JsonLines;
import dev.sluice.tool.events.Reading;
import dev.sluice.tool.savepoint.Challengers;
import dev.sluice.tool.savepoint.SavedKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The features behind a model's columns. A snapshot keeps no names but the champion's: those of
 * hashed texts and of other numbers are found by looking where a key's own events, out of a file,
 * put their features. Several features may share a column.
 */
final class ColumnNames {

  /** Names that are kept of one column. */
  static final int MOST = 8;

  private static final int MAX_FEATURES = 4096;

  private final Challengers challengers;
  private final Map<Integer, Set<String>> names = new HashMap<>();
  private final @Nullable Path file;
  private long observations;

  private ColumnNames(Challengers challengers, @Nullable Path file) {
    this.challengers = challengers;
    this.file = file;
  }

  /** Those of the champion's features alone. */
  static ColumnNames ofChampion(Challengers challengers) {
    return new ColumnNames(challengers, null);
  }

  /**
   * Those that a key's observations in a file show, too.
   *
   * @param bad is given each line that the job could not use
   * @throws IOException if the file can't be read, or holds no observation of the key
   */
  static ColumnNames read(Path file, SavedKey saved, Challengers challengers, BadRows bad)
      throws IOException {
    String key = saved.key();
    if (!Files.exists(file)) {
      throw new IOException("there is no file %s".formatted(file));
    }
    ColumnNames found = new ColumnNames(challengers, file);
    EventDecoder decoder = new EventDecoder(challengers.labels(), MAX_FEATURES);
    try (JsonLines lines =
        JsonLines.open(file, Reading.whole(Duration.ZERO, "row-", decoder), bad)) {
      while (lines.hasNext()) {
        FileEvent event = lines.next();
        if (event.key().equals(key)) {
          found.learn(decoder, event, saved.model());
        }
      }
    }
    bad.sum();
    if (found.observations == 0) {
      throw new IOException(
          ("%s holds no observation of the key (%s), so it names no column: give --names a file of this key's own "
                  + "events, JSON lines as in the input topic")
              .formatted(file, key));
    }
    return found;
  }

  private void learn(EventDecoder decoder, FileEvent line, @Nullable ModelState model) {
    RawRecord record =
        new RawRecord(new Origin("file", 0, line.line()), 0, line.keyBytes(), line.json());
    Event event = decoder.decode(record);
    if (event instanceof Observation observation) {
      observations++;
      if (model != null) {
        learn(observation.features(), model);
      }
    }
  }

  private void learn(Features features, ModelState model) {
    for (int i = 0; i < features.size(); i++) {
      String name = features.names()[i];
      String text = features.texts()[i];
      for (int column : challengers.columnsOf(model, name, text)) {
        Set<String> known = names.computeIfAbsent(column, none -> new LinkedHashSet<>(MOST));
        if (known.size() < MOST) {
          known.add(text == null ? name : FeatureEncoder.column(name, text));
        }
      }
    }
  }

  /** The features of a column, at most {@link #MOST} of them; empty if none is known. */
  List<String> of(int column) {
    return challengers
        .knownName(column)
        .map(List::of)
        .orElseGet(() -> names.getOrDefault(column, Set.of()).stream().sorted().toList());
  }

  /** The file of events; empty without one. */
  Optional<Path> file() {
    return Optional.ofNullable(file);
  }

  /** The key's observations in it. */
  long observations() {
    return observations;
  }
}
