package dev.sluice.tool.cli;

import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.tool.evaluation.EvaluationBoard;
import dev.sluice.tool.evaluation.OfflineRun;
import dev.sluice.tool.scoring.KeyBoard.OfKey;
import dev.sluice.tool.scoring.ModelScore;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Shows what {@code evaluate} found.
 *
 * @param shown what was asked for
 * @param objective the models'
 * @param labels in the order of the outputs; empty in regression
 * @param counts what came
 * @param badRows rows that could not be used
 * @param board the figures
 */
record EvaluateReport(
    Shown shown,
    Objective objective,
    List<String> labels,
    OfflineRun.Counts counts,
    long badRows,
    EvaluationBoard board) {

  private static final String SERVED = "served";

  /**
   * What was asked for.
   *
   * @param file the input's name
   * @param csv whether it is a CSV, whose outcomes have no time of their own
   * @param delay of outcomes
   * @param reliability whether its table is shown
   * @param keys how many keys are shown; null for none
   * @param oneIn of how many keys one takes part
   */
  record Shown(
      String file,
      boolean csv,
      Duration delay,
      boolean reliability,
      @Nullable Integer keys,
      int oneIn) {}

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("file", shown.file);
    json.put("objective", objective.code());
    json.put("labels", labels);
    json.put("delayMs", shown.delay.toMillis());
    json.putAll(OutputForm.fields(counts));
    json.put("sample", shown.oneIn);
    json.put("badRows", badRows);
    json.put("from", board.times().get(0));
    json.put("to", board.times().get(1));
    json.put("servedByChampion", board.servedByChampion());
    json.put("models", board.models().stream().map(ModelTables::json).toList());
    json.put("reliability", served().reliability());
    json.put("byTime", board.spans());
    json.put("ranksByTime", !board.isWithoutRanksByTime());
    json.put("byKey", shown.keys == null ? List.of() : board.worstKeys(shown.keys));
    json.put("keysBetterThanConstant", board.keysBetterThanConstant());
    return json;
  }

  private ModelScore served() {
    return board.models().stream()
        .filter(model -> model.model().equals(SERVED))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("nothing was served"));
  }

  void print(PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%,d outcomes of %,d keys, observed %s to %s; each learned %s (%s)%n%n",
        board.size(),
        counts.keys(),
        board.times().get(0),
        board.times().get(1),
        learned(),
        shown.file);
    ModelTables tables = new ModelTables(labels);
    tables.models(board.models(), out);
    notes(tables, out);
    if (shown.reliability) {
      tables.reliability("what is served", served(), out);
    }
    tables.byTime("observation", board.spans(), out);
    byKey(tables, out);
    out.flush();
  }

  private String learned() {
    if (shown.delay.isZero()) {
      return shown.csv ? "right behind its row" : "at its own time";
    }
    return "%s after its observation%s"
        .formatted(
            shown.delay.toString().substring(1).replaceFirst("^T", "").toLowerCase(Locale.ROOT),
            shown.csv ? "" : ", or at its own time if that is later");
  }

  private void notes(ModelTables tables, PrintWriter out) {
    out.println();
    out.println(
        labels.isEmpty()
            ? "constant: the mean of the key's outcomes that were known when it was observed; pooled: of all keys'."
            : "constant: the shares of the key's outcomes that were known when it was observed; pooled: of all keys'.");
    if (board.models().stream().anyMatch(model -> model.model().equals("champion"))) {
      out.printf(
          Locale.ROOT,
          "The champion alone was served in %.1f %%.%n",
          100.0 * board.servedByChampion() / board.size());
    }
    tables.aucError(board.models(), out);
    if (board.isWithoutRanksByTime()) {
      out.println("By time the AUC is left out: there are too many labels and models for it.");
    }
    if (shown.oneIn > 1) {
      out.printf(
          Locale.ROOT,
          "One key in %s takes part (--sample): %,d events of others were left out, by pooled, too.%n",
          shown.oneIn,
          counts.leftOut());
    }
    said(counts.backwards(), "observations are earlier than one before them", out);
    said(
        counts.unscored(),
        "of them are earlier than an outcome that was learned before, and are not scored",
        out);
    said(counts.repeated(), "events came again and were passed over", out);
    said(counts.outcomesAlone(), "outcomes met no observation", out);
    said(counts.observationsAlone(), "observations met no outcome", out);
  }

  private static void said(long count, String what, PrintWriter out) {
    if (count > 0) {
      out.printf(Locale.ROOT, "%,d %s.%n", count, what);
    }
  }

  private void byKey(ModelTables tables, PrintWriter out) {
    if (shown.keys == null) {
      return;
    }
    List<OfKey> worst = board.worstKeys(shown.keys);
    out.printf(
        Locale.ROOT,
        "%n%s of the keys that are served worst, compared with their constant; %,d of %,d are served better%n",
        tables.measure(),
        board.keysBetterThanConstant(),
        counts.keys());
    tables.byKey(worst, out);
  }
}
