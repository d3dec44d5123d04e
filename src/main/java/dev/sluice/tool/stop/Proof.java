package dev.sluice.tool.stop;

import dev.sluice.ledger.Partition;
import dev.sluice.ledger.PendingTransaction;
import dev.sluice.settings.JobSettings;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.broker.Brokers.OpenTransaction;
import dev.sluice.tool.broker.ClusterMatch;
import dev.sluice.tool.broker.Fate;
import dev.sluice.tool.broker.Patience;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.savepoint.BadSnapshotException;
import dev.sluice.tool.savepoint.FileCheck;
import dev.sluice.tool.savepoint.Kind;
import dev.sluice.tool.savepoint.ModelCheck;
import dev.sluice.tool.savepoint.ModelCheck.LastingCounters;
import dev.sluice.tool.savepoint.ReadProgress;
import dev.sluice.tool.savepoint.SavedCommands;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.Stores;
import dev.sluice.tool.savepoint.UnreadModelsException;
import dev.sluice.tool.savepoint.WholeRead;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.jspecify.annotations.Nullable;

/**
 * What is proved of a snapshot after a stop. Filled by its methods, each of which finds out one
 * thing and throws only if it can't be found out; used by one thread.
 */
final class Proof {

  private static final String OTHERS_NOT_ASKED = "brokers of another cluster were asked nothing";

  /** The prefix of a problem about what could not be asked or read. */
  static final String NOT_FOUND_OUT = "this could not be found out: ";

  private final ToolServices services;

  final List<String> problems = new ArrayList<>();
  final List<String> warnings = new ArrayList<>();

  /** The problems that are only about what this machine could not read. */
  final List<String> unjudged = new ArrayList<>();

  /** What was not checked, as a receipt says it. */
  final List<String> notProved = new ArrayList<>();

  final List<Receipt.Transaction> transactions = new ArrayList<>();

  /** What a resume finds committed, or commits. */
  private static final Set<Fate> RESUMABLE = Set.of(Fate.COMMITTED, Fate.OPEN, Fate.ENDING);

  /** The sources' positions, as a receipt says them. */
  final SortedMap<String, Long> sourceOffsets = new TreeMap<>();

  /** Whether a transaction of the savepoint was ended: a resume would miss its answers. */
  boolean lost;

  @Nullable Snapshot snapshot;
  List<Receipt.StoredFile> files = List.of();
  Receipt.@Nullable Models models;

  /** The totals of the models, for a comparison; null if the models were not read. */
  @Nullable LastingCounters lasting;

  /** What the savepoint records of control commands; null if its models were not read. */
  @Nullable SavedCommands commands;

  /** What an earlier proof has found about the transactions. */
  RecordedFates recorded = RecordedFates.NONE;

  /** Of the job's Kafka cluster; empty if that is not known. */
  String kafkaClusterId = "";

  /** Whether the brokers that were asked are seen to be of that cluster. */
  boolean ofTheJobsCluster;

  /** Whether nothing is known about some files, because their file system has failed. */
  boolean unread;

  Proof(ToolServices services) {
    this.services = services;
  }

  /**
   * Opens the snapshot, if it can be.
   *
   * @param most how long its file system may take to answer
   */
  @Nullable Snapshot open(String uri, Duration most) throws InterruptedException {
    try {
      take(Snapshot.open(uri, most), most);
    } catch (IOException | UncheckedIOException e) {
      problems.add(String.valueOf(e.getMessage()));
    }
    return snapshot;
  }

  /**
   * The snapshot that is proved, once it is open.
   *
   * @param most how long its file system may take to answer
   */
  void take(Snapshot opened, Duration most) throws IOException, InterruptedException {
    Stores.asked(most, opened::sourceOffsets)
        .forEach((p, offset) -> sourceOffsets.put(p.toString(), offset));
    snapshot = opened;
  }

