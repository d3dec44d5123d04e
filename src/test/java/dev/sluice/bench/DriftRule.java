package dev.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The alert rule over all keys as Prometheus evaluates it, by the hour: of the standardised losses
 * of a window, and of a longer one before it, the means are compared. Its limits are read from the
 * rule itself.
 */
final class DriftRule {

  private static final Path ALERTS = Path.of("deploy/prometheus/rules/alerts.yml");
  private static final Pattern RISE =
      Pattern.compile("sluice_compared_loss:rise(1[hd]) > ([0-9.]+)");
  private static final Pattern SCORE =
      Pattern.compile("sluice_compared_loss:score1[hd] > ([0-9.]+)");
  private static final int DAY = 24;

  private final double hourly;
  private final double daily;
  private final double score;
  private final int hours;

  /** Sums of what came before each hour. */
  private final long[] counts;

  private final double[] sums;

  /**
   * Reads the rule, for a stream of so many hours.
   *
   * @throws IOException if it can't be read
   */
  DriftRule(int hours) throws IOException {
    String text = Files.readString(ALERTS);
    this.hourly = rise(text, "1h");
    this.daily = rise(text, "1d");
    Matcher found = SCORE.matcher(text);
    if (!found.find()) {
      throw new IOException(ALERTS + " has no rule of a score");
    }
    this.score = Double.parseDouble(found.group(1));
    this.hours = hours;
    this.counts = new long[hours + 1];
    this.sums = new double[hours + 1];
  }

  private static double rise(String text, String window) throws IOException {
    Matcher found = RISE.matcher(text);
    while (found.find()) {
      if (found.group(1).equals(window)) {
        return Double.parseDouble(found.group(2));
      }
    }
    throw new IOException(ALERTS + " has no rule of a rise of " + window);
  }

  /** Takes down a standardised loss of an hour, from 0. */
  void add(int hour, double loss) {
    counts[hour + 1]++;
    sums[hour + 1] += loss;
  }

  /** At the end of which hours it fires; nothing is added any more. */
  boolean[] alarms() {
    for (int hour = 1; hour <= hours; hour++) {
      counts[hour] += counts[hour - 1];
      sums[hour] += sums[hour - 1];
    }
    boolean[] alarms = new boolean[hours];
    for (int end = 1; end <= hours; end++) {
      alarms[end - 1] = fires(end, 1, DAY, hourly) || fires(end, DAY, 2 * DAY, daily);
    }
    return alarms;
  }

  private boolean fires(int end, int window, int before, double least) {
    int cut = Math.max(0, end - window);
    int begin = Math.max(0, cut - before);
    long now = counts[end] - counts[cut];
    long earlier = counts[cut] - counts[begin];
    if (now == 0 || earlier < now) {
      return false;
    }
    double rise = (sums[end] - sums[cut]) / now - (sums[cut] - sums[begin]) / earlier;
    return rise > least && rise / Math.sqrt(1.0 / now + 1.0 / earlier) > score;
  }
}
