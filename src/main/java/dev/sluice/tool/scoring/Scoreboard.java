package dev.sluice.tool.scoring;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Scores champion, challenger and served prequentially (Gama, Sebastião and Rodrigues 2013): each
 * evaluation holds what was predicted before anything was learned from it. Owned by one thread.
 */
public final class Scoreboard {

  /** Up to so many keys are listed that the champion predicted better. */
  static final int MOST_KEYS = 200_000;

  private final Map<String, KeyLosses> keys = new HashMap<>();
  private boolean moreKeys;
  private @Nullable Tally champion;
  private @Nullable Tally challenger;
  private @Nullable Tally served;
  private List<String> labels = List.of();
  private long evaluations;
  private long servedByChampion;
  private long servedByBlend;
  private long firstMs = Long.MAX_VALUE;
  private long lastMs = Long.MIN_VALUE;

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
   * @param championsKeys those that the champion predicted better; null if there are none
   * @param challengersKeys the others that both predicted; null if there are none
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
      @Nullable Side championsKeys,
      @Nullable Side challengersKeys) {}

  /**
   * Mean losses over all evaluations of some keys.
   *
   * @param keys how many
   * @param evaluations how many they had with a champion
   * @param champion the champion's
   * @param challenger the challengers'
   * @param served whatever was served
   */
  public record Side(
      int keys, long evaluations, double champion, double challenger, double served) {}

  /** Sums of one key's losses, of evaluations with a champion. */
  private static final class KeyLosses {
    private long evaluations;
    private double champion;
    private double challenger;
    private double served;

    private boolean isChampions() {
      return champion < challenger;
    }
  }

  /**
   * Counts one evaluation.
   *
   * @throws IllegalArgumentException if it is of another kind than those before
   */
  public void add(EvaluationRow judgement) {
    EvaluationRow.Said fromChampion = judgement.champion();
    KeyLosses key = losses(judgement.key());
    if (evaluations == 0) {
      labels = judgement.challenger().labels();
    }
    challenger = counted(challenger, judgement, judgement.challenger());
    served = counted(served, judgement, judgement.served());
    if (fromChampion != null) {
      champion = counted(champion, judgement, fromChampion);
    }
    if (fromChampion != null && key != null) {
      key.evaluations++;
      key.champion += fromChampion.loss();
      key.challenger += judgement.challenger().loss();
      key.served += judgement.served().loss();
    }
    evaluations++;
    servedByChampion += judgement.servedByChampion() ? 1 : 0;
    servedByBlend += judgement.blend() == null ? 0 : 1;
    firstMs = Math.min(firstMs, judgement.timeMs());
    lastMs = Math.max(lastMs, judgement.timeMs());
  }

  /** Null for a key that is one too many: memory does not grow without an end. */
  private @Nullable KeyLosses losses(String key) {
    KeyLosses known = keys.get(key);
    if (known == null && keys.size() < MOST_KEYS) {
      known = new KeyLosses();
      keys.put(key, known);
    }
    moreKeys |= known == null;
    return known;
  }

  /** The figures so far; empty if there was no evaluation. */
  public Optional<Result> result() {
    if (challenger == null || served == null) {
      return Optional.empty();
    }
    return Optional.of(
        new Result(
            evaluations,
            keys.size(),
            moreKeys,
            Instant.ofEpochMilli(firstMs),
            Instant.ofEpochMilli(lastMs),
            labels,
            servedByChampion,
            servedByBlend,
            champion == null ? null : champion.score(),
            challenger.score(),
            served.score(),
            side(KeyLosses::isChampions),
            side(key -> !key.isChampions())));
  }

  private @Nullable Side side(Predicate<KeyLosses> belongs) {
    if (moreKeys) {
      return null;
    }
    KeyLosses sum = new KeyLosses();
    int n = 0;
    for (KeyLosses key : keys.values()) {
      if (key.evaluations > 0 && belongs.test(key)) {
        n++;
        sum.evaluations += key.evaluations;
        sum.champion += key.champion;
        sum.challenger += key.challenger;
        sum.served += key.served;
      }
    }
    double all = sum.evaluations;
    return n == 0
        ? null
        : new Side(n, sum.evaluations, sum.champion / all, sum.challenger / all, sum.served / all);
  }

  private Tally counted(@Nullable Tally tally, EvaluationRow judgement, EvaluationRow.Said said) {
    Tally counting = tally;
    if (counting == null) {
      counting = labels.isEmpty() ? new ValueTally() : new LabelTally(labels);
    }
    counting.add(judgement, said);
    return counting;
  }
}
