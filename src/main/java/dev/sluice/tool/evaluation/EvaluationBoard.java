package dev.sluice.tool.evaluation;

import dev.sluice.event.Target;
import dev.sluice.tool.scoring.Column;
import dev.sluice.tool.scoring.KeyBoard;
import dev.sluice.tool.scoring.KeyBoard.OfKey;
import dev.sluice.tool.scoring.ModelBoard;
import dev.sluice.tool.scoring.ModelScore;
import dev.sluice.tool.scoring.SpanScore;
import dev.sluice.tool.scoring.Truth;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Scores the columns of an offline run: over all of it, by time and by key. Memory is bounded but
 * for the keys, of each of which a sum a column is kept. Owned by one thread.
 */
public final class EvaluationBoard {

  private static final String SERVED = "served";
  private static final String CONSTANT = "constant";
  private static final KeyBoard.Bounds ALL_KEYS =
      new KeyBoard.Bounds(Integer.MAX_VALUE, Long.MAX_VALUE);

  private final List<String> labels;
  private final ModelBoard models;
  private @Nullable KeyBoard keys;
  private long n;
  private long servedByChampion;
  private long firstMs = Long.MAX_VALUE;
  private long lastMs = Long.MIN_VALUE;

  /**
   * @param labels in the order of the outputs; empty in regression
   * @param every how long a span of time is; null for none
   * @param columns how many models there are
   */
  public EvaluationBoard(List<String> labels, @Nullable Duration every, int columns) {
    this.labels = List.copyOf(labels);
    this.models = new ModelBoard(labels, every, columns);
  }

  /**
   * Counts one prediction; all have the same columns.
   *
   * @throws IllegalArgumentException if there are too many spans of time
   */
  void add(Judged judged) {
    List<Column> columns = judged.columns();
    KeyBoard byKey = keys;
    if (byKey == null) {
      List<String> names = columns.stream().map(Column::model).toList();
      byKey = new KeyBoard(labels, new KeyBoard.Columns(names, SERVED), ALL_KEYS);
      keys = byKey;
    }
    Truth truth = truth(judged);
    models.add(judged.observedMs(), truth, columns);
    byKey.add(judged.key(), truth, columns);
    n++;
    servedByChampion += judged.servedByChampion() ? 1 : 0;
    firstMs = Math.min(firstMs, judged.observedMs());
    lastMs = Math.max(lastMs, judged.observedMs());
  }

  private static Truth truth(Judged judged) {
    return new Truth(
        judged.observedMs(),
        judged.target() instanceof Target.Label of ? of.name() : null,
        judged.target() instanceof Target.Value of ? of.value() : Double.NaN);
  }

  /** How many predictions there are. */
  public long size() {
    return n;
  }

  /** Of how many of them the champion's prediction was served. */
  public long servedByChampion() {
    return servedByChampion;
  }

  /** The earliest and the latest observation that counts; there must be one. */
  public List<Instant> times() {
    return List.of(Instant.ofEpochMilli(firstMs), Instant.ofEpochMilli(lastMs));
  }

  /** Each model's figures, in the order of the columns. */
  public List<ModelScore> models() {
    return models.models();
  }

  /** The spans of time that are not empty, in their order; observations count. */
  public List<SpanScore> spans() {
    return models.spans();
  }

  /** Whether there are so many labels and models that the AUC by time is left out. */
  public boolean isWithoutRanksByTime() {
    return models.isWithoutRanksByTime();
  }

  /** Those keys that were served worst compared with their constant, the worst first. */
  public List<OfKey> worstKeys(int most) {
    return all().sorted(KeyBoard.worstFirst(EvaluationBoard::excess)).limit(most).toList();
  }

  /** How many keys were served better than by their constant. */
  public long keysBetterThanConstant() {
    return all().filter(key -> excess(key) < 0).count();
  }

  private Stream<OfKey> all() {
    return keys == null ? Stream.of() : keys.all();
  }

  private static double excess(OfKey key) {
    return key.mean(SERVED) - key.mean(CONSTANT);
  }
}
