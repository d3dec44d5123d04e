package dev.sluice.bench.throughput;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Medians, spread and ratios of all runs. Ratios are of runs in the same round. */
final class Summary {

  private final List<Measured> runs;

  Summary(List<Measured> runs) {
    this.runs = List.copyOf(runs);
  }

  /**
   * A median and what it is the median of.
   *
   * @param count how many values
   */
  record Spread(double median, double least, double most, int count) {

    static @Nullable Spread of(double... values) {
      if (values.length == 0) {
        return null;
      }
      double[] sorted = values.clone();
      Arrays.sort(sorted);
      int middle = sorted.length / 2;
      double median =
          sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
      return new Spread(median, sorted[0], sorted[sorted.length - 1], sorted.length);
    }
  }

  List<Measured> runs() {
    return runs;
  }

  /** Those that ran, in the order of the first round. */
  List<Contender> contenders() {
    return runs.stream().map(Measured::contender).distinct().toList();
  }

  /** One figure of all runs of a contender that were not refused; null if there is none. */
  @Nullable Spread of(Contender contender, ToDoubleFunction<Measured.Figures> figure) {
    return Spread.of(
        runs.stream()
            .filter(run -> run.contender() == contender)
            .map(Measured::figures)
            .filter(figures -> figures != null)
            .mapToDouble(figure)
            .toArray());
  }

  /** Events a second of one contender, as a multiple of another's in the same round. */
  @Nullable Spread ratio(Contender contender, Contender base) {
    List<Double> ratios = new ArrayList<>();
    for (Measured run : runs) {
      Measured.Figures mine = run.figures();
      if (run.contender() != contender || mine == null) {
        continue;
      }
      for (Measured other : runs) {
        Measured.Figures theirs = other.figures();
        if (other.contender() == base && other.round() == run.round() && theirs != null) {
          ratios.add(mine.eventsPerSecond() / theirs.eventsPerSecond());
        }
      }
    }
    return Spread.of(ratios.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /**
   * Contenders by what they answered: those with the same answers have one number. More than one
   * number for one kind of answers means that a contender does other work than the others.
   */
  Map<Contender.Answers, Map<Long, List<Contender>>> answers() {
    Map<Contender.Answers, Map<Long, List<Contender>>> found = new LinkedHashMap<>();
    for (Measured run : runs) {
      Measured.Figures figures = run.figures();
      if (figures == null) {
        continue;
      }
      List<Contender> same =
          found
              .computeIfAbsent(run.contender().answers(), kind -> new LinkedHashMap<>())
              .computeIfAbsent(figures.digest(), digest -> new ArrayList<>());
      if (!same.contains(run.contender())) {
        same.add(run.contender());
      }
    }
    return found;
  }
}
