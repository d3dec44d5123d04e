package dev.sluice.tool.resume;

import dev.sluice.tool.receipt.Fingerprint;
import dev.sluice.tool.receipt.OlderModels;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.savepoint.FileCheck;
import dev.sluice.tool.savepoint.ModelCheck;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.SnapshotFiles;
import dev.sluice.tool.stop.CounterNote;
import dev.sluice.tool.stop.ShellWords;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A receipt for a savepoint that holds the models of one and everything else of another.
 *
 * @param mixed the savepoint
 * @param older where its models are from
 * @param newest where everything else is from
 * @param files of the savepoint
 * @param models totals over its keys
 */
record TransplantReceipt(
    Snapshot mixed,
    Snapshot older,
    Snapshot newest,
    List<Receipt.StoredFile> files,
    Receipt.Models models) {

  private static final String POLICY = "sluice.serving.policy";
  private static final int RANGES = 1_000;

  /**
   * Reads the savepoint back and compares it with the two that it was made of.
   *
   * @throws IOException if it is not what it should be
   */
  static TransplantReceipt proved(Snapshot mixed, Snapshot older, Snapshot newest)
      throws IOException {
    FileCheck files = SnapshotFiles.check(mixed);
    List<String> problems = new ArrayList<>(files.problems());
    ModelCheck has = mixed.models().check();
    problems.addAll(has.problems());
    ModelCheck then = older.models().check();
    ModelCheck now = newest.models().check();
    require(mixed.sourceOffsets().equals(newest.sourceOffsets()), "the source offsets", problems);
    require(mixed.committables().equals(newest.committables()), "the transactions", problems);
    require(
        mixed.fence().map(fence -> fence.note()).equals(newest.fence().map(fence -> fence.note())),
        "the fence's note",
        problems);
    require(
        has.held().ranges(RANGES).equals(now.held().ranges(RANGES))
            && has.totals().pendingObservations() == now.totals().pendingObservations(),
        "what is pending",
        problems);
    require(
        has.totals().keys() == then.totals().keys()
            && has.totals().updates() == then.totals().updates()
            && has.totals().evaluations() == then.totals().evaluations(),
        "the models",
        problems);
    if (!problems.isEmpty()) {
      throw new IOException(
          "%s is not to be used: %s".formatted(mixed.uri(), String.join("; ", problems)));
    }
    return new TransplantReceipt(mixed, older, newest, files.files(), has.totals());
  }

  private static void require(boolean same, String what, List<String> problems) {
    if (!same) {
      problems.add(what + " did not come out as they were");
    }
  }

  /**
   * The receipt.
   *
   * @param newestReceipt of the stop that everything but the models is from
   * @param settings of its job, as the operator knows them
   * @param olderReceipt names the serving policy that the models were served by
   * @param file where it will be
   * @param connection the flags with which its command reaches the same Flink, Kafka and journal
   */
  Receipt of(
      Receipt newestReceipt,
      SortedMap<String, String> settings,
      Receipt olderReceipt,
      Path file,
      List<String> connection,
      Instant now) {
    Receipt.Job job = job(newestReceipt.job(), settings, olderReceipt.job().settings().get(POLICY));
    List<String> warnings = new ArrayList<>(newestReceipt.warnings());
    warnings.add(OlderModels.warning(older.uri(), newest.uri()));
    return new Receipt(
        Receipt.VERSION,
        newestReceipt.tool(),
        newestReceipt.outcome(),
        newestReceipt.startedAt(),
        now,
        job,
        new Receipt.Snapshot(
            mixed.uri(),
            "savepoint",
            mixed.checkpointId(),
            "canonical",
            false,
            files.stream().mapToLong(Receipt.StoredFile::bytes).sum(),
            files),
        newestReceipt.sourceOffsets(),
        newestReceipt.transactions(),
        models,
        CounterNote.without(newestReceipt.steps()),
        newestReceipt.problems(),
        warnings,
        new Receipt.Resume(
            command(file, connection),
            ShellWords.flinkRun(
                mixed.uri(), job.parallelism(), job.flink(), "sluice-job.jar", job.settings())),
        List.of(),
        false,
        newestReceipt.notProved());
  }

  static String command(Path file, List<String> connection) {
    List<String> words = new ArrayList<>(List.of("sluice", "resume", file.toString()));
    words.addAll(connection);
    return ShellWords.join(words);
  }

  static Receipt.Job job(
      Receipt.Job newest, SortedMap<String, String> known, @Nullable String policy) {
    SortedMap<String, String> settings = new TreeMap<>(known);
    settings.remove(POLICY);
    if (policy != null) {
      settings.put(POLICY, policy);
    }
    return newest.with(settings, Fingerprint.of(settings), newest.flink());
  }
}
