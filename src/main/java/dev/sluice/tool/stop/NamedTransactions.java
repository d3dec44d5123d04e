package dev.sluice.tool.stop;

import dev.sluice.ledger.PendingTransaction;
import dev.sluice.settings.PublishedSettings;
import dev.sluice.tool.broker.LiveTransaction;
import dev.sluice.tool.flink.FlinkException;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptFolder;
import dev.sluice.tool.savepoint.BadSnapshotException;
import dev.sluice.tool.savepoint.SavepointDirectory;
import dev.sluice.tool.savepoint.SavepointDirectory.KeptSnapshot;
import dev.sluice.tool.savepoint.Snapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The transactions of a prefix that snapshots name: a resume from such a snapshot commits them. It
 * checks the journal's receipts, what its stops of the prefix name, and, where the cluster keeps
 * checkpoints and savepoints, every one that was written since the transactions began: jobs leave
 * checkpoints there, and a plain {@code flink stop} its savepoints.
 *
 * <p>A snapshot that is not there any more, or is another program's, can't be resumed, and so names
 * nothing. One that can't be read, by this process or now, may name anything that was open when it
 * was made; so may one in a directory of another machine, which is not visible from this one.
 */
public final class NamedTransactions {

  /** How many snapshots of a directory are opened at most. */
  static final int MOST = 200;

  private static final Duration CLOCKS = Duration.ofMinutes(10);
  private static final String NO_CHECKPOINTS =
      "the cluster's configuration names no execution.checkpointing.dir: checkpoints of a job with a directory of "
          + "its own were not checked";

  private final String prefix;
  private final @Nullable Instant oldest;
  private final Map<PendingTransaction, Name> names = new HashMap<>();
  private final List<Unread> unread = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final List<Missing> missing = new ArrayList<>();

  /** Hosts of the JobManagers that are not this machine. */
  private static final String CHECKPOINTS = "execution.checkpointing.dir";

  private static final String SAVEPOINTS = "execution.checkpointing.savepoint-dir";

  private final List<String> others;

  private @Nullable Duration interval;

  private NamedTransactions(String prefix, @Nullable Instant oldest, List<String> others) {
    this.prefix = prefix;
    this.oldest = oldest;
    this.others = List.copyOf(others);
  }

  /**
   * What names a transaction.
   *
   * @param snapshot its URI
   * @param resume what a resume is given to commit it: a receipt's file, or the same URI
   */
  public record Name(String snapshot, String resume) {}

  /** A snapshot that can't be read, and until when it may have been made; null if unknown. */
  private record Unread(String why, @Nullable Instant madeUntil) {
    Unread {
      why = why.replaceAll(" \\[SLU-[A-Z-]+]", ""); // a refusal for it has a code
    }
  }

  /** A snapshot that is not here: whether it is gone is known once directories were listed. */
  private record Missing(String uri, @Nullable Path by, @Nullable Instant madeUntil) {}

  /**
   * Checks them.
   *
   * @param prefix of the transactional ids
   * @param oldest when the first of the transactions began that are asked about: earlier snapshots
   *     name none of them; null if that is not known
   * @throws IOException if the journal can't be listed, or Flink does not answer
   */
  public static NamedTransactions of(
      String prefix, @Nullable Instant oldest, Path journal, JobManager flink)
      throws IOException, InterruptedException {
    NamedTransactions named = new NamedTransactions(prefix, oldest, flink.otherMachines());
    ReceiptFolder folder = ReceiptFolder.read(journal);
    folder.kept().forEach(named::receipt);
    folder.unread().forEach(named::unreadReceipt);
    List<Journal.Entry> stops = Journal.all(journal, "");
    named.journal(journal, folder.kept().size(), stops.size());
    for (Journal.Entry entry : stops) {
      if (PublishedSettings.transactionalIdPrefix(entry.job().settings()).equals(prefix)) {
        named.stop(entry, Journal.file(journal, entry.job().id()), folder);
      }
    }
    Journal.unreadable(journal).forEach(why -> named.unread.add(new Unread(why, null)));
    named.configured(flink);
    named.missing.forEach(named::judge);
    return named;
  }

  /** Without one, it is not known whether anything was ever stopped. */
  private void journal(Path directory, int receipts, int stops) {
    if (Files.isDirectory(directory)) {
      notes.add("checked %s receipts and %s stops in %s".formatted(receipts, stops, directory));
    } else {
      unread.add(
          new Unread(
              ("there is no journal at %s: name the one of the job's stops with --journal, or make it, empty, if "
                      + "'sluice' has never stopped a job")
                  .formatted(directory),
              null));
    }
  }

  /** It was written when its stop was over. Another version has the prefix at the same place. */
  private void unreadReceipt(ReceiptFolder.Unread one) {
    Optional<String> of =
        PublishedSettings.ownTransactionalIdPrefix(ReceiptFile.settings(one.file()));
    if (of.isEmpty() || of.get().equals(prefix)) {
      unread.add(new Unread("a receipt: " + one.why(), writtenUntil(one.file())));
    }
  }

