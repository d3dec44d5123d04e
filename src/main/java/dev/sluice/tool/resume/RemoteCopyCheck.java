package dev.sluice.tool.resume;

import dev.sluice.ledger.PendingTransaction;
import dev.sluice.settings.JobSettings;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.broker.LiveTransaction;
import dev.sluice.tool.broker.SinkWriters;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Checks whether a copy of the job runs where nothing else checks, on another Flink cluster: the
 * brokers know its writing.
 *
 * <p>Open transactions are watched. With none open there may be a copy all the same, between two of
 * them, or without input: whether a job has continued since the snapshot is shown by its
 * transactional ids, at once; only if one has, it is watched whether it still does. So the resume
 * that follows a stop does not wait, and one that is tried again waits a little longer than from
 * one checkpoint to the next.
 *
 * @param progress receives what takes a while, a sentence each
 * @param refusals gets one if a copy runs
 * @param notes gets what was not seen
 */
record RemoteCopyCheck(
    RunningCopies copies,
    Consumer<String> progress,
    List<String> refusals,
    List<String> notes,
    Time time) {

  /**
   * Checks.
   *
   * @param ended the last checkpoint of a run that was stopped just now, which has continued since
   *     the snapshot; 0 if there is none
   */
  void look(Resumable from, JobSettings settings, Brokers brokers, long ended)
      throws IOException, InterruptedException {
    String prefix = settings.sink().transactionalIdPrefix();
    Set<PendingTransaction> pending = Set.copyOf(from.snapshot().committables());
    SinkWriters writers = brokers.writers(prefix);
    List<LiveTransaction> open = open(brokers, prefix, pending);
    long reached = Math.max(ended, from.snapshot().checkpointId());
    if (open.isEmpty() && !writers.haveGoneOnSince(reached)) {
      return;
    }
    OptionalLong newest = writers.newest();
    Duration watch = TransactionWatch.length(from.checkpointInterval());
    TakenIds taken = TakenIds.at(writers, reached, newest.orElse(reached), TakenIds.MOST);
    progress.accept(
        open.isEmpty()
            ? ("no transaction of prefix (%s) is open, but a job has continued since checkpoint %s%s: watches for "
                    + "%s s whether one still does")
                .formatted(prefix, reached, upTo(writers, newest), watch.toSeconds())
            : TransactionWatch.begins(prefix, open, watch));
    TransactionWatch.Sight sight =
        new TransactionWatch.Sight(
            () -> open(brokers, prefix, pending),
            () -> brokers.ends(settings.topics().outputs().values()),
            taken::since);
    TransactionWatch.Result result =
        new TransactionWatch(sight, watch, copies.endOfLostTasks(), progress, time).find(open);
    String seen = result.seen();
    switch (result.motion()) {
      case NONE -> {
        TransactionWatch.unseen(looked(prefix, open), watch, from.checkpointInterval())
            .ifPresent(notes::add);
        taken.unseen().ifPresent(notes::add);
      }
      case ENDED -> notes.add(TransactionWatch.wroteBefore(prefix, seen));
      case CONTINUES ->
          refusals.add(
              RefusalCode.RESUME_COPY_WRITES.in(TransactionWatch.writesElsewhere(prefix, seen)));
    }
  }

  private static String upTo(SinkWriters writers, OptionalLong newest) {
    return newest.isEmpty()
        ? ""
        : " (transactional ids up to %s)".formatted(writers.id(newest.getAsLong()));
  }

  private static String looked(String prefix, List<LiveTransaction> open) {
    return open.isEmpty()
        ? "no transaction of prefix (%s) is open, though a job continued from the snapshot before, and none was begun"
            .formatted(prefix)
        : "transactions of prefix (%s) are open and were watched".formatted(prefix);
  }

  private static List<LiveTransaction> open(
      Brokers brokers, String prefix, Set<PendingTransaction> pending)
      throws IOException, InterruptedException {
    return brokers.live(prefix).stream().filter(one -> !pending.contains(one.pending())).toList();
  }
}
