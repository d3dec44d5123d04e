package dev.sluice.tool.cli;

import dev.sluice.ledger.Partition;
import dev.sluice.settings.PublishedSettings;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptFolder;
import dev.sluice.tool.receipt.Resumptions;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.savepoint.BadSnapshotException;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.SnapshotFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The job that an audit is about which names neither savepoint nor receipt. Flink reports whether a
 * job with the transactional-id prefix runs, and its settings; the journal has the newest receipt
 * of one that was stopped. Without them an audit would have to guess labels, topics and lookups,
 * and would take what the job holds for lost.
 *
 * @param running whether it runs
 * @param settings its own, without secrets; none has its default. Null if neither Flink nor a
 *     receipt has them
 * @param stop the receipt of its last stop, unless it runs or was resumed since; null if there is
 *     none
 * @param notes what could not be found out, a sentence each
 */
record AuditSubject(
    Running running,
    @Nullable SortedMap<String, String> settings,
    ReceiptFolder.@Nullable Kept stop,
    List<String> notes) {

  private static final String PREFIX = "sluice.sink.transactional-id-prefix";
  private static final String DEFAULT_PREFIX = "sluice";

  /** Whether a job runs. */
  enum Running {
    YES,
    NO,
    UNKNOWN
  }

  /**
   * Searches for it.
   *
   * @param prefix of its transactions; no two jobs have the same
   * @param fits whether settings are those of the job that is meant, as far as the command line
   *     says
   * @param flink null if none is named
   * @param journal the directory of receipts
   */
  static AuditSubject find(
      String prefix, Predicate<Map<String, String>> fits, @Nullable JobManager flink, Path journal)
      throws InterruptedException {
    List<String> notes = new ArrayList<>();
    Running running;
    SortedMap<String, String> settings = null;
    try {
      Optional<SortedMap<String, String>> published = published(prefix, flink);
      running = published.isPresent() ? Running.YES : Running.NO;
      settings = published.filter(fits).orElse(null);
    } catch (IOException e) {
      running = Running.UNKNOWN;
      notes.add("whether the job runs is not known: " + e.getMessage());
    }
    Optional<ReceiptFolder.Kept> newest =
        newest(
            journal,
            receipt -> has(prefix, receipt.job().settings()) && fits.test(receipt.job().settings()),
            notes);
    if (settings == null) {
      settings = newest.map(one -> one.receipt().job().settings()).orElse(null);
    }
    Running known = running;
    ReceiptFolder.Kept stop =
        newest
            .filter(one -> known != Running.YES)
            .filter(one -> one.receipt().resumptions().isEmpty())
            .filter(one -> isComplete(one, notes))
            .filter(one -> !isResumedBeside(one, notes))
            .orElse(null);
    return new AuditSubject(running, settings, stop, List.copyOf(notes));
  }

  private static Optional<SortedMap<String, String>> published(
      String prefix, @Nullable JobManager flink) throws IOException, InterruptedException {
    if (flink == null) {
      throw new IOException("no JobManager is named to ask; --rest URL names one");
    }
    List<JobOverview> alive =
        flink.jobs().stream()
            .filter(job -> !job.isOver())
            .sorted(Comparator.comparing(JobOverview::startedAt).reversed())
            .toList();
    for (JobOverview job : alive) {
      SortedMap<String, String> published = flink.settings(job.id());
      if (PublishedSettings.isOfSluice(published) && has(prefix, published)) {
        return Optional.of(PublishedSettings.settingsAlone(published));
      }
    }
    return Optional.empty();
  }

  private static Optional<ReceiptFolder.Kept> newest(
      Path journal, Predicate<Receipt> fits, List<String> notes) {
    try {
      ReceiptFolder folder = ReceiptFolder.read(journal);
      Optional<ReceiptFolder.Kept> newest = folder.newest(fits);
      folder.passedOver().forEach(why -> notes.add("a receipt was passed over: " + why));
      return newest;
    } catch (IOException e) {
      notes.add("the receipts in %s can't be read: %s".formatted(journal, e));
      return Optional.empty();
    }
  }

  private static boolean has(String prefix, Map<String, String> settings) {
    return settings.getOrDefault(PREFIX, DEFAULT_PREFIX).equals(prefix);
  }

  /** After any other stop some answers wait to be committed by the resume. */
  private static boolean isComplete(ReceiptFolder.Kept stop, List<String> notes) {
    Receipt receipt = stop.receipt();
    if (receipt.snapshot() != null
        && (receipt.outcome() == StopResult.Kind.PROVED
            || receipt.outcome() == StopResult.Kind.UNPROVED)) {
      return true;
    }
    notes.add(
        ("the newest receipt, %s, is of a stop that is %s: its resume may still commit answers, so the audit does "
                + "not use it unless --receipt names it")
            .formatted(stop.file(), receipt.outcome().code()));
    return false;
  }

  /**
   * Whether the receipt next to the snapshot records a resumption: a resume from a directory, on
   * another machine or with another journal, writes only there.
   */
  private static boolean isResumedBeside(ReceiptFolder.Kept stop, List<String> notes) {
    String uri = Objects.requireNonNull(stop.receipt().snapshot()).uri();
    try {
      Optional<Snapshot> snapshot = opened(uri);
      if (snapshot.isEmpty()) {
        return false; // the caller that judges by it reports that
      }
      Optional<byte[]> sibling = SnapshotFiles.sibling(snapshot.get(), ReceiptFile.COPY_NAME);
      List<Receipt.Resumption> since =
          sibling.isEmpty()
              ? List.of()
              : ReceiptFile.parse(sibling.get(), uri + "/" + ReceiptFile.COPY_NAME).resumptions();
      if (since.isEmpty()) {
        return false;
      }
      notes.add(
          "the newest receipt, %s, is not used: the one in %s says that the job %s"
              .formatted(stop.file(), uri, Resumptions.lastInWords(since)));
    } catch (IOException | UncheckedIOException e) { // unknown does not mean that it has not moved
      notes.add(
          "the newest receipt, %s, is not used: whether the job was resumed can't be read: %s"
              .formatted(stop.file(), e.getMessage()));
    }
    return true;
  }

  /** Empty if it is none that can be judged by. */
  private static Optional<Snapshot> opened(String uri) throws IOException {
    try {
      return Optional.of(Snapshot.open(uri));
    } catch (BadSnapshotException | IllegalArgumentException noSnapshot) {
      return Optional.empty();
    }
  }

  /**
   * Whether the same stop still bounds the job, by what was found later: the job does not run, and
   * no one has written a resumption or another receipt.
   */
  boolean stillBoundedBy(ReceiptFolder.Kept earlier) {
    return running != Running.YES && earlier.equals(stop);
  }

  /**
   * Why an earlier stop does not bound the job any more, as was found later.
   *
   * @param before what was already reported about it
   */
  List<String> whyUnbounded(ReceiptFolder.Kept earlier, List<String> before) {
    List<String> why = new ArrayList<>(notes);
    why.removeAll(before);
    if (running == Running.YES) {
      why.add("a job with its transactional-id prefix runs by now");
    } else if (stop != null && !stop.file().equals(earlier.file())) {
      why.add("%s is newer".formatted(stop.file()));
    } else if (why.isEmpty()) {
      why.add("it was changed, or records a resumption by now");
    }
    return why;
  }

  /** Where the sources stood at the stop. */
  static SortedMap<Partition, Long> stoppedAt(Receipt receipt) {
    SortedMap<Partition, Long> offsets = new TreeMap<>();
    receipt
        .sourceOffsets()
        .forEach(
            (name, offset) -> {
              int slash = name.lastIndexOf('/');
              offsets.put(
                  new Partition(
                      name.substring(0, slash), Integer.parseInt(name.substring(slash + 1))),
                  Math.max(0, offset));
            });
    return offsets;
  }
}
