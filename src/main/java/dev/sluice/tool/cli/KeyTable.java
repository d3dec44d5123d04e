package dev.sluice.tool.cli;

import dev.sluice.tool.savepoint.KeySummary;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** The first keys of an order; keeps no more of them than are shown. */
final class KeyTable {

  private static final int WIDEST_KEY = 40;

  private final KeySummary.Order order;
  private final int most;

  /** The last one in the order comes out first. */
  private final PriorityQueue<KeySummary> rows;

  private long seen;

  /**
   * @param top rows to show; null for all
   */
  KeyTable(KeySummary.Order order, @Nullable Integer top) {
    this.order = order;
    this.most = top == null ? Integer.MAX_VALUE : top;
    this.rows = new PriorityQueue<>(order.comparator().reversed());
  }

  void add(KeySummary row) {
    seen++;
    rows.add(row);
    if (rows.size() > most) {
      rows.poll();
    }
  }

  private List<KeySummary> shown() {
    return rows.stream().sorted(order.comparator()).toList();
  }

  void text(PrintWriter out) {
    List<KeySummary> shown = shown();
    int width = 3;
    for (KeySummary row : shown) {
      width = Math.max(width, Math.min(WIDEST_KEY, row.key().length()));
    }
    String head = "%-" + width + "s %9s %11s %11s %9s %10s %5s %-10s %7s %8s%n";
    out.printf(
        head,
        "key",
        "updates",
        "predictions",
        "evaluations",
        "champion",
        "challenger",
        "drift",
        "served",
        "pending",
        "bytes");
    String line = "%-" + width + "s %,9d %,11d %,11d %9s %10s %,5d %-10s %,7d %,8d%n";
    for (KeySummary row : shown) {
      out.printf(
          Locale.ROOT,
          line,
          row.key(),
          row.updates(),
          row.predictions(),
          row.evaluations(),
          figure(row.championLoss()),
          figure(row.challengerLoss()),
          row.driftAlarms(),
          row.served(),
          row.pending(),
          row.bytes());
    }
    out.printf(
        Locale.ROOT,
        "%n%,d of %,d keys; champion and challenger are their losses, drift the alarms.%n",
        shown.size(),
        seen);
  }

  Map<String, Object> json() {
    List<KeySummary> shown = shown();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("keys", shown);
    json.put("shown", shown.size());
    json.put("all", seen);
    return json;
  }

  /** Lines as RFC 4180 wants them, with a head. */
  void csv(PrintWriter out) {
    out.print(
        "key,updates,predictions,evaluations,championLoss,challengerLoss,driftAlarms,served,pending,bytes\r\n");
    for (KeySummary row : shown()) {
      out.print(
          String.join(
                  ",",
                  quoted(row.key()),
                  Long.toString(row.updates()),
                  Long.toString(row.predictions()),
                  Long.toString(row.evaluations()),
                  plain(row.championLoss()),
                  plain(row.challengerLoss()),
                  Long.toString(row.driftAlarms()),
                  row.served(),
                  Integer.toString(row.pending()),
                  Long.toString(row.bytes()))
              + "\r\n");
    }
  }

  private static String quoted(String text) {
    boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  private static String plain(OptionalDouble figure) {
    return figure.isPresent() ? Double.toString(figure.getAsDouble()) : "";
  }

  private static String figure(OptionalDouble figure) {
    return figure.isPresent() ? String.format(Locale.ROOT, "%.4f", figure.getAsDouble()) : "-";
  }
}
