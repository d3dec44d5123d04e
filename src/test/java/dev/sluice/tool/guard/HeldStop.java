package dev.sluice.tool.guard;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.services.HandSetClock;
import dev.sluice.tool.stop.Step;
import dev.sluice.tool.stop.StepResult;
import dev.sluice.tool.stop.StopEvent;
import dev.sluice.tool.stop.StopListener;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** A stop that continues when the test lets it. */
final class HeldStop {

  /** The run that it stops. */
  static final String JOB = "0123456789abcdef0123456789abcdef";

  static final Instant NOON = HandSetClock.NOON;

  private final AtomicInteger starts = new AtomicInteger();
  private volatile CompletableFuture<StopResult> outcome = new CompletableFuture<>();
  private volatile StopListener listener = event -> {};

  CompletableFuture<StopResult> start(StopListener reported) {
    starts.incrementAndGet();
    outcome = new CompletableFuture<>();
    listener = reported;
    return outcome;
  }

  int starts() {
    return starts.get();
  }

  void begins(Step step, String text) {
    listener.on(new StopEvent.Started(Instant.now(), step, text));
  }

  void goesOn(Step step, String text, Map<String, Long> figures) {
    listener.on(new StopEvent.Progress(Instant.now(), step, text, figures));
  }

  void ends(Step step, StepResult result, long tookMs, String text) {
    listener.on(new StopEvent.Ended(Instant.now(), step, result, Duration.ofMillis(tookMs), text));
  }

  void endsWith(StopResult how) {
    outcome.complete(how);
  }

  void breaksOff(Exception how) {
    outcome.completeExceptionally(how);
  }

  static StopResult proved() {
    return StopResult.of(
        StopResult.Kind.PROVED,
        receipt(StopResult.Kind.PROVED, List.of(), List.of()),
        Path.of("/var/lib/sluice/stops/receipt.json"),
        "Stopped, and nothing was lost.");
  }

  static Receipt receipt(StopResult.Kind outcome, List<String> problems, List<String> warnings) {
    Receipt.Job job =
        new Receipt.Job(
            JOB, "flights", "2.2.1", "0.1.0", 2, new TreeMap<>(), "f", new TreeMap<>(), "");
    Receipt.Snapshot snapshot =
        new Receipt.Snapshot(
            "file:///savepoints/savepoint-012345-9a8b7c6d5e4f",
            "savepoint",
            42,
            "canonical",
            false,
            73_400_320,
            List.of(new Receipt.StoredFile("file:///savepoints/_metadata", 73_400_320, "aa")));
    return new Receipt(
        Receipt.VERSION,
        "sluice 0.1.0",
        outcome,
        NOON,
        NOON.plusSeconds(9),
        job,
        snapshot,
        new TreeMap<>(Map.of("sluice.events/0", 123_456L)),
        List.of(new Receipt.Transaction("sluice-0-1-41", 7, 3, "committed")),
        new Receipt.Models(229, 5_500_000, 512_345, 498_765, 0, 498_765, 13_580, 12),
        List.of(),
        problems,
        warnings,
        new Receipt.Resume(
            "sluice resume /var/lib/sluice/stops/receipt.json",
            "flink run -s file:///savepoints/savepoint-012345-9a8b7c6d5e4f sluice-job.jar"),
        List.of(),
        false,
        List.of());
  }
}
