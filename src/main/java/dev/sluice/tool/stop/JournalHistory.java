package dev.sluice.tool.stop;

import dev.sluice.tool.receipt.OlderModels;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptFolder;
import dev.sluice.tool.receipt.Unasked;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The stops that a journal records.
 *
 * @param stops for programs, the newest first
 * @param lines for people, the newest first
 * @param passedOver receipts that can't be read, a sentence each
 */
public record JournalHistory(
    List<Map<String, Object>> stops, List<String> lines, List<String> passedOver) {

  private static final String MODELS_ONLY = "models-only rollback";

  /**
   * Reads them.
   *
   * @param job the name or id of the only job that counts; empty for every one
   * @throws IOException if the directory can't be listed
   */
  public static JournalHistory of(Path journal, String job) throws IOException {
    if (Files.exists(journal) && !Files.isDirectory(journal)) {
      throw new IOException(
          "the journal %s is no directory: name the directory of the stops with --journal"
              .formatted(journal));
    }
    ReceiptFolder folder = ReceiptFolder.read(journal);
    List<Map<String, Object>> stops = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    for (Journal.Entry entry : Journal.all(journal, job)) {
      if (entry.receipt() == null) {
        stops.add(begun(entry));
        lines.add(
            "%s  %-21s %s, %s; 'sluice stop' continues it"
                .formatted(entry.startedAt(), "not over", entry.job().name(), entry.job().id()));
      }
    }
    for (ReceiptFolder.Kept kept : folder.kept()) {
      Receipt.Job of = kept.receipt().job();
      if (job.isEmpty() || of.name().equals(job) || of.id().equals(job)) {
        stops.add(over(kept));
        lines.add(line(kept));
      }
    }
    return new JournalHistory(stops, lines, folder.passedOver());
  }

  /**
   * Whether a file is the receipt of the last stop of a job, which a stop that continues writes
   * again. Any other receipt is of another stop, and would be lost.
   *
   * @param job its name or id
   * @throws IOException if the file is no receipt
   */
  public static boolean isOfLastStop(Path file, Path journal, String job) throws IOException {
    Receipt receipt = ReceiptFile.read(file);
    return Journal.all(journal, job).stream()
        .limit(1)
        .anyMatch(
            last ->
                last.job().id().equals(receipt.job().id())
                    && last.started().equals(receipt.startedAt()));
  }

  private static Map<String, Object> begun(Journal.Entry entry) {
    Map<String, Object> stop = new LinkedHashMap<>();
    stop.put("job", entry.job().name());
    stop.put("jobId", entry.job().id());
    stop.put("startedAt", entry.startedAt());
    stop.put("outcome", null);
    stop.put("snapshot", entry.savepoint());
    return stop;
  }

  private static Map<String, Object> over(ReceiptFolder.Kept kept) {
    Receipt receipt = kept.receipt();
    Map<String, Object> stop = new LinkedHashMap<>();
    stop.put("job", receipt.job().name());
    stop.put("jobId", receipt.job().id());
    stop.put("startedAt", receipt.startedAt().toString());
    stop.put("endedAt", receipt.endedAt().toString());
    stop.put("outcome", receipt.outcome().code());
    stop.put("snapshot", receipt.snapshot() == null ? null : receipt.snapshot().uri());
    stop.put("receipt", kept.file().toString());
    stop.put("kind", OlderModels.in(receipt).isPresent() ? MODELS_ONLY : "stop");
    OlderModels.in(receipt).ifPresent(from -> stop.put("modelsFrom", from));
    stop.put(
        "resumedAs",
        receipt.resumptions().stream()
            .filter(one -> one.state() != Receipt.Resumption.State.ASKED)
            .map(Receipt.Resumption::jobId)
            .toList());
    stop.put(
        "resumptions", receipt.resumptions().stream().map(JournalHistory::resumption).toList());
    return stop;
  }

  private static Map<String, Object> resumption(Receipt.Resumption one) {
    Map<String, Object> resumption = new LinkedHashMap<>();
    resumption.put("jobId", one.jobId());
    resumption.put("at", one.at().toString());
    resumption.put("parallelism", one.parallelism());
    resumption.put("state", one.state().code());
    return resumption;
  }

  private static String line(ReceiptFolder.Kept kept) {
    Receipt receipt = kept.receipt();
    Optional<String> modelsFrom = OlderModels.in(receipt);
    StringBuilder line =
        new StringBuilder(
            "%s  %-21s %s, %s"
                .formatted(
                    receipt.endedAt().truncatedTo(ChronoUnit.SECONDS),
                    modelsFrom.isPresent() ? MODELS_ONLY : receipt.outcome().code(),
                    receipt.job().name(),
                    kept.file()));
    modelsFrom.ifPresent(
        from -> line.append(", models of ").append(Unasked.shown(from)).append(", not a stop"));
    for (Receipt.Resumption one : receipt.resumptions()) {
      line.append(inWords(one).formatted(Unasked.shown(one.jobId())));
    }
    return line.toString();
  }

  private static String inWords(Receipt.Resumption one) {
    return switch (one.state()) {
      case ASKED -> ", perhaps resumed as %s (whether Flink took it was not written down)";
      case SUBMITTED -> ", resumed as %s (not seen to make progress)";
      case RUNS -> ", resumed as %s";
    };
  }
}
