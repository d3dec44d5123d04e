package dev.sluice.ops.stop;

import dev.sluice.job.PublishedSettings;
import dev.sluice.ops.broker.LiveTransaction;
import dev.sluice.ops.broker.Pending;
import dev.sluice.ops.flink.FlinkException;
import dev.sluice.ops.flink.JobManager;
import dev.sluice.ops.receipt.Receipt;
import dev.sluice.ops.receipt.ReceiptFolder;
import dev.sluice.ops.snapshot.BadSnapshotException;
import dev.sluice.ops.snapshot.KeptSnapshot;
import dev.sluice.ops.snapshot.SavepointDirectory;
import dev.sluice.ops.snapshot.Snapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import org.jspecify.annotations.Nullable;

/**
 * The transactions that snapshots name: a resume from such a snapshot commits them. Looked at are
 * the journal's receipts, the savepoints of stops that have no receipt, and where the cluster keeps
 * checkpoints and savepoints every one that was written since the transactions began: jobs leave
 * checkpoints there, and a plain {@code flink stop} its savepoints.
 *
 * <p>A snapshot that is not there any more, or is another program's, can't be resumed, and so names
 * nothing. One that can't be read, by this process or now, may name anything that was open when it
 * was made.
 */
public final class NamedTransactions {

  /** How many snapshots of a directory are opened at most. */
  static final int MOST = 200;

  private static final Duration CLOCKS = Duration.ofMinutes(10);
  private static final String NO_CHECKPOINTS =
      "the cluster's configuration names no execution.checkpointing.dir: checkpoints of a job with a directory of its own were not looked at";

  private final String prefix;
  private final @Nullable Instant oldest;
  private final Map<Pending, Name> names = new HashMap<>();
  private final List<Unread> unread = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private @Nullable Duration interval;

  private NamedTransactions(String prefix, @Nullable Instant oldest) {
    this.prefix = prefix;
    this.oldest = oldest;
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
      why = why.replaceAll(" \\[SLU-[A-Z-]+]", ""); // whoever refuses for it has a code
    }
  }

  /**
   * Looks at them.
   *
   * @param prefix of the transactional ids
   * @param oldest when the first of the transactions began that are asked about: snapshots of
   *     before name none of them; null if that is not known
   * @throws IOException if the journal can't be listed, or Flink does not answer
   */
  public static NamedTransactions of(
      String prefix, @Nullable Instant oldest, Path journal, JobManager flink)
      throws IOException, InterruptedException {
    NamedTransactions named = new NamedTransactions(prefix, oldest);
    ReceiptFolder folder = ReceiptFolder.read(journal);
    folder.kept().forEach(named::receipt);
    folder.passedOver().forEach(why -> named.unread.add(new Unread("a receipt: " + why, null)));
    for (Journal.Entry entry : Journal.all(journal, "")) {
      String savepoint = entry.savepoint();
      if (savepoint != null) {
        String receipt = entry.receipt(); // It may lie outside of the journal.
        named.snapshot(savepoint, receipt == null ? savepoint : receipt, null);
      } else if (entry.receipt() == null) {
        named.unread.add(new Unread(unfinished(entry, journal), null));
      }
      entry.behind().leftBehind().forEach(left -> named.snapshot(left, left, null));
    }
    Journal.unreadable(journal).forEach(why -> named.unread.add(new Unread(why, null)));
    named.configured(flink);
    return named;
  }

  private static String unfinished(Journal.Entry entry, Path journal) {
    return "the stop of job (%s) that was begun at %s has not come to its end, and its savepoint is not known: end it with the same 'sluice stop', or remove %s"
        .formatted(entry.job().name(), entry.startedAt(), Journal.file(journal, entry.job().id()));
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
                    new Pending(one.transactionalId(), one.producerId(), one.epoch()),
                    new Name(snapshot.uri(), file)));
    if (ofThePrefix
        && receipt.transactions().isEmpty()) { // it may be one whose savepoint could not be opened
      snapshot(snapshot.uri(), file, receipt.endedAt());
    }
  }

  private static @Nullable Duration interval(Receipt receipt) {
    String ms = receipt.job().flink().getOrDefault("execution.checkpointing.interval", "");
    return ms.matches("[0-9]{1,12} ms")
        ? Duration.ofMillis(Long.parseLong(ms.replace(" ms", "")))
        : null;
  }

  private void snapshot(String uri, String resume, @Nullable Instant madeUntil) {
    try {
      Snapshot snapshot = Snapshot.open(uri);
      snapshot
          .committables()
          .forEach(
              one ->
                  names.putIfAbsent(
                      new Pending(one.transactionalId(), one.producerId(), one.epoch()),
                      new Name(snapshot.uri(), resume)));
    } catch (BadSnapshotException e) {
      if (!e.isMissing() && !e.isForeign()) { // Else no resume takes it.
        unread.add(new Unread("%s: %s".formatted(uri, e.getMessage()), madeUntil));
      }
    } catch (IOException | UncheckedIOException e) {
      unread.add(new Unread("%s: %s".formatted(uri, e.getMessage()), madeUntil));
    }
  }

  /** What Flink keeps or a plain {@code flink stop} has left, which no journal tells of. */
  private void configured(JobManager flink) throws IOException, InterruptedException {
    try {
      Optional<String> checkpoints = flink.checkpointDirectory();
      Optional<String> savepoints = flink.savepointDirectory();
      if (checkpoints.isEmpty()) {
        notes.add(NO_CHECKPOINTS);
      }
      checkpoints.ifPresent(where -> everyOneIn(where, "execution.checkpointing.dir"));
      if (savepoints.isPresent() && !savepoints.equals(checkpoints)) {
        everyOneIn(savepoints.get(), "execution.checkpointing.savepoint-dir");
      }
    } catch (FlinkException hidden) {
      unread.add(
          new Unread(
              "Flink does not tell where checkpoints and savepoints are (%s): let GET /jobmanager/config through, or give the JobManager's own --rest"
                  .formatted(hidden.getMessage()),
              null));
    }
  }

  private void everyOneIn(String where, String setting) {
    List<KeptSnapshot> found;
    try {
      found =
          SavepointDirectory.everyOneIn(where).stream()
              .filter(one -> oldest == null || !until(one).isBefore(oldest))
              .sorted(Comparator.comparing(KeptSnapshot::writtenAt).reversed())
              .toList();
    } catch (IOException | RuntimeException e) { // file systems throw what they like
      unread.add(
          new Unread(
              "what is in %s, the cluster's %s, can't be seen from here (%s): let this process list it, at the same place, or make it, empty, if nothing was ever there"
                  .formatted(where, setting, e.getMessage()),
              null));
      return;
    }
    found.stream().limit(MOST).forEach(one -> snapshot(one.uri(), one.uri(), until(one)));
    if (found.size() > MOST) {
      unread.add(
          new Unread(
              "%s snapshots in %s are newer than the transaction, and only the newest %s of them were looked at: move away those that nobody will resume"
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
    return Optional.ofNullable(
        names.get(new Pending(one.transactionalId(), one.producerId(), one.epoch())));
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

  /** What else is to be known of where was looked. */
  public List<String> notes() {
    return List.copyOf(notes);
  }
}