  /**
   * Asks the brokers for the fates of the snapshot's transactions, and whether the job still has an
   * open one. It waits for transactions that have not ended yet, and for brokers that do not
   * answer.
   *
   * @param of null if it can't be read: then it is not known which transactions it holds
   */
  String committed(@Nullable Snapshot of, JobSettings settings, Duration patience)
      throws IOException, InterruptedException {
    if (settings.sink().guarantee() != DeliveryGuarantee.EXACTLY_ONCE) {
      warnings.add(
          "the job writes at least once, not exactly once: its answers are in the topics, some maybe twice");
      notProved.add(Verdicts.ANSWERS);
      return "nothing to commit: the job writes without transactions";
    }
    try (Brokers brokers = services.brokers(settings.kafka().clientProperties())) {
      if (!new Patience(services.time(), patience).ask(() -> areTheJobs(brokers))) {
        return OTHERS_NOT_ASKED;
      }
      if (of != null) {
        List<PendingTransaction> held = committables(of, patience);
        boolean unused =
            fates(
                held,
                settledFates(brokers, held, new Patience(services.time(), patience)),
                Set.of(Fate.COMMITTED));
      }
      List<String> stuck = stillOpen(brokers, settings, new Patience(services.time(), patience));
      problems.addAll(stuck);
      return "%s, %s"
          .formatted(
              of == null
                  ? "which transactions the savepoint holds is not known, for it can't be read"
                  : committedInWords(),
              stuck.isEmpty()
                  ? "none is open, every output can be read to its end"
                  : "but not all is readable");
    }
  }

  /**
   * Whether the brokers can prove anything of the job: those of another cluster can't. Where one of
   * the ids is not known, that is not proved.
   */
  boolean areTheJobs(Brokers brokers) throws IOException, InterruptedException {
    ClusterMatch match = brokers.match(kafkaClusterId);
    if (match instanceof ClusterMatch.Other other) {
      problems.add(
          "%s, and so proves nothing. Name brokers of the job's cluster".formatted(other.words()));
      return false;
    }
    if (match instanceof ClusterMatch.Unknown unknown) {
      notProved.add(unknown.clause());
    }
    ofTheJobsCluster = match instanceof ClusterMatch.Same;
    return true;
  }

  /**
   * @param good fates of which no resume misses an answer
   * @return whether every one of them has such a fate
   */
  private boolean fates(
      List<PendingTransaction> held, Map<PendingTransaction, Fate> fates, Set<Fate> good) {
    boolean all = true;
    for (PendingTransaction one : held) {
      RecordedFates.KnownFate reported = recorded.of(one, fates.getOrDefault(one, Fate.EXPIRED));
      transactions.add(
          new Receipt.Transaction(
              one.transactionalId(), one.producerId(), one.epoch(), reported.fate().code()));
      if (!good.contains(reported.fate())) {
        all = false;
        problems.add(
            "transaction %s of the savepoint is %s, not committed: %s"
                .formatted(one.transactionalId(), reported.fate().code(), reported.sentence()));
      }
    }
    return all;
  }

  private String committedInWords() {
    long committed =
        transactions.stream().filter(t -> t.fate().equals(Fate.COMMITTED.code())).count();
    return transactions.isEmpty()
        ? "the savepoint leaves no transaction to commit"
        : "%s of %s transactions of the savepoint are committed"
            .formatted(committed, transactions.size());
  }

  /**
   * Asks the brokers whether the resume can still commit what the job could not. A commit that is
   * impossible also fails the job while it stops.
   */
  String notLost(Snapshot of, JobSettings settings, Duration patience)
      throws IOException, InterruptedException {
    if (settings.sink().guarantee() != DeliveryGuarantee.EXACTLY_ONCE) {
      notProved.add(Verdicts.ANSWERS);
      return "nothing to commit: the job writes without transactions";
    }
    try (Brokers brokers = services.brokers(settings.kafka().clientProperties())) {
      if (!new Patience(services.time(), patience).ask(() -> areTheJobs(brokers))) {
        return OTHERS_NOT_ASKED;
      }
      List<PendingTransaction> held = committables(of, patience);
      lost =
          !fates(
              held,
              new Patience(services.time(), patience).ask(() -> brokers.fates(held)),
              RESUMABLE);
    }
    return "the job failed before it could commit everything; the resume commits the rest";
  }

  private static List<PendingTransaction> committables(Snapshot of, Duration patience)
      throws IOException, InterruptedException {
    return Stores.asked(patience, of::committables);
  }

