package dev.sluice.tool.scoring;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Scores models side by side, over all and by time. Memory is bounded: ranks, probabilities and
 * errors are counted in bins, more coarsely by time than over all, and by time ranks are left out
 * where there are too many of them. Owned by one thread.
 */
public final class ModelBoard {

  /** Of time. */
  public static final int MOST_SPANS = 400;

  /** Labels times models times spans, each of some counts. */
  public static final int MOST_COUNTED = 4 << 20;

  /** Tallies of spans share the memory of one. */
  private static final int SPANS_AT_ONCE = 64;

  private final List<String> labels;
  private final @Nullable Duration every;
  private final int columns;
  private final int atOnce;
  private final LabelIds ids;
  private final Map<String, ModelTally> models = new LinkedHashMap<>();
  private final TreeMap<Long, Map<String, Tally>> spans = new TreeMap<>();

  /**
   * @param labels in the order of the outputs; empty in regression
   * @param every how long a span of time is; null for none
   * @param columns how many models there may be
   */
  public ModelBoard(List<String> labels, @Nullable Duration every, int columns) {
    this.labels = List.copyOf(labels);
    this.every = every;
    this.columns = columns;
    this.atOnce = SPANS_AT_ONCE * columns;
    this.ids = new LabelIds(this.labels);
  }

  /**
   * Counts what several models had predicted.
   *
   * @param atMs the time that counts for spans, epoch milliseconds
   * @throws IllegalArgumentException if there are too many spans of time, or the truth is none of
   *     the labels or no value
   */
  public void add(long atMs, Truth truth, List<Column> columns) {
    Map<String, Tally> span = span(atMs);
    for (Column column : columns) {
      models.computeIfAbsent(column.model(), m -> new ModelTally(ids)).add(truth, column);
      if (span != null) {
        span.computeIfAbsent(column.model(), m -> Tally.of(ids, atOnce)).add(truth, column);
      }
    }
  }

  private @Nullable Map<String, Tally> span(long atMs) {
    if (every == null) {
      return null;
    }
    long from = Math.floorDiv(atMs, every.toMillis()) * every.toMillis();
    Map<String, Tally> span = spans.computeIfAbsent(from, f -> new LinkedHashMap<>());
    int most = mostSpans();
    if (spans.size() > most) {
      throw new IllegalArgumentException(
          "the times span more than %s times --every (%s)%s: take a longer one"
              .formatted(
                  most,
                  every,
                  most == MOST_SPANS
                      ? ""
                      : ", which is what %,d labels of %s models leave room for"
                          .formatted(labels.size(), columns)));
    }
    return span;
  }

  private int mostSpans() {
    long each = Math.max(1, (long) labels.size() * columns);
    return (int) Math.max(1, Math.min(MOST_SPANS, MOST_COUNTED / each));
  }

  /** Leaves out a model, as if it had never predicted. */
  void remove(String model) {
    models.remove(model);
    spans.values().forEach(span -> span.remove(model));
  }

  /** Whether there are so many labels and models that the AUC by time is left out. */
  public boolean isWithoutRanksByTime() {
    return every != null && !LabelTally.isRanked(labels.size(), atOnce);
  }

  /** Each model's figures, in the order of the columns. */
  public List<ModelScore> models() {
    List<ModelScore> results = new ArrayList<>();
    models.forEach((name, tally) -> results.add(tally.result(name)));
    return results;
  }

  /** The spans of time that are not empty, in their order. */
  public List<SpanScore> spans() {
    List<SpanScore> results = new ArrayList<>();
    spans.forEach(
        (from, tallies) -> {
          Map<String, Score> scores = new LinkedHashMap<>();
          tallies.forEach((model, tally) -> scores.put(model, tally.score()));
          results.add(new SpanScore(Instant.ofEpochMilli(from), scores));
        });
    return results;
  }
}
