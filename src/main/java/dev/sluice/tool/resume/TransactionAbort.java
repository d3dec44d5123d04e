package dev.sluice.tool.resume;

import dev.sluice.ledger.Partition;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.broker.LiveTransaction;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.resume.AbortReport.Held;
import dev.sluice.tool.resume.AbortReport.Outcome;
import dev.sluice.tool.resume.AbortReport.Row;
import dev.sluice.tool.stop.NamedTransactions;
import dev.sluice.tool.stop.ShellWords;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Aborts open transactions that no producer will commit any more. Used by one thread.
 *
 * <p>What was written in an aborted transaction is never read. That is harmless only if no snapshot
 * counts it as given. One that a snapshot names is: the resume from that snapshot commits it, and
 * would otherwise be refused by the restore fence, which finds the answers missing; only an older
 * snapshot gives them again. A transaction that no snapshot names was written after the last one,
 * and the resume gives its answers again, in transactions of its own.
 *
 * <p>It is aborted by taking its name over, as its next producer would (InitProducerId, {@code
 * fenceProducers}). So the coordinator of the name ends it: it writes the decision into its own log
 * and the markers into every partition of the transaction, continues that after a failure, and
 * raises the epoch, so that a producer that is still there can neither write nor commit any more.
 * The other way, {@code abortTransaction}, writes a marker into one partition behind the
 * coordinator's back: the coordinator's state and the epoch stay as they are, that producer
 * continues in a transaction of which a part is aborted, and it takes the right ClusterAction. It
 * is for transactions that no coordinator knows any more (KIP-664), which no list of names holds.
 *
 * <p>Refused is one of a job that runs, whose next checkpoint names it; where something writes
 * though no job is known to run; for each that a snapshot names; and while a snapshot can't be read
 * that may name it. Directly before each abort, the transaction is queried again: the same
 * producer, epoch and beginning, and nothing written since. Between that query and the abort are
 * some milliseconds in which its producer could still commit it; then it is committed, and the
 * abort ends nothing.
 */
public final class TransactionAbort {

  private static final Duration UNTIL_GONE = Duration.ofSeconds(30);

  /** Every growth counts: it costs no more than another try. */
  private static final Duration ANY_GROWTH = Duration.ZERO;

  private static final String END_IS_DECIDED =
      RefusalCode.ABORT_ENDING.in(
          "its end is decided, a commit or an abort, and the brokers write it into its partitions: wait until it "
              + "is there. If that takes minutes, a partition of it has no leader");

  private final Brokers brokers;
  private final JobManager flink;
  private final RunningCopies copies;
  private final Path journal;
  private final @Nullable Duration watch;
  private final AbortCheck check;
  private final Consumer<String> progress;
  private final Time time;

  /**
   * Which open transactions are to be aborted.
   *
   * @param prefix of the transactional ids
   * @param ids these; empty for all that are old enough
   * @param olderThan those that were begun so long ago; null for no limit
   */
  public record Choice(String prefix, Set<String> ids, @Nullable Duration olderThan) {

    public Choice {
      ids = Set.copyOf(ids);
    }

    private boolean takes(LiveTransaction one, Instant now) {
      boolean old =
          olderThan == null
              || (one.sinceMs() >= 0
                  && !Instant.ofEpochMilli(one.sinceMs()).isAfter(now.minus(olderThan)));
      return old && (ids.isEmpty() || ids.contains(one.transactionalId()));
    }
  }

  /**
   * @param flink of the cluster that the job runs on
   * @param journal where receipts are
   * @param watch how long to see whether anything writes; null for a little longer than from one
   *     checkpoint of the job to the next, as its last receipt has it
   * @param progress receives what takes a while, a sentence each
   */
  public TransactionAbort(
      Brokers brokers,
      JobManager flink,
      Path journal,
      @Nullable Duration watch,
      Consumer<String> progress,
      Time time) {
    this.time = time;
    this.brokers = brokers;
    this.flink = flink;
    this.copies = new RunningCopies(flink, List.of(), true, time);
    this.journal = journal;
    this.watch = watch;
    this.check = new AbortCheck(brokers, UNTIL_GONE, time);
    this.progress = progress;
  }

