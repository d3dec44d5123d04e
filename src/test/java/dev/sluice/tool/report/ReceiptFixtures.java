package dev.sluice.tool.report;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.StopResult;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Receipts as stops leave them. */
final class ReceiptFixtures {

  static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
  static final String SAVEPOINT = "file:/savepoints/savepoint-012345-9a8b7c6d5e4f";
  static final String RESUME = "sluice resume /var/lib/sluice/stops/receipt-flights-395d12c3.json";

  private ReceiptFixtures() {}

  static Receipt of(StopResult.Kind outcome) {
    return switch (outcome) {
      case PROVED -> receipt(outcome, snapshot("savepoint"), "committed", List.of(), List.of());
      case ESCALATED ->
          receipt(
              outcome,
              snapshot("checkpoint"),
              "open",
              List.of(),
              List.of("there is no savepoint: it took longer than 60 s"));
      case UNPROVED ->
          receipt(
              outcome,
              snapshot("savepoint"),
              "aborted",
              List.of("transaction flights-1-41 of the savepoint is aborted, not committed"),
              List.of());
      case FAILED_WHILE_STOPPING ->
          receipt(outcome, snapshot("savepoint"), "open", List.of(), List.of());
      default -> throw new IllegalArgumentException(outcome + " has no receipt");
    };
  }

  static Receipt proved() {
    return of(StopResult.Kind.PROVED);
  }

  /** Neither savepoint nor checkpoint. */
  static Receipt nothingKept() {
    return receipt(StopResult.Kind.ESCALATED, null, "open", List.of(), List.of("Nothing is kept"));
  }

  static Receipt drained() {
    Receipt.Snapshot kept = snapshot("savepoint");
    Receipt receipt =
        receipt(
            StopResult.Kind.PROVED,
            new Receipt.Snapshot(
                kept.uri(), kept.kind(), 42, "canonical", true, kept.bytes(), kept.files()),
            "committed",
            List.of(),
            List.of("the job was drained, as asked"));
    return with(receipt, receipt.steps(), null);
  }

  /** With one text in the place of every text. */
  static Receipt saying(String text) {
    Receipt.Snapshot snapshot =
        new Receipt.Snapshot(
            text, text, 1, text, false, 2, List.of(new Receipt.StoredFile(text, 2, text)));
    return new Receipt(
        Receipt.VERSION,
        text,
        StopResult.Kind.UNPROVED,
        NOON,
        NOON,
        new Receipt.Job(
            text,
            text,
            text,
            text,
            1,
            new TreeMap<>(Map.of(text, text)),
            text,
            new TreeMap<>(Map.of(text, text)),
            ""),
        snapshot,
        new TreeMap<>(Map.of(text, 1L)),
        List.of(new Receipt.Transaction(text, 1, 0, text)),
        null,
        List.of(new Receipt.StepLine(text, NOON, 1, text, text)),
        List.of(text),
        List.of(text),
        new Receipt.Resume(text, text),
        List.of(new Receipt.Resumption(NOON, text, 1, 1L, 1, Receipt.Resumption.State.RUNS)),
        false,
        List.of());
  }

  static Receipt withSteps(List<Receipt.StepLine> steps) {
    Receipt proved = proved();
    return with(proved, steps, proved.resume());
  }

  private static Receipt with(
      Receipt of, List<Receipt.StepLine> steps, Receipt.@Nullable Resume resume) {
    return new Receipt(
        of.receiptVersion(),
        of.tool(),
        of.outcome(),
        of.startedAt(),
        of.endedAt(),
        of.job(),
        of.snapshot(),
        of.sourceOffsets(),
        of.transactions(),
        of.models(),
        steps,
        of.problems(),
        of.warnings(),
        resume,
        of.resumptions(),
        false,
        List.of());
  }

  private static Receipt.Snapshot snapshot(String kind) {
    return new Receipt.Snapshot(
        SAVEPOINT,
        kind,
        42,
        "canonical",
        false,
        73_400_320,
        List.of(
            new Receipt.StoredFile(SAVEPOINT + "/_metadata", 40_112, "ab".repeat(32)),
            new Receipt.StoredFile(
                SAVEPOINT + "/1f0c1a52-7d7e-4d0f-9d8f-5b1a4c3e2d10", 73_360_208, "cd".repeat(32))));
  }

  private static Receipt receipt(
      StopResult.Kind outcome,
      Receipt.@Nullable Snapshot snapshot,
      String fate,
      List<String> problems,
      List<String> warnings) {
    return new Receipt(
        Receipt.VERSION,
        "sluice 0.1.0",
        outcome,
        NOON,
        NOON.plusSeconds(9),
        job(),
        snapshot,
        new TreeMap<>(Map.of("sluice.events/0", 123_456L, "sluice.events/1", 120_001L)),
        List.of(
            new Receipt.Transaction("flights-0-41", 7, 3, "committed"),
            new Receipt.Transaction("flights-1-41", 8, 3, fate)),
        new Receipt.Models(229, 5_500_000, 512_345, 498_765, 0, 498_765, 13_580, 12),
        steps(problems.isEmpty()),
        problems,
        warnings,
        snapshot == null
            ? null
            : new Receipt.Resume(RESUME, "flink run -d -s " + SAVEPOINT + " -p 2 sluice-job.jar"),
        List.of(),
        false,
        List.of());
  }

  private static Receipt.Job job() {
    return new Receipt.Job(
        "0123456789abcdef0123456789abcdef",
        "flights",
        "2.2.1",
        "0.1.0",
        2,
        new TreeMap<>(
            Map.of(
                "sluice.kafka.bootstrap-servers",
                "broker-1:9092,broker-2:9092",
                "sluice.sink.transaction-timeout",
                "15 min")),
        "ef".repeat(32),
        new TreeMap<>(Map.of("execution.checkpointing.interval", "10 s")),
        "");
  }

  private static List<Receipt.StepLine> steps(boolean committed) {
    return List.of(
        line("preflight", 0, 2_900, "ok", "job 0123… runs with parallelism 2"),
        line("request", 2_900, 200, "ok", "Flink knows the stop as 395d12c3"),
        line("savepoint", 3_100, 3_940, "ok", "the savepoint is complete: " + SAVEPOINT),
        line("finished", 7_040, 20, "ok", "every task has finished"),
        line(
            "committed",
            7_060,
            340,
            committed ? "ok" : "failed",
            committed
                ? "2 of 2 transactions of the savepoint are committed, none is open, every output can be read to "
                    + "its end"
                : "transaction flights-1-41 of the savepoint is aborted, not committed"),
        line("sane", 7_400, 1_200, "ok", "2 files, 73,400,320 bytes; 229 models, all sound"));
  }

  static Receipt.StepLine line(String step, long afterMs, long tookMs, String result, String text) {
    return new Receipt.StepLine(step, NOON.plusMillis(afterMs), tookMs, result, text);
  }
}