  private void stop(Journal.Entry entry, Path file, ReceiptFolder folder) {
    String savepoint = entry.savepoint();
    String receipt = entry.receipt();
    Instant madeUntil = receipt == null ? null : writtenUntil(file);
    String why = receipt == null ? "" : describe(receipt, entry, folder);
    if (savepoint != null && receipt == null) {
      snapshot(savepoint, savepoint, file, madeUntil);
    } else if (savepoint != null && receipt != null && !why.isEmpty()) {
      snapshot(savepoint, receipt, file, madeUntil);
    } else if (receipt == null) {
      unread.add(new Unread(unfinished(entry, file), null));
    } else if (!why.isEmpty()) {
      unread.add(new Unread("the receipt %s, of %s: %s".formatted(receipt, file, why), madeUntil));
    }
    entry.behind().leftBehind().forEach(left -> snapshot(left, left, file, madeUntil));
  }

  /** A stop that is over was over when its file was last written. */
  private static @Nullable Instant writtenUntil(Path entry) {
    try {
      return Files.getLastModifiedTime(entry).toInstant().plus(CLOCKS);
    } catch (IOException e) {
      return null;
    }
  }

  private static String unfinished(Journal.Entry entry, Path file) {
    return ("the stop of job (%s) that was begun at %s has not come to its end, and its savepoint is not known: "
            + "end it with the same 'sluice stop', or remove %s")
        .formatted(entry.job().name(), entry.startedAt(), file);
  }