  /**
   * Determines which may be aborted, and changes nothing.
   *
   * @throws IOException if Flink or the brokers do not answer: whose they are is not known then
   */
  public AbortReport look(Choice choice) throws IOException, InterruptedException {
    List<LiveTransaction> open = brokers.live(choice.prefix());
    Instant now = time.now();
    List<LiveTransaction> chosen =
        open.stream()
            .filter(one -> choice.takes(one, now))
            .sorted(Comparator.comparing(LiveTransaction::transactionalId))
            .toList();
    List<Row> rows = new ArrayList<>(notOpen(choice, open));
    List<String> notes = new ArrayList<>();
    if (chosen.isEmpty()) {
      return new AbortReport(rows, notes);
    }
    Optional<String> runs = running(choice.prefix());
    NamedTransactions named = NamedTransactions.of(choice.prefix(), oldest(chosen), journal, flink);
    notes.addAll(named.notes());
    List<Row> judged = judge(chosen, runs, named);
    if (judged.stream().anyMatch(Row::isAbortable)) {
      Optional<String> moves = watch(choice.prefix(), open, named.checkpointInterval(), notes);
      if (moves.isPresent()) {
        judged = refused(judged, moves.get());
      }
    }
    rows.addAll(judged);
    return new AbortReport(rows, notes);
  }

  static Set<String> topics(Stream<Partition> partitions) {
    return partitions.map(Partition::topic).collect(Collectors.toCollection(TreeSet::new));
  }

  /** When the first of them began; null if that of one is not known. */
  private static @Nullable Instant oldest(List<LiveTransaction> chosen) {
    long first = chosen.stream().mapToLong(LiveTransaction::sinceMs).min().orElse(-1);
    return first < 0 ? null : Instant.ofEpochMilli(first);
  }

  /** Those that were asked for by a name under which nothing is open. */
  private List<Row> notOpen(Choice choice, List<LiveTransaction> open)
      throws IOException, InterruptedException {
    Set<String> ids = new TreeSet<>(choice.ids());
    open.forEach(one -> ids.remove(one.transactionalId()));
    Set<String> known = ids.isEmpty() ? Set.of() : brokers.known(ids);
    List<Row> rows = new ArrayList<>();
    for (String id : ids) {
      boolean isKnown = known.contains(id);
      rows.add(
          new Row(
              id,
              null,
              isKnown ? Outcome.ENDED : Outcome.REFUSED,
              isKnown
                  ? "no transaction is open under this name"
                  : RefusalCode.ABORT_UNKNOWN_ID.in(
                      "the brokers know no transactional id (%s): 'sluice transactions list' has those that are open"
                          .formatted(id)),
              null,
              List.of()));
    }
    return rows;
  }

  private Optional<String> running(String prefix) throws IOException, InterruptedException {
    return copies.withPrefix(prefix).map(RefusalCode.ABORT_JOB_RUNS::in);
  }

  private List<Row> judge(
      List<LiveTransaction> chosen, Optional<String> runs, NamedTransactions named)
      throws IOException, InterruptedException {
    Set<String> topics = topics(chosen.stream().flatMap(one -> one.partitions().stream()));
    // In this order, so that what is written in between counts as behind.
    SortedMap<Partition, Long> stable = brokers.stableEnds(topics);
    SortedMap<Partition, Long> ends = brokers.ends(topics);
    List<Row> rows = new ArrayList<>();
    for (LiveTransaction one : chosen) {
      List<Held> held =
          one.partitions().stream()
              .sorted()
              .map(p -> new Held(p, stable.getOrDefault(p, 0L), ends.getOrDefault(p, 0L)))
              .toList();
      Optional<NamedTransactions.Name> name = named.nameOf(one);
      List<String> unread = named.mayBeNamedBy(one);
      Outcome outcome = Outcome.REFUSED;
      String text;
      if (runs.isPresent()) {
        text = runs.get();
      } else if (!one.ongoing()) {
        text = END_IS_DECIDED;
      } else if (name.isPresent()) {
        text = named(name.get());
      } else if (!unread.isEmpty()) {
        text =
            RefusalCode.ABORT_UNSEEN.in(
                ("what may name it can't be read (%s): make it readable, or if no one will resume it, take the "
                        + "snapshot away, or the files of the journal that are named here")
                    .formatted(String.join("; ", unread)));
      } else {
        outcome = Outcome.ABORTABLE;
        text =
            "no snapshot, receipt or running job that was found names it: what is in it will never be read, and a "
                + "resume gives its answers again";
      }
      rows.add(new Row(one.transactionalId(), one, outcome, text, name.orElse(null), held));
    }
    return rows;
  }

