package dev.sluice.tool.stop;

import dev.sluice.settings.SettingsException;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.Resumptions;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.receipt.UntrustedReceiptException;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is reported of the stop that the journal records when no JobManager reports anything of the
 * job. In application mode the JobManager ends with its job, so a stop that has its savepoint and
 * was not brought to its end is proved from files and brokers. A stop that is over says nothing
 * about the job now: while Flink is silent its receipt is named, and is no answer. Used by one
 * thread.
 */
record WithoutFlink(
    StopPolicy policy,
    StopLog log,
    Beginning beginning,
    StopProver conclusion,
    LeftStops leftStops,
    Time time) {

  private static final Logger LOG = System.getLogger(WithoutFlink.class.getName());

  /**
   * Answers for the stop, or says what is not known.
   *
   * @param begun the stop
   * @param why Flink reports nothing
   * @param others how long to wait for another stop of the job
   */
  StopResult of(Journal.Entry begun, String why, Duration others) throws InterruptedException {
    boolean recent = leftStops.isRecent(begun, log.now());
    if (!recent) {
      return begun.receipt() == null ? tooOld(begun, why) : lastOver(begun, why);
    }
    try (Journal journal = Journal.open(policy.journal(), begun.job().id(), others, time)) {
      Journal.Entry entry = journal.read().orElse(begun);
      try {
        return entry.receipt() == null
            ? open(journal, entry, why)
            : over(journal, entry, Path.of(entry.receipt()), why);
      } catch (UntrustedReceiptException e) { // The journal's, or the copy next to the savepoint.
        return untrusted(entry, why, e);
      }
    } catch (RefusedStop e) {
      return StopResult.of(
          StopResult.Kind.NOTHING_CHANGED, "Refused, and nothing was touched: " + e.getMessage());
    } catch (IOException | IllegalArgumentException | SettingsException e) {
      LOG.log(Level.DEBUG, "a stop can't be continued", e);
      return StopResult.of(
          StopResult.Kind.NOT_KNOWN,
          "%s, and more can't be found out: %s".formatted(which(begun, why), e.getMessage()));
    }
  }

  private static String lastOver(Journal.Entry entry) {
    return ". The last stop of the job in the journal is over: see " + entry.receipt();
  }

  /** An old stop says nothing about the job now. */
  private StopResult lastOver(Journal.Entry begun, String why) {
    return ofToday(why + lastOver(begun));
  }

  /** Its receipt is no one's statement: what Flink says, or does not say, comes first. */
  private StopResult untrusted(Journal.Entry entry, String why, UntrustedReceiptException receipt) {
    String message = String.valueOf(receipt.getMessage());
    return ofToday(
        "%s. The last stop of the job in the journal %s: %s"
            .formatted(
                why,
                entry.receipt() == null
                    ? "has not come to its end, and is not continued"
                    : "is over, and its receipt is not given",
                beginning.isMissing() ? message : message.substring(0, message.indexOf(" [SLU-"))));
  }

  /** Flink knows no such job; or is silent, and the same command is to be given again. */
  private StopResult ofToday(String why) {
    return beginning.isMissing()
        ? StopResult.of(StopResult.Kind.NOTHING_CHANGED, why)
        : StopResult.of(
            StopResult.Kind.NOT_BEGUN,
            RefusalCode.NO_ANSWER.in(
                "Nothing was touched, and the same command may succeed: " + why));
  }

  private String which(Journal.Entry begun, String why) {
    return "A stop of job %s was begun at %s and %s, and %s (%s). Whether the job still runs is not known"
        .formatted(
            begun.job().id(),
            begun.startedAt(),
            begun.receipt() == null
                ? "has not come to its end"
                : "has its receipt in " + begun.receipt(),
            beginning.isMissing() ? "Flink knows no such job" : "Flink reports nothing of it",
            why);
  }

  private StopResult tooOld(Journal.Entry begun, String why) {
    String discard =
        "%sto discard that stop, remove %s"
            .formatted(
                begun.savepoint() == null
                    ? ""
                    : "'sluice verify' checks whether its savepoint %s is whole; "
                        .formatted(begun.savepoint()),
                Journal.file(policy.journal(), begun.job().id()));
    return beginning.isMissing()
        ? StopResult.of(
            StopResult.Kind.NOTHING_CHANGED,
            "%s. A stop of job %s that was begun at %s has not come to its end: %s"
                .formatted(why, begun.job().id(), begun.startedAt(), discard))
        : StopResult.of(
            StopResult.Kind.NOT_KNOWN,
            "%s. It was begun too long ago to be proved without Flink: %s"
                .formatted(which(begun, why), discard));
  }

  private StopResult open(Journal journal, Journal.Entry entry, String why)
      throws IOException, InterruptedException {
    beginning.requireSameFlags(entry);
    String uri = entry.savepoint();
    if (uri == null) {
      return StopResult.of(
          StopResult.Kind.NOT_KNOWN,
          ("%s, nor whether it has its savepoint in %s. The same command continues that stop when a JobManager "
                  + "knows the job")
              .formatted(
                  which(entry, why),
                  entry.savepointDirectory() == null
                      ? "the cluster's own directory"
                      : entry.savepointDirectory()));
    }
    List<Receipt.Resumption> since =
        resumptions(conclusion.written(entry, uri).map(Receipt::resumptions), entry, uri);
    if (since.isEmpty()) {
      return conclusion.proveWithoutFlink(journal, entry, uri, why);
    }
    return resumed(
        "that was begun at %s, with the savepoint %s,".formatted(entry.startedAt(), uri),
        since,
        why);
  }

  /** Those that the receipt records, or else its copy next to the savepoint. */
  private List<Receipt.Resumption> resumptions(
      Optional<List<Receipt.Resumption>> reported, Journal.Entry entry, @Nullable String savepoint)
      throws IOException, InterruptedException {
    List<Receipt.Resumption> all = reported.orElse(List.of());
    if (savepoint == null) {
      return all;
    }
    List<Receipt.Resumption> settled = conclusion.settled(all, entry, savepoint);
    return settled.isEmpty()
        ? conclusion.settled(
            ReceiptCopy.resumptions(savepoint, policy.proofPatience(), policy.keys()),
            entry,
            savepoint)
        : settled;
  }

  /** What runs now was not asked to stop, and while Flink is silent it may yet be. */
  private StopResult resumed(String which, List<Receipt.Resumption> since, String why) {
    String over =
        "the stop %s is over, the job %s, and of the job of today nothing is known: %s"
            .formatted(which, Resumptions.lastInWords(since), why);
    return ofToday(
        beginning.isMissing()
            ? "Refused, and nothing was touched: " + RefusalCode.STOP_OTHER_RUN.in(over)
            : over);
  }

  private StopResult over(Journal journal, Journal.Entry entry, Path file, String why)
      throws IOException, InterruptedException {
    Receipt receipt = ReceiptFile.read(file, policy.keys());
    String savepoint = entry.savepoint();
    List<Receipt.Resumption> since =
        resumptions(Optional.of(receipt.resumptions()), entry, savepoint);
    if (!since.isEmpty()) {
      return resumed("that the receipt %s records".formatted(file), since, why);
    }
    boolean unproved = Reproof.isUnproved(receipt.resumedAs(since));
    if (savepoint != null && unproved && !Reproof.isTold(receipt)) {
      return open(journal, entry, why);
    }
    if (!beginning.isMissing()) {
      return silent(entry, receipt, file, why);
    }
    List<String> differences = beginning.differences(entry);
    if (!differences.isEmpty()) {
      return StopResult.of(
          StopResult.Kind.NOTHING_CHANGED,
          "%s%s. It was asked for %s"
              .formatted(why, lastOver(entry), String.join(", and ", differences)));
    }
    return savepoint != null && unproved
        ? conclusion.proveAgain(journal, entry, receipt)
        : conclusion.stoppedAlready(receipt, file);
  }

  /** It may have been resumed since by means that leave no trace here. */
  private StopResult silent(Journal.Entry entry, Receipt receipt, Path file, String why) {
    return StopResult.of(
        StopResult.Kind.NOT_KNOWN,
        ("Flink does not answer (%s), so whether a job (%s) runs is not known. The last stop in the journal, of "
                + "job %s, ended at %s as %s: see %s%s. It says nothing of a job that was started since: give the same "
                + "command when a JobManager answers, or make sure that none runs")
            .formatted(
                why,
                policy.job(),
                entry.job().id(),
                receipt.endedAt().truncatedTo(ChronoUnit.SECONDS),
                receipt.outcome().code(),
                file,
                Reproof.isDue(receipt)
                    ? "; 'sluice verify %s' proves it again".formatted(file)
                    : ""));
  }
}
