package dev.sluice.tool.feed;

import dev.sluice.tool.flink.SavedCheckpoint;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** One line about a running job, for people. */
final class LiveLine {

  private static final DateTimeFormatter DATA_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

  private LiveLine() {}

  /**
   * What the line shows.
   *
   * @param state Flink's word for the job's state
   * @param perSecond events a second that reach the models; empty while not known
   * @param lag events waiting in Kafka; empty while not known
   * @param losses of the evaluations so far
   * @param dataTimeMs how far the data has come, epoch milliseconds; 0 before the first event
   * @param exhausted whether the data is at its end
   * @param checkpoint the last one; null before the first
   * @param nowMs epoch milliseconds
   */
  record Facts(
      String state,
      OptionalLong perSecond,
      OptionalLong lag,
      EvaluationTail.Losses losses,
      long dataTimeMs,
      boolean exhausted,
      @Nullable SavedCheckpoint checkpoint,
      long nowMs) {}

  /** The line, without its end, no longer than {@code columns}. */
  static String text(Facts facts, int columns) {
    StringBuilder line = new StringBuilder(160);
    if (!facts.state().equals("RUNNING")) {
      line.append(facts.state()).append(" | ");
    }
    line.append(count(facts.perSecond())).append(" events/s | lag ").append(count(facts.lag()));
    line.append(" | ").append(facts.losses().keys()).append(" keys | log loss champion ");
    line.append(loss(facts.losses().champion())).append(" challenger ");
    line.append(loss(facts.losses().challenger())).append(" served ");
    line.append(loss(facts.losses().served())).append(" | ");
    line.append(data(facts)).append(" | ");
    line.append(checkpoint(facts.checkpoint(), facts.nowMs()));
    return line.length() <= columns ? line.toString() : line.substring(0, Math.max(0, columns));
  }

  /** Where nothing was left to feed, no time is known at the end. */
  private static String data(Facts facts) {
    if (facts.dataTimeMs() == 0) {
      return facts.exhausted() ? "end of data" : "no data yet";
    }
    String time = DATA_TIME.format(Instant.ofEpochMilli(facts.dataTimeMs()));
    return facts.exhausted() ? time + " (end of data)" : time;
  }

  private static String checkpoint(@Nullable SavedCheckpoint last, long nowMs) {
    return last == null
        ? "no checkpoint yet"
        : String.format(
            Locale.ROOT,
            "checkpoint %d, %d s ago",
            last.id(),
            Math.max(0, nowMs - last.completedAt().toEpochMilli()) / 1000);
  }

  private static String count(OptionalLong number) {
    return number.isPresent() ? String.format(Locale.ROOT, "%,d", number.getAsLong()) : "-";
  }

  private static String loss(double loss) {
    return Double.isNaN(loss) ? "-" : String.format(Locale.ROOT, "%.4f", loss);
  }
}