  private static String named(NamedTransactions.Name name) {
    return RefusalCode.ABORT_NAMED.in(
        ("%s counts the answers in it as given, and its resume commits them: sluice resume %s. If this transaction "
                + "were aborted, that resume would be refused for missing answers, and only an older snapshot "
                + "could give "
                + "them again (--heal)")
            .formatted(name.snapshot(), ShellWords.join(List.of(name.resume()))));
  }

  /** Why something seems to write with the prefix; empty if nothing does. */
  private Optional<String> watch(
      String prefix, List<LiveTransaction> open, Optional<Duration> interval, List<String> notes)
      throws IOException, InterruptedException {
    Duration length = watch == null ? TransactionWatch.length(interval) : watch;
    progress.accept(TransactionWatch.begins(prefix, open, length));
    Set<String> topics = topics(open.stream().flatMap(one -> one.partitions().stream()));
    TransactionWatch.Sight sight =
        new TransactionWatch.Sight(
            () -> brokers.live(prefix), () -> brokers.ends(topics), Optional::empty);
    TransactionWatch.Result seen =
        new TransactionWatch(sight, length, ANY_GROWTH, progress, time).find(open);
    if (seen.motion() == TransactionWatch.Motion.NONE) {
      TransactionWatch.unseen(prefix, length, interval).ifPresent(notes::add);
      return Optional.empty();
    }
    return Optional.of(writes(prefix, seen.seen()));
  }

  private static String writes(String prefix, String seen) {
    return RefusalCode.ABORT_WRITES.in(
        ("something writes with the transactional-id prefix (%s): %s. It is a job on another cluster, or tasks of "
                + "a lost JobManager, which end after heartbeat.timeout: try again in a minute, and if it still writes "
                + "then, find that job and stop it first")
            .formatted(prefix, seen));
  }

  /** Those that could be aborted are not. */
  private static List<Row> refused(List<Row> rows, String why) {
    return rows.stream()
        .map(row -> row.isAbortable() ? row.with(Outcome.REFUSED, why) : row)
        .toList();
  }

  /**
   * Aborts those that may be, each after one more query.
   *
   * @throws IOException if there is no such query: then nothing was aborted
   */
  public AbortReport abort(Choice choice, AbortReport looked)
      throws IOException, InterruptedException {
    Optional<String> why = running(choice.prefix());
    if (why.isEmpty()) {
      why = grown(choice.prefix(), looked);
    }
    if (why.isPresent()) {
      return new AbortReport(refused(looked.rows(), why.get()), looked.notes());
    }
    List<Row> rows = new ArrayList<>();
    for (Row row : looked.rows()) {
      LiveTransaction was = row.transaction();
      rows.add(row.isAbortable() && was != null ? abort(choice, row, was) : row);
    }
    return new AbortReport(rows, looked.notes());
  }

  /** Before the first abort, for each one's markers make partitions longer. */
  private Optional<String> grown(String prefix, AbortReport looked)
      throws IOException, InterruptedException {
    List<Held> held =
        looked.rows().stream()
            .filter(Row::isAbortable)
            .flatMap(row -> row.held().stream())
            .toList();
    SortedMap<Partition, Long> ends = brokers.ends(topics(held.stream().map(Held::partition)));
    return held.stream()
        .filter(one -> ends.getOrDefault(one.partition(), 0L) > one.end())
        .findFirst()
        .map(
            one ->
                writes(
                    prefix,
                    "%s grew to %,d since it was checked"
                        .formatted(one.partition(), ends.get(one.partition()))));
  }

  private Row abort(Choice choice, Row row, LiveTransaction was) throws InterruptedException {
    String id = row.transactionalId();
    try {
      Optional<LiveTransaction> now = check.find(choice.prefix(), id);
      if (now.isEmpty()) {
        return row.with(
            Outcome.ENDED,
            check.isCommitted(was)
                ? "it has ended by itself since it was checked: it was committed"
                : "it has ended by itself since it was checked");
      }
      if (!now.get().ongoing()) {
        return row.with(Outcome.REFUSED, END_IS_DECIDED);
      }
      if (!now.get().isSame(was)) {
        return row.with(
            Outcome.REFUSED,
            writes(choice.prefix(), "another transaction is open under %s now".formatted(id)));
      }
      progress.accept("aborts " + id);
      brokers.abort(id);
    } catch (IOException e) {
      if (Brokers.lasts(e)) {
        return row.with(Outcome.REFUSED, RefusalCode.BROKERS.in(String.valueOf(e.getMessage())));
      }
      progress.accept(String.valueOf(e.getMessage())); // it may have been done
    }
    return check.awaited(choice.prefix(), row, was);
  }
}
