package dev.sluice.tool.scoring;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Scores champion, challenger, served and shadows prequentially (Gama, Sebastião and Rodrigues
 * 2013): each evaluation holds what was predicted before anything was learned from it. Memory is
 * bounded, whatever the number of evaluations, of keys and of shadows. Owned by one thread.
 */
public final class Scoreboard {

  private static final String CHAMPION = "champion";
  private static final String CHALLENGER = "challenger";
  private static final String SERVED = "served";
  private static final KeyBoard.Columns BY_KEY =
      new KeyBoard.Columns(List.of(CHAMPION, CHALLENGER, SERVED), SERVED);

  private final @Nullable Duration every;
  private final boolean byObservation;
  private final int shownKeys;
  private @Nullable KeyBoard byKey;
  private final KeySides keys = new KeySides();
  private final Shadows shadows = new Shadows();
  private @Nullable ModelBoard board;
  private List<String> labels = List.of();
  private final Map<String, Long> came = new HashMap<>();
  private long evaluations;
  private long servedByChampion;
  private long servedByBlend;
  private long firstMs = Long.MAX_VALUE;
  private long lastMs = Long.MIN_VALUE;

  /** A scoreboard without spans of time. */
  public Scoreboard() {
    this(null, false, 0);
  }

  /**
   * @param every how long a span of time is; null for none
   * @param byObservation whether the observation's time counts for spans, not the outcome's
   */
  public Scoreboard(@Nullable Duration every, boolean byObservation) {
    this(every, byObservation, 0);
  }

  /**
   * @param every how long a span of time is; null for none
   * @param byObservation whether the observation's time counts for spans, not the outcome's
   * @param shownKeys how many keys are scored apart, those with the most evaluations
   */
  public Scoreboard(@Nullable Duration every, boolean byObservation, int shownKeys) {
    this.every = every;
    this.byObservation = byObservation;
    this.shownKeys = shownKeys;
  }

  /**
   * What came out.
   *
   * @param evaluations how many there were
   * @param keys of how many keys
   * @param moreKeys whether there are more of them than are counted; then it is not known which
   *     keys the champion predicted better
   * @param from the earliest evaluation's time
   * @param to the latest evaluation's time
   * @param labels the labels in the job's order; empty in regression
   * @param servedByChampion how many of the served predictions were the champion's
   * @param servedByBlend how many were the mixture of both
   * @param champion null if the job had none
   * @param challenger always there
   * @param served the champion's, the challenger's or their mixture's
   * @param constantLogLoss of a constant that has each label's share in these evaluations, in nats;
   *     empty where what is served are no probabilities
   * @param championsKeys those that the champion predicted better; null if there are none
   * @param challengersKeys the others that both predicted; null if there are none
   * @param shadows each version's, compared with the others over its evaluations; newest first
   * @param olderShadows how many evaluations had a shadow that is older than these, and left out
   * @param models all figures of each model, shadows among them
   * @param byTime the spans of time that are not empty
   * @param byKey of the keys with the most evaluations those that are served worst first; empty if
   *     no keys are scored apart
   * @param ranksByTime false where the AUC by time is left out, for the number of labels
   */
  public record Result(
      long evaluations,
      int keys,
      boolean moreKeys,
      Instant from,
      Instant to,
      List<String> labels,
      long servedByChampion,
      long servedByBlend,
      @Nullable Score champion,
      Score challenger,
      Score served,
      OptionalDouble constantLogLoss,
      KeySides.@Nullable Side championsKeys,
      KeySides.@Nullable Side challengersKeys,
      List<Shadows.Compared> shadows,
      long olderShadows,
      List<ModelScore> models,
      List<SpanScore> byTime,
      List<KeyBoard.OfKey> byKey,
      boolean ranksByTime) {}

  /**
   * Counts one evaluation.
   *
   * @throws IllegalArgumentException if it is of another kind than those before, or there are too
   *     many spans of time
   */
  public void add(EvaluationRow row) {
    ModelBoard models = board;
    if (models == null) {
      labels = row.challenger().labels();
      models = new ModelBoard(labels, every, 3 + Shadows.MOST);
      board = models;
      byKey = shownKeys == 0 ? null : new KeyBoard(labels, BY_KEY, KeySides.BOUNDS);
    }
    long atMs = row.timeMs() - (byObservation ? row.delayMs() : 0);
    List<Column> columns = columns(row);
    models.add(atMs, row.truth(), columns);
    if (byKey != null) {
      byKey.add(row.key(), row.truth(), columns);
    }
    shadows.add(row).ifPresent(models::remove);
    keys.add(row);
    evaluations++;
    String label = row.truth().label();
    if (label != null) {
      came.merge(label, 1L, Long::sum);
    }
    servedByChampion += row.servedByChampion() ? 1 : 0;
    servedByBlend += row.blend() == null ? 0 : 1;
    firstMs = Math.min(firstMs, row.timeMs());
    lastMs = Math.max(lastMs, row.timeMs());
  }

  private List<Column> columns(EvaluationRow row) {
    List<Column> columns = new ArrayList<>();
    EvaluationRow.Said champion = row.champion();
    if (champion != null) {
      columns.add(column(CHAMPION, champion, row));
    }
    columns.add(column(CHALLENGER, row.challenger(), row));
    columns.add(column(SERVED, row.served(), row));
    EvaluationRow.Shadow shadow = row.shadow();
    if (shadow != null && shadows.takes(shadow.version())) {
      columns.add(column(Shadows.name(shadow.version()), shadow.said(), row));
    }
    return columns;
  }

  private Column column(String model, EvaluationRow.Said said, EvaluationRow row) {
    if (!said.labels().equals(labels)) {
      throw LabelTally.otherLabels(
          labels,
          "to %s with the label (%s)".formatted(said.labels(), row.truth().label()),
          row.timeMs());
    }
    return new Column(model, said.scores(), said.isOfProbabilities(), said.loss());
  }

  /** The figures so far; empty if there was no evaluation. */
  public Optional<Result> result() {
    ModelBoard scored = board;
    if (scored == null || evaluations == 0) {
      return Optional.empty();
    }
    List<ModelScore> models = scored.models();
    return Optional.of(
        new Result(
            evaluations,
            keys.size(),
            keys.isFull(),
            Instant.ofEpochMilli(firstMs),
            Instant.ofEpochMilli(lastMs),
            labels,
            servedByChampion,
            servedByBlend,
            score(models, CHAMPION).orElse(null),
            score(models, CHALLENGER).orElseThrow(),
            score(models, SERVED).orElseThrow(),
            constantLogLoss(models),
            keys.champions(),
            keys.challengers(),
            shadows.compared(),
            shadows.older(),
            models,
            scored.spans(),
            byKey == null ? List.of() : byKey.largest(shownKeys, key -> key.mean(SERVED)),
            !scored.isWithoutRanksByTime()));
  }

  private OptionalDouble constantLogLoss(List<ModelScore> models) {
    boolean probabilities =
        models.stream()
            .anyMatch(model -> model.model().equals(SERVED) && !model.reliability().isEmpty());
    if (!probabilities) {
      return OptionalDouble.empty();
    }
    double loss = 0;
    for (long n : came.values()) {
      double share = (double) n / evaluations;
      loss -= share * Math.log(share);
    }
    return OptionalDouble.of(loss);
  }

  private static Optional<Score> score(List<ModelScore> models, String name) {
    return models.stream()
        .filter(model -> model.model().equals(name))
        .map(ModelScore::score)
        .findFirst();
  }
}
