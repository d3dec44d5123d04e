package dev.sluice.bench;

import dev.sluice.model.PageHinkley;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the two drift alarms find, how late, and how often they are raised without a change: tables
 * over the size of the change and the outcomes of a key, on streams of fixed seeds whose keys learn
 * with the job's defaults. Runs with the tests' class path, from the directory of the repository:
 *
 * <pre>
 * java -XX:+UseSerialGC -cp … dev.sluice.bench.DriftBench
 * </pre>
 */
final class DriftBench {

  /** As the job's defaults are. */
  static final PageHinkley DETECTOR =
      new PageHinkley(new PageHinkley.Settings(0.25, 16, 50, false));

  private static final int HOURS = 24;
  private static final int SEEDS = 10;
  private static final int[] DEGREES = {0, 30, 60, 90, 180};

  private DriftBench() {}

  public static void main(String[] args) throws IOException {
    System.out.println("One key: change at once, outcomes before it and as many after it");
    System.out.println(
        "| turn | outcomes before | keys found | median delay | false alarms per 1,000 outcomes |");
    System.out.println("|---|---|---|---|---|");
    for (int degrees : DEGREES) {
      for (int before : new int[] {100, 250, 500, 1000}) {
        System.out.println(perKey(degrees, before, 200, SEEDS / 2).row(degrees, before));
      }
    }
    System.out.println();
    System.out.println("All keys: change at the begin of day 9, three days after it");
    System.out.println(
        "| turn | outcomes a day of a key | keys | keys found alone | runs found | median delay |"
            + " false alarms in the first 3 days | in the next 5 |");
    System.out.println("|---|---|---|---|---|---|---|---|");
    for (int degrees : DEGREES) {
      for (int aDay : new int[] {2, 5, 10, 50, 200}) {
        System.out.println(allKeys(degrees, aDay, 10_000 / aDay, SEEDS).row(degrees, aDay));
      }
    }
  }

  /**
   * What the alarm of each key did.
   *
   * @param keys all keys of all seeds
   * @param delays of the keys that were found, in outcomes of the key, ascending
   * @param alarms before the change
   * @param outcomes before the change
   */
  record PerKey(int keys, List<Integer> delays, long alarms, long outcomes) {

    private String row(int degrees, int before) {
      return String.format(
          Locale.ROOT,
          "| %d° | %,d | %.1f %% | %s | %.3f |",
          degrees,
          before,
          100.0 * delays.size() / keys,
          median(delays),
          1000.0 * alarms / outcomes);
    }
  }

  /** Runs streams whose keys have as many outcomes after the change as before it. */
  static PerKey perKey(int degrees, int before, int keys, int seeds) {
    List<Integer> delays = new ArrayList<>();
    long alarms = 0;
    for (int seed = 1; seed <= seeds; seed++) {
      DriftStream stream = new DriftStream(new DriftStream.Shape(keys, before, degrees), seed);
      boolean[] found = new boolean[keys];
      for (int i = 0; i < 2 * before * keys; i++) {
        DriftStream.Loss loss = stream.next();
        if (!DETECTOR.observe(loss.state().drift, loss.loss())) {
          continue;
        }
        if (loss.round() < before) {
          alarms++;
        } else if (!found[loss.key()]) {
          found[loss.key()] = true;
          delays.add(loss.round() - before + 1);
        }
      }
    }
    delays.sort(null);
    return new PerKey(keys * seeds, delays, alarms, (long) before * keys * seeds);
  }

  /**
   * What the alarm over all keys did.
   *
   * @param keys of one seed
   * @param alone share of the keys whose own alarm was raised after the change
   * @param runs all seeds
   * @param delays of those in which it fired, in hours, ascending
   * @param fresh alarms without a change in the first three days, while all models are new
   * @param settled alarms without a change in the five days after these
   */
  record AllKeys(int keys, double alone, int runs, List<Integer> delays, int fresh, int settled) {

    private String row(int degrees, int aDay) {
      return String.format(
          Locale.ROOT,
          "| %d° | %d | %,d | %.1f %% | %d of %d | %s h | %.1f | %.1f |",
          degrees,
          aDay,
          keys,
          100 * alone,
          delays.size(),
          runs,
          median(delays),
          1.0 * fresh / runs,
          1.0 * settled / runs);
    }
  }

  /** Runs streams of eleven days whose keys all have as many outcomes a day. */
  static AllKeys allKeys(int degrees, int aDay, int keys, int seeds) throws IOException {
    int days = 11;
    int changed = 8;
    List<Integer> delays = new ArrayList<>();
    long alone = 0;
    int fresh = 0;
    int settled = 0;
    for (int seed = 1; seed <= seeds; seed++) {
      DriftStream stream =
          new DriftStream(new DriftStream.Shape(keys, changed * aDay, degrees), seed);
      DriftRule rule = new DriftRule(days * HOURS);
      boolean[] found = new boolean[keys];
      int outcomes = days * aDay * keys;
      for (int i = 0; i < outcomes; i++) {
        DriftStream.Loss loss = stream.next();
        if (PageHinkley.isStandard(loss.state().drift)) {
          rule.add(
              (int) ((long) i * days * HOURS / outcomes),
              PageHinkley.standardised(loss.state().drift, loss.loss()));
        }
        if (DETECTOR.observe(loss.state().drift, loss.loss()) && loss.round() >= changed * aDay) {
          found[loss.key()] = true;
        }
      }
      for (boolean one : found) {
        alone += one ? 1 : 0;
      }
      boolean[] alarms = rule.alarms();
      fresh += raised(alarms, 0, 3 * HOURS);
      settled += raised(alarms, 3 * HOURS, changed * HOURS);
      for (int hour = changed * HOURS; hour < alarms.length; hour++) {
        if (alarms[hour]) {
          delays.add(hour - changed * HOURS + 1);
          break;
        }
      }
    }
    delays.sort(null);
    return new AllKeys(keys, alone / (double) (keys * seeds), seeds, delays, fresh, settled);
  }

  /** How often an alarm began. */
  private static int raised(boolean[] alarms, int from, int to) {
    int raised = 0;
    for (int hour = from; hour < to; hour++) {
      raised += alarms[hour] && (hour == 0 || !alarms[hour - 1]) ? 1 : 0;
    }
    return raised;
  }

  private static String median(List<Integer> sorted) {
    return sorted.isEmpty()
        ? "–"
        : String.format(Locale.ROOT, "%,d", sorted.get(sorted.size() / 2));
  }
}
