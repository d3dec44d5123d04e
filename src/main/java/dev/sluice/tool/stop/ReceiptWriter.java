package dev.sluice.tool.stop;

import dev.sluice.tool.receipt.Fingerprint;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.savepoint.Kind;
import dev.sluice.tool.savepoint.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes a stop's receipt and puts it where it is found again. */
record ReceiptWriter(StopPolicy policy, StopLog log) {

  private static final String TOOL = "sluice ";

  /**
   * The receipt as things stand.
   *
   * @param uri of the snapshot, which may be one that could not be opened; null if there is none
   * @param earlier the steps of the receipt that it replaces; none if there is none
   */
  Receipt make(
      StopResult.Kind outcome,
      Journal.Entry entry,
      SnapshotProof proof,
      @Nullable String uri,
      List<Receipt.StepLine> earlier) {
    JobFacts job = entry.job();
    Snapshot snapshot = proof.snapshot();
    return new Receipt(
            Receipt.VERSION,
            TOOL + version(),
            outcome,
            entry.started(),
            log.now(),
            new Receipt.Job(
                job.id(),
                job.name(),
                job.flinkVersion(),
                job.version(),
                job.parallelism(),
                job.settings(),
                Fingerprint.of(job.settings()),
                job.flink(),
                job.kafkaClusterId()),
            snapshot == null ? unread(uri, outcome, entry) : snapshot(snapshot, proof.files()),
            proof.sourceOffsets(),
            proof.transactions(),
            proof.models().totals(),
            steps(earlier),
            proof.findings().problemTexts(),
            warnings(outcome, entry, proof),
            uri == null || entry.drain()
                ? null
                : resume(entry, snapshot == null ? uri : snapshot.uri()),
            List.of(),
            false,
            List.of())
        .notProving(proof.findings().notProved());
  }

  private List<String> warnings(StopResult.Kind outcome, Journal.Entry entry, SnapshotProof proof) {
    List<String> warnings = new ArrayList<>(proof.findings().warnings());
    if (outcome != StopResult.Kind.ESCALATED
        && !proof.findings().notProved().contains(Verdicts.ANSWERS)) {
      OtherBrokers.of(entry.job(), policy.settings())
          .ifPresent(one -> warnings.add(one.words(proof.ofTheJobsCluster())));
    }
    return List.copyOf(warnings);
  }

  /** The savepoint was made once, and its proof counts as it came out last. */
  private List<Receipt.StepLine> steps(List<Receipt.StepLine> earlier) {
    List<Receipt.StepLine> steps = new ArrayList<>();
    for (Receipt.StepLine line : earlier) {
      if (log.lines().stream().noneMatch(now -> now.step().equals(line.step()))
          || line.step().equals(Step.PREFLIGHT.code())) {
        steps.add(line);
      }
    }
    for (Receipt.StepLine line : log.lines()) {
      if (earlier.isEmpty() || !line.step().equals(Step.PREFLIGHT.code())) {
        steps.add(line);
      }
    }
    return List.copyOf(steps);
  }

  private static Receipt.Snapshot snapshot(Snapshot of, FileProof proof) {
    return new Receipt.Snapshot(
        of.uri(),
        of.kind().isSavepoint() ? "savepoint" : "checkpoint",
        of.checkpointId(),
        of.canonical() ? "canonical" : "native",
        of.kind() == Kind.DRAINED,
        proof.bytes(),
        proof.files());
  }

  /** What is known of a snapshot that could not be opened: it may be whole, and read later. */
  private static Receipt.@Nullable Snapshot unread(
      @Nullable String uri, StopResult.Kind outcome, Journal.Entry entry) {
    boolean isCheckpoint = outcome == StopResult.Kind.ESCALATED;
    return uri == null
        ? null
        : new Receipt.Snapshot(
            uri,
            isCheckpoint ? "checkpoint" : "savepoint",
            Receipt.Snapshot.UNKNOWN_ID,
            isCheckpoint || entry.nativeFormat() ? "native" : "canonical",
            !isCheckpoint && entry.drain(),
            0,
            List.of());
  }

  private Receipt.Resume resume(Journal.Entry entry, String snapshot) {
    JobFacts job = entry.job();
    String flink =
        ShellWords.flinkRun(
            snapshot, job.parallelism(), job.flink(), "sluice-job.jar", job.settings());
    List<String> sluice = new ArrayList<>(List.of("sluice", "resume", file(entry).toString()));
    sluice.addAll(policy.connection());
    return new Receipt.Resume(ShellWords.join(sluice), flink);
  }

  /** Where the receipt of a stop goes, however often it is begun or proved. */
  Path file(Journal.Entry entry) {
    Path named = policy.receipt();
    if (named == null && entry.receipt() != null) {
      return Path.of(entry.receipt());
    }
    return named != null
        ? named.toAbsolutePath()
        : policy
            .journal()
            .toAbsolutePath()
            .resolve(
                "receipt-%s-%s.json"
                    .formatted(
                        entry.job().name().replaceAll("[^A-Za-z0-9._-]", "_"),
                        entry.triggerId().substring(0, 8)));
  }

  /** The receipt of this very stop that is there already, of this savepoint. */
  Optional<Receipt> written(Journal.Entry entry, String uri) {
    Path file = file(entry);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(ReceiptFile.read(file, policy.keys()))
          .filter(
              receipt ->
                  receipt.job().id().equals(entry.job().id())
                      && receipt.startedAt().equals(entry.started())
                      && receipt.snapshot() != null
                      && StopHistory.isSame(receipt.snapshot().uri(), uri));
    } catch (IOException e) {
      return Optional.empty(); // The proof replaces it.
    }
  }

  /**
   * Writes it.
   *
   * @return the same with the resumptions that were in the file
   */
  Receipt write(Path file, Receipt receipt) throws IOException {
    Receipt kept = KeptReceipt.withResumptions(file, receipt, policy.keys());
    ReceiptFile.write(file, kept, policy.receiptGroup(), policy.keys());
    return kept;
  }

  /**
   * Puts a copy into the snapshot's directory, with the resumptions that the existing one records;
   * empty, or why that can't be.
   */
  String writeCopy(Receipt receipt, @Nullable Snapshot snapshot) throws InterruptedException {
    if (snapshot == null) {
      return "";
    }
    try {
      ReceiptCopy.put(snapshot, receipt, policy.proofPatience(), policy.keys());
      return "";
    } catch (IOException e) {
      return "with no copy next to the savepoint: " + e;
    }
  }

  private static String version() {
    String version = ReceiptWriter.class.getPackage().getImplementationVersion();
    return version == null ? "unpackaged" : version;
  }
}
