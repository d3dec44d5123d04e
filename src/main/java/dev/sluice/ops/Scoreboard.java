package dev.sluice.ops;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Scores champion, challenger and served prequentially (Gama, Sebastião and Rodrigues 2013): each
 * evaluation holds what was predicted before anything was learned from it. Owned by one thread.
 */
public final class Scoreboard {

  private final Set<String> keys = new HashSet<>();
  private @Nullable Tally champion;
  private @Nullable Tally challenger;
  private @Nullable Tally served;
  private List<String> labels = List.of();
  private long evaluations;
  private long servedByChampion;
  private long firstMs = Long.MAX_VALUE;
  private long lastMs = Long.MIN_VALUE;

  /**
   * What came out.
   *
   * @param evaluations how many there were
   * @param keys of how many keys
   * @param labels the labels in the job's order; empty in regression
   * @param firstMs the earliest evaluation's time, epoch milliseconds
   * @param lastMs the latest evaluation's time, epoch milliseconds
   * @param servedByChampion how many of the served predictions were the champion's
   * @param champion empty if the job had none
   * @param challenger always there
   * @param served whichever of the two was served
   */
  public record Result(
      long evaluations,
      int keys,
      List<String> labels,
      long firstMs,
      long lastMs,
      long servedByChampion,
      Optional<Score> champion,
      Score challenger,
      Score served) {}

  /**
   * Counts one evaluation.
   *
   * @throws IllegalArgumentException if it is of another kind than those before
   */
  public void add(Judgement judgement) {
    Judgement.Said fromChampion = judgement.champion();
    if (evaluations == 0) {
      labels = judgement.challenger().labels();
    }
    challenger = counted(challenger, judgement, judgement.challenger());
    served = counted(served, judgement, judgement.served());
    if (fromChampion != null) {
      champion = counted(champion, judgement, fromChampion);
    }
    evaluations++;
    servedByChampion += judgement.servedByChampion() ? 1 : 0;
    keys.add(judgement.key());
    firstMs = Math.min(firstMs, judgement.timeMs());
    lastMs = Math.max(lastMs, judgement.timeMs());
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
            labels,
            firstMs,
            lastMs,
            servedByChampion,
            Optional.ofNullable(champion).map(Tally::score),
            challenger.score(),
            served.score()));
  }

  private Tally counted(@Nullable Tally tally, Judgement judgement, Judgement.Said said) {
    Tally counting = tally;
    if (counting == null) {
      counting = labels.isEmpty() ? new ValueTally() : new LabelTally(labels);
    }
    counting.add(judgement, said);
    return counting;
  }
}
