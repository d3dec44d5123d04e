package dev.sluice.tool.cli;

import dev.sluice.model.Champion;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.savepoint.Challengers;
import dev.sluice.tool.savepoint.ModelCheck;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.Snapshot.SavedFence;
import dev.sluice.tool.savepoint.StoredFile;
import dev.sluice.tool.savepoint.UnreadModelsException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a snapshot holds, without its single keys. */
final class SnapshotReport {

  private final Snapshot snapshot;
  private final Challengers challengers;
  private final @Nullable ModelCheck models;

  /** Why there are no models; empty if there are. */
  private final String unread;

  private SnapshotReport(
      Snapshot snapshot, Challengers challengers, @Nullable ModelCheck models, String unread) {
    this.snapshot = snapshot;
    this.challengers = challengers;
    this.models = models;
    this.unread = unread;
  }

  /** Reads all of it, the models too if this machine can. */
  static SnapshotReport of(Snapshot snapshot) throws IOException {
    ModelCheck models = null;
    String unread = "";
    try {
      models = snapshot.models().check();
    } catch (UnreadModelsException e) {
      unread = String.valueOf(e.getMessage());
    }
    return new SnapshotReport(snapshot, Challengers.of(snapshot), models, unread);
  }

  void print(PrintWriter out) {
    line(out, "Snapshot", snapshot.uri());
    line(
        out,
        "",
        "%s, checkpoint %s, %s format"
            .formatted(snapshot.kind().words(), snapshot.checkpointId(), format()));
    line(out, "Files", "%,d, %,d bytes", snapshot.files().size(), bytes());
    each(
        out,
        "Input",
        snapshot.sourceOffsets().entrySet(),
        e -> "%s continues at %,d".formatted(e.getKey(), e.getValue()));
    each(
        out,
        "Pending",
        snapshot.committables(),
        t ->
            "transaction %s, producer %s, epoch %s"
                .formatted(t.transactionalId(), t.producerId(), t.epoch()));
    line(out, "Fence", snapshot.fence().map(SnapshotReport::text).orElse("none"));
    line(out, "Champion", challengers.champion().map(SnapshotReport::text).orElse("none"));
    if (!snapshot.standingOrders().isEmpty()) {
      each(out, "Commands", snapshot.standingOrders(), words -> words);
    }
    snapshot
        .description()
        .ifPresent(
            d ->
                each(
                    out, "Models", d.settings().entrySet(), e -> e.getKey() + ": " + e.getValue()));
    if (models == null) {
      line(out, "Keys", unread);
    } else {
      totals(out, models.totals());
      each(out, "Problems", models.problems(), problem -> problem);
    }
    out.flush();
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("snapshot", snapshot.uri());
    json.put("kind", snapshot.kind().name().toLowerCase(Locale.ROOT));
    json.put("checkpointId", snapshot.checkpointId());
    json.put("format", format());
    json.put("bytes", bytes());
    json.put("files", snapshot.files().stream().map(SnapshotReport::json).toList());
    Map<String, Long> offsets = new LinkedHashMap<>();
    snapshot.sourceOffsets().forEach((p, offset) -> offsets.put(p.toString(), offset));
    json.put("sourceOffsets", offsets);
    json.put("transactions", snapshot.committables());
    json.put("fence", snapshot.fence().map(SnapshotReport::json).orElse(null));
    json.put("champion", challengers.champion().map(SnapshotReport::json).orElse(null));
    json.put("commands", snapshot.standingOrders());
    json.put("description", snapshot.description().map(d -> d.settings()).orElse(null));
    json.put("models", models == null ? null : models.totals());
    json.put("problems", models == null ? List.of() : models.problems());
    return json;
  }

  private String format() {
    return snapshot.canonical() ? "canonical" : "native";
  }

  private long bytes() {
    return snapshot.files().stream().mapToLong(StoredFile::bytes).sum();
  }

  private static void totals(PrintWriter out, Receipt.Models totals) {
    line(out, "Keys", "%,d, %,d bytes", totals.keys(), totals.bytes());
    line(
        out,
        "",
        "%,d predictions, %,d evaluations, %,d updates, %,d refused",
        totals.predictions(),
        totals.evaluations(),
        totals.updates(),
        totals.refusedUpdates());
    line(
        out,
        "",
        "%,d observations and %,d outcomes wait for their other half",
        totals.pendingObservations(),
        totals.waitingOutcomes());
  }

  private static String text(SavedFence fence) {
    return String.format(
        Locale.ROOT,
        "%,d answers in open transactions, %,d committed ahead",
        open(fence),
        fence.ahead().size());
  }

  private static Map<String, Object> json(StoredFile file) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("uri", file.uri());
    json.put("bytes", file.bytes());
    return json;
  }

  private static Map<String, Object> json(SavedFence fence) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("jobId", fence.note().jobId());
    json.put("settledId", fence.note().settledId());
    json.put("tracked", fence.note().tracked());
    json.put("openAnswers", open(fence));
    json.put("aheadAnswers", fence.ahead().size());
    return json;
  }

  private static long open(SavedFence fence) {
    return fence.open().stream().mapToLong(interval -> interval.answered().size()).sum();
  }

  private static String text(Champion champion) {
    return String.format(
        Locale.ROOT,
        "version %s, %s, %,d bytes, sha256 %s",
        champion.version(),
        champion.linear()
            ? "linear, %,d features".formatted(champion.domain().size())
            : "not linear",
        champion.bytes().length,
        champion.sha256());
  }

  private static Map<String, Object> json(Champion champion) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("version", champion.version());
    json.put("bytes", champion.bytes().length);
    json.put("sha256", champion.sha256());
    json.put("linear", champion.linear());
    json.put("features", champion.domain().size());
    json.put("labels", champion.labels());
    return json;
  }

  private static <T> void each(
      PrintWriter out, String name, Iterable<T> values, Function<T, String> text) {
    String head = name;
    for (T value : values) {
      line(out, head, text.apply(value));
      head = "";
    }
    if (!head.isEmpty()) {
      line(out, head, "none");
    }
  }

  private static void line(PrintWriter out, String name, String format, Object... values) {
    line(out, name, String.format(Locale.ROOT, format, values));
  }

  private static void line(PrintWriter out, String name, String text) {
    out.printf("%-12s %s%n", name, text);
  }
}
