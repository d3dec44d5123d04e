package dev.sluice.tool.resume;

import dev.sluice.settings.JobSettings;
import dev.sluice.settings.PublishedSettings;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.receipt.UntrustedReceiptException;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.SnapshotFiles;
import dev.sluice.tool.stop.FileProof;
import dev.sluice.tool.stop.Reproof;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot together with what is known of its job.
 *
 * @param snapshot what is resumed
 * @param receipt of the stop that made it; null if there is none
 * @param receiptFile where that is; null if it was only found next to the snapshot
 * @param signature what is known of the receipt's signature
 * @param before the settings of the job as it was, as far as they are known
 * @param settings of the job as it will run, secrets among them
 * @param unfinished why the receipt is not to be resumed yet; empty if its proof has ended
 */
record Resumable(
    Snapshot snapshot,
    @Nullable Receipt receipt,
    @Nullable Path receiptFile,
    Signature signature,
    Map<String, String> before,
    Map<String, String> settings,
    String unfinished) {

  private static final String JAR = "--jar";
  private static final String VERIFY_KEY = "--verify-key";

  /** What is known of a receipt's signature. */
  enum Signature {
    /** It bears none. */
    NONE,
    /** It bears one, and no key was given to check it. */
    CLAIMED,
    /** One of the keys has signed it. */
    TRUSTED
  }

  /** As {@link Receipt} has it. */
  private static final Pattern MILLISECONDS = Pattern.compile("([0-9]{1,12}) ms");

  /**
   * Opens what a policy names.
   *
   * @throws IOException if it is neither a receipt nor a snapshot, or can't be read
   */
  static Resumable open(ResumePolicy policy) throws IOException, InterruptedException {
    Path file = file(policy.from());
    Receipt receipt = null;
    boolean claimed = false;
    String uri = policy.from();
    if (file != null) {
      receipt = ReceiptFile.read(file, policy.keys());
      claimed = ReceiptFile.isSigned(file);
      uri = uri(receipt, file);
    }
    Snapshot snapshot = Snapshot.open(uri, ResumePreflight.FILES);
    if (receipt == null) {
      Optional<byte[]> sibling = sibling(snapshot, policy);
      if (sibling.isPresent()) {
        receipt = parse(sibling.get(), snapshot, policy);
        claimed = ReceiptFile.isSigned(sibling.get());
      }
    }
    String where = file != null ? file.toString() : "the receipt next to " + snapshot.uri();
    Map<String, String> before = policy.settingsBefore(receipt, where);
    String unfinished =
        receipt == null
            ? ""
            : Reproof.unfinished(
                    receipt,
                    file == null ? snapshot.uri() : file.toString(),
                    policy.journal(),
                    ofAProof(policy.connection()))
                .orElse("");
    return new Resumable(
        snapshot,
        receipt,
        file,
        policy.keys().areGiven() ? Signature.TRUSTED : claimed ? Signature.CLAIMED : Signature.NONE,
        before,
        settings(before, policy),
        unfinished);
  }

  /** What of a resume's flags a stop and a proof have, too; who completes a receipt signs it. */
  private static List<String> ofAProof(List<String> connection) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < connection.size(); i++) {
      String word = connection.get(i);
      if (word.equals(JAR)) {
        i++;
      } else if (word.equals(VERIFY_KEY)) {
        i++;
        words.addAll(List.of("--sign", "KEYFILE"));
      } else {
        words.add(word);
      }
    }
    return words;
  }

  /**
   * The same job from another snapshot. Where a key is given, that needs a signed receipt of its
   * own, next to it: the one that was read vouches for the first snapshot alone.
   *
   * @throws UntrustedReceiptException if there is none
   */
  Resumable from(Snapshot other, ResumePolicy policy) throws IOException, InterruptedException {
    if (!signed()) {
      return new Resumable(other, receipt, receiptFile, signature, before, settings, unfinished);
    }
    Receipt its = parse(sibling(other, policy).orElseThrow(), other, policy);
    return new Resumable(other, its, null, signature, before, settings, unfinished);
  }

  /** The receipt next to a snapshot; empty if there is none and no key asks for one. */
  private static Optional<byte[]> sibling(Snapshot snapshot, ResumePolicy policy)
      throws IOException, InterruptedException {
    Optional<byte[]> sibling =
        SnapshotFiles.sibling(snapshot, ReceiptFile.COPY_NAME, ResumePreflight.FILES);
    if (sibling.isEmpty()) {
      policy.keys().requireReceipt(snapshot.uri());
    }
    return sibling;
  }

  private static Receipt parse(byte[] sibling, Snapshot snapshot, ResumePolicy policy)
      throws IOException {
    return ReceiptFile.parse(sibling, snapshot.uri() + "/" + ReceiptFile.COPY_NAME, policy.keys());
  }

  /** Whether a key was given, and has signed the receipt. */
  boolean signed() {
    return signature == Signature.TRUSTED;
  }

  /** Whether the receipt bore a signature when it was read, whether or not it was verified. */
  boolean claimsSignature() {
    return signature != Signature.NONE;
  }

  /**
   * The snapshot of a receipt.
   *
   * @throws IOException if it names none
   */
  static String uri(Receipt receipt, Path file) throws IOException {
    Receipt.Snapshot snapshot = receipt.snapshot();
    if (snapshot == null) {
      throw new IOException(
          RefusalCode.RECEIPT_NO_SNAPSHOT.in(
              (receipt.outcome() == StopResult.Kind.ESCALATED
                      ? "the receipt %s names no snapshot: the job was cancelled and nothing was kept"
                      : "the receipt %s names no snapshot, for the stop could not open the savepoint: its "
                          + "problems say where that is. Prove it with the same 'sluice stop', or resume from the "
                          + "savepoint itself")
                  .formatted(file)));
    }
    return snapshot.uri();
  }

  private static @Nullable Path file(String from) {
    try {
      Path path = Path.of(from);
      return Files.isRegularFile(path) && !path.endsWith("_metadata") ? path : null;
    } catch (InvalidPathException aUri) {
      return null;
    }
  }

  private static Map<String, String> settings(Map<String, String> before, ResumePolicy policy) {
    Map<String, String> settings = new HashMap<>(before);
    settings.putAll(policy.settings());
    String fork = policy.fork();
    if (fork != null) {
      settings.put("sluice.job.name", fork);
      settings.put("sluice.kafka.group-id", fork);
      settings.put("sluice.sink.transactional-id-prefix", fork);
      settings.put("sluice.restore-fence", "off"); // Its own topics hold none of the answers.
    }
    return settings;
  }

  /** Output topics that the job as it will run shares with the job as it was. */
  Set<String> sharedOutputs() {
    Set<String> shared = new TreeSet<>(jobSettings().topics().outputs().values());
    shared.retainAll(JobSettings.of(before).topics().outputs().values());
    return shared;
  }

  JobSettings jobSettings() {
    return JobSettings.of(settings);
  }

  /**
   * Why a job with its settings can't continue from the snapshot, which was made under others; a
   * sentence each. Flink takes one whose settings were forgotten, and it fails when its tasks
   * start.
   */
  List<String> otherSettings() {
    JobSettings now = jobSettings();
    List<String> why = new ArrayList<>();
    snapshot.otherMeaning(now).forEach(what -> why.add(what + ": the job would fail at its start"));
    Set<String> read = new TreeSet<>();
    snapshot.sourceOffsets().keySet().forEach(p -> read.add(p.topic()));
    if (!read.isEmpty() && Collections.disjoint(read, now.topics().inputs())) {
      why.add(
          ("sluice.topics.events and sluice.topics.control name %s, but the snapshot's job read %s: it would read "
                  + "the former from their beginning, and read on in the latter. If that is meant, submit it with "
                  + "'flink "
                  + "run -s'")
              .formatted(now.topics().inputs(), read));
    }
    why.replaceAll(
        one ->
            RefusalCode.RESUME_SETTINGS.in(
                one
                    + ". Give its own settings with --settings FILE or one by one, or name its receipt, which "
                    + "holds them"));
    return why;
  }

  /**
   * Which files of the snapshot are not those of its receipt, a sentence each. An unsigned receipt
   * is checked for damage only, and not if another snapshot of the job was taken in place of its
   * own; one that is signed must vouch for what is resumed.
   */
  List<String> changedFiles(List<Receipt.StoredFile> found) {
    Receipt.Snapshot reported = receipt == null ? null : receipt.snapshot();
    if (receipt != null && signed()) {
      return FileProof.notVouchedFor(receipt, snapshot.uri(), found);
    }
    return reported == null || reported.checkpointId() != snapshot.checkpointId()
        ? List.of()
        : FileProof.changed(reported, found);
  }

  /**
   * The files that were read for a proof; empty if that is of another snapshot, if no models were
   * read, if the receipt has changed since, or if it has a signature: then it must vouch for what
   * is read now.
   *
   * @param proof as this process has made it
   */
  List<Receipt.StoredFile> filesOf(Receipt proof) {
    Receipt.Snapshot read = proof.snapshot();
    if (read == null || proof.models() == null || receipt == null || signed()) {
      return List.of();
    }
    boolean same =
        read.equals(receipt.snapshot())
            && read.checkpointId() == snapshot.checkpointId()
            && read.uri().equals(snapshot.uri());
    return same ? read.files() : List.of();
  }

  /** The settings that may be seen. */
  SortedMap<String, String> published() {
    return PublishedSettings.withoutSecrets(settings);
  }

  /** What the policy says, or else as it was. */
  int parallelism(ResumePolicy policy) {
    Integer wanted = policy.parallelism();
    if (wanted != null) {
      return wanted;
    }
    return receipt == null || receipt.job().parallelism() < 1
        ? snapshot.parallelism()
        : receipt.job().parallelism();
  }

  /** From one checkpoint of the job to the next, if the receipt says so. */
  Optional<Duration> checkpointInterval() {
    return checkpointInterval(flink());
  }

  /** The same of what a receipt says of Flink's configuration. */
  static Optional<Duration> checkpointInterval(Map<String, String> flink) {
    Matcher ms = MILLISECONDS.matcher(flink.getOrDefault("execution.checkpointing.interval", ""));
    return ms.matches()
        ? Optional.of(Duration.ofMillis(Long.parseLong(ms.group(1))))
        : Optional.empty();
  }

  /** Of the Kafka cluster that the stopped job wrote to; empty if that is not known. */
  String kafkaClusterId() {
    return receipt == null ? "" : receipt.job().kafkaClusterId();
  }

  /** What the stopped job had of Flink's configuration. */
  Map<String, String> flink() {
    return receipt == null ? Map.of() : receipt.job().flink();
  }
}