  /**
   * Takes the receipt of a stop, which may be outside of the journal. If a stop ended with only a
   * checkpoint, its receipt names that.
   *
   * @return why it records nothing of that stop; empty if it does
   */
  private String describe(String named, Journal.Entry entry, ReceiptFolder folder) {
    try {
      Path file = Path.of(named).toAbsolutePath().normalize();
      boolean taken =
          folder.kept().stream()
              .anyMatch(one -> one.file().toAbsolutePath().normalize().equals(file));
      Receipt receipt = ReceiptFile.read(file);
      if (!isOf(receipt, entry)) {
        return "the receipt of another stop has taken its place";
      }
      if (!taken) {
        receipt(new ReceiptFolder.Kept(file, receipt));
      }
      return "";
    } catch (IOException | InvalidPathException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static boolean isOf(Receipt receipt, Journal.Entry entry) {
    Receipt.Snapshot snapshot = receipt.snapshot();
    String savepoint = entry.savepoint();
    return receipt.job().id().equals(entry.job().id())
        && (savepoint == null
            || (snapshot != null && StopHistory.isSame(snapshot.uri(), savepoint)));
  }

  private void receipt(ReceiptFolder.Kept kept) {
    Receipt receipt = kept.receipt();
    Receipt.Snapshot snapshot = receipt.snapshot();
    SortedMap<String, String> settings = receipt.job().settings();
    if (snapshot == null) {
      return;
    }
    boolean ofThePrefix = PublishedSettings.transactionalIdPrefix(settings).equals(prefix);
    if (interval == null && ofThePrefix) {
      interval = interval(receipt);
    }
    String file = kept.file().toString();
    receipt
        .transactions()
        .forEach(
            one ->
                names.putIfAbsent(
                    new PendingTransaction(one.transactionalId(), one.producerId(), one.epoch()),
                    new Name(snapshot.uri(), file)));
    if (ofThePrefix
        && receipt.transactions().isEmpty()) { // it may be one whose savepoint could not be opened
      snapshot(snapshot.uri(), file, kept.file(), receipt.endedAt().plus(CLOCKS));
    }
  }

  private static @Nullable Duration interval(Receipt receipt) {
    String ms = receipt.job().flink().getOrDefault("execution.checkpointing.interval", "");
    return ms.matches("[0-9]{1,12} ms")
        ? Duration.ofMillis(Long.parseLong(ms.replace(" ms", "")))
        : null;
  }

  /**
   * Opens one.
   *
   * @param by the file of the journal that records it; null if it was found where it is
   * @param madeUntil when it was there already; null if that is not known. What began later is not
   *     named by it, and a store that is gone permanently prevents nothing
   */
  private void snapshot(String uri, String resume, @Nullable Path by, @Nullable Instant madeUntil) {
    if (oldest != null && madeUntil != null && madeUntil.isBefore(oldest)) {
      return;
    }
    String why;
    try {
      Snapshot snapshot = Snapshot.open(uri);
      snapshot
          .committables()
          .forEach(one -> names.putIfAbsent(one, new Name(snapshot.uri(), resume)));
      return;
    } catch (BadSnapshotException e) {
      if (e.isMissing()) {
        missing.add(new Missing(uri, by, madeUntil));
      }
      if (e.isForeign() || e.isMissing()) {
        return; // No resume takes it.
      }
      why = String.valueOf(e.getMessage());
    } catch (IOException | UncheckedIOException e) {
      why = String.valueOf(e.getMessage());
    }
    unread(uri, by, why, madeUntil);
  }

  private void unread(String uri, @Nullable Path by, String why, @Nullable Instant madeUntil) {
    unread.add(
        new Unread("%s%s: %s".formatted(uri, by == null ? "" : ", of " + by, why), madeUntil));
  }

  /**
   * It may be there all the same, on another machine: a directory of the same name here that holds
   * snapshots may be this machine's own. What was listed here a moment ago is gone.
   */
  private void judge(Missing one) {
    boolean gone = one.by() == null;
    boolean elsewhere = !others.isEmpty() && SavepointDirectory.isOfOneMachine(one.uri());
    if (!gone && (elsewhere || SavepointDirectory.isNowhereHere(one.uri()))) {
      unread(
          one.uri(),
          one.by(),
          ("a file of another machine%s is not to be seen from here, nor whether it was deleted: give the command "
                  + "there, or, if it was deleted, move that file out of the journal")
              .formatted(others.isEmpty() ? "" : " (" + String.join(" or ", others) + ")"),
          one.madeUntil());
    }
  }

  /** What Flink keeps or a plain {@code flink stop} has left, which no journal records. */
  private void configured(JobManager flink) throws IOException, InterruptedException {
    try {
      Optional<String> checkpoints = flink.checkpointDirectory();
      Optional<String> savepoints = flink.savepointDirectory();
      if (checkpoints.isEmpty()) {
        notes.add(NO_CHECKPOINTS);
      }
      SharedDirectories shared = SharedDirectories.of(flink);
      SortedMap<String, List<KeptSnapshot>> listed = new TreeMap<>();
      checkpoints.ifPresent(where -> list(where, CHECKPOINTS, listed));
      savepoints.ifPresent(where -> list(where, SAVEPOINTS, listed));
      listed.forEach(shared::learn);
      for (Map.Entry<String, List<KeptSnapshot>> one : listed.entrySet()) {
        if (!shared.isTheirs(one.getKey())) {
          notTheirs(one.getKey(), checkpoints.equals(Optional.of(one.getKey())));
        }
        openThoseOf(one.getKey(), one.getValue());
      }
    } catch (FlinkException hidden) {
      unread.add(
          new Unread(
              ("Flink does not report where checkpoints and savepoints are (%s): let GET /jobmanager/config "
                      + "through, or give the JobManager's own --rest")
                  .formatted(hidden.getMessage()),
              null));
    }
  }

  /** A directory of the JobManager's machine that is mounted here holds what that has written. */
  private void notTheirs(String where, boolean checkpoints) {
    unread.add(
        new Unread(
            ("%s, the cluster's %s, is of the JobManager's machine (%s), and the directory of that"
                    + " name holds no snapshot here that Flink names: give the command there, or mount"
                    + " it; that it is mounted is seen once a job that Flink knows, another one is"
                    + " enough, has completed a checkpoint in it or on its volume")
                .formatted(
                    where, checkpoints ? CHECKPOINTS : SAVEPOINTS, String.join(" or ", others)),
            null));
  }

  private void list(String where, String setting, SortedMap<String, List<KeptSnapshot>> listed) {
    try {
      listed.put(where, SavepointDirectory.everyOneIn(where));
    } catch (IOException | RuntimeException e) { // file systems throw what they like
      unread.add(
          new Unread(
              ("what is in %s, the cluster's %s, can't be seen from here (%s): let this process list it, at the "
                      + "same place, or make it, empty, if nothing was ever there")
                  .formatted(where, setting, e.getMessage()),
              null));
    }
  }

  /** Opens those that may name one. */
  private void openThoseOf(String where, List<KeptSnapshot> all) {
    List<KeptSnapshot> found =
        all.stream()
            .filter(one -> oldest == null || !until(one).isBefore(oldest))
            .sorted(Comparator.comparing(KeptSnapshot::writtenAt).reversed())
            .toList();
    found.stream().limit(MOST).forEach(one -> snapshot(one.uri(), one.uri(), null, until(one)));
    if (found.size() > MOST) {
      unread.add(
          new Unread(
              ("%s snapshots in %s are newer than the transaction, and only the newest %s of them were checked: "
                      + "move away those that no one will resume")
                  .formatted(found.size(), where, MOST),
              until(found.get(MOST))));
    }
  }

  /** A transaction that was begun later is not named by it, however far two clocks are apart. */
  private static Instant until(KeptSnapshot one) {
    return one.writtenAt().plus(CLOCKS);
  }

  /** What names it; empty if nothing that could be read does. */
  public Optional<Name> nameOf(LiveTransaction one) {
    return Optional.ofNullable(names.get(one.pending()));
  }

  /** What might name it but can't be read, a sentence each. */
  public List<String> mayBeNamedBy(LiveTransaction one) {
    return unread.stream()
        .filter(
            each ->
                each.madeUntil() == null
                    || one.sinceMs() < 0
                    || !each.madeUntil().isBefore(Instant.ofEpochMilli(one.sinceMs())))
        .map(Unread::why)
        .toList();
  }

  /** How long it was from one checkpoint to the next at the last stop, if a receipt says so. */
  public Optional<Duration> checkpointInterval() {
    return Optional.ofNullable(interval);
  }

  /** What else to know about the places that were searched. */
  public List<String> notes() {
    return List.copyOf(notes);
  }
}