  private static Map<PendingTransaction, Fate> settledFates(
      Brokers brokers, Collection<PendingTransaction> pending, Patience patience)
      throws IOException, InterruptedException {
    while (true) {
      Map<PendingTransaction, Fate> fates = patience.ask(() -> brokers.fates(pending));
      boolean moving = fates.containsValue(Fate.ENDING) || fates.containsValue(Fate.OPEN);
      if (!moving || patience.isOver()) {
        return fates;
      }
      patience.pause();
    }
  }

  private static List<String> stillOpen(Brokers brokers, JobSettings settings, Patience patience)
      throws IOException, InterruptedException {
    Collection<String> topics = settings.topics().outputs().values();
    while (true) {
      List<String> found = new ArrayList<>();
      for (OpenTransaction open :
          patience.ask(() -> brokers.open(settings.sink().transactionalIdPrefix()))) {
        found.add(
            "transaction %s of producer %s is %s though the job has ended: it holds back every read_committed reader"
                .formatted(open.transactionalId(), open.producerId(), open.state()));
      }
      SortedMap<Partition, Long> ends = patience.ask(() -> brokers.ends(topics));
      List<Partition> behind = behind(ends, patience.ask(() -> brokers.stableEnds(topics)));
      if (found.isEmpty() && behind.isEmpty()) {
        return found;
      }
      if (patience.isOver()) {
        if (!behind.isEmpty()) {
          found.add(
              "%s can't be read to the end: %s"
                  .formatted(behind, String.join("; ", brokers.holdingBack(behind))));
        }
        return found;
      }
      patience.pause();
    }
  }

  /**
   * Which partitions could not be read to where they ended. Another program may have written to one
   * between the two requests: then its last stable offset lies beyond the end that was reported
   * before.
   */
  static List<Partition> behind(
      SortedMap<Partition, Long> ends, SortedMap<Partition, Long> stableEndsTakenLater) {
    return ends.entrySet().stream()
        .filter(end -> stableEndsTakenLater.getOrDefault(end.getKey(), -1L) < end.getValue())
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * Reads the snapshot whole: every file, every model.
   *
   * @param most how long its file system may take to answer
   * @param progress receives the progress
   */
  String sane(Snapshot of, boolean drainWanted, Duration most, ReadProgress progress)
      throws IOException, InterruptedException {
    WholeRead.Result read = WholeRead.of(of, most, progress);
    FileCheck check = read.files();
    unread = !check.unread().isEmpty();
    files = check.files();
    problems.addAll(check.problems());
    unjudged.addAll(check.unread());
    if (of.kind() == Kind.DRAINED && !drainWanted) {
      problems.add(
          "the savepoint is drained: whatever waited for its other half was given up, and a job resumed from it "
              + "would make dead letters of the outcomes");
    } else if (drainWanted) {
      warnings.add("the job was drained, as asked: it has ended for good and is not to be resumed");
    }
    long bytes = files.stream().mapToLong(Receipt.StoredFile::bytes).sum();
    if (!check.problems().isEmpty()) {
      return check.problems().equals(check.unread())
          ? "not every file could be read: " + String.join("; ", check.problems())
          : "the savepoint is damaged: " + String.join("; ", check.problems());
    }
    ModelCheck keys;
    try {
      keys = read.models();
    } catch (UnreadModelsException e) {
      String unproved =
          "%s. Proved is that its %s files, %,d bytes, are all there; not proved is that its models are sound"
              .formatted(e.getMessage(), files.size(), bytes);
      problems.add(unproved);
      unjudged.add(unproved);
      return "the models were not read";
    } catch (BadSnapshotException e) {
      problems.add(String.valueOf(e.getMessage()));
      return "the savepoint is damaged";
    }
    models = keys.totals();
    LastingCounters counted = keys.lasting();
    SavedCommands obeyed = Stores.asked(most, of::commands);
    lasting = counted;
    commands = obeyed;
    problems.addAll(keys.problems());
    return "%s files, %,d bytes; %,d models, %,d outcomes learned, %s%s"
        .formatted(
            files.size(),
            bytes,
            keys.totals().keys(),
            keys.totals().updates(),
            keys.problems().isEmpty() ? "all sound" : String.join("; ", keys.problems()),
            CounterNote.inWords(obeyed, counted));
  }
}
