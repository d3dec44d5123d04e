package dev.sluice.tool.stop;

import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.StopResult;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The last stop of a job that the journal records, for a wait during which Flink reports nothing.
 *
 * @param entry the journal's
 * @param file its receipt's; null while the stop is under way, or if there is no such file
 * @param receipt what that says; null if it can't be read
 * @param unread why it can't be read: a newer tool's or another user's is a failure only where it
 *     would be the answer
 */
record LastStop(
    Journal.Entry entry,
    @Nullable Path file,
    @Nullable Receipt receipt,
    @Nullable IOException unread) {

  /** How long after its beginning a stop is the last that can have been: as {@code stop} has it. */
  private static final Duration GRACE = Duration.ofMinutes(5);

  /**
   * Empty if the journal tells of none at this cluster, or of the run that was seen.
   *
   * @param seen the run that was seen; null if none was
   * @param rest addresses of the cluster
   */
  static Optional<LastStop> of(
      Path journal, String job, @Nullable JobOverview seen, List<URI> rest) {
    return Journal.all(journal, job).stream()
        .filter(entry -> isOfRun(entry, seen) || LeftStops.isHere(entry, job, rest))
        .findFirst()
        .map(LastStop::of);
  }

  private static LastStop of(Journal.Entry entry) {
    String receipt = entry.receipt();
    if (receipt == null || !Files.isRegularFile(Path.of(receipt))) {
      return new LastStop(entry, null, null, null);
    }
    Path file = Path.of(receipt);
    try {
      return new LastStop(entry, file, ReceiptFile.read(file), null);
    } catch (IOException e) {
      return new LastStop(entry, file, null, e);
    }
  }

  private static boolean isOfRun(Journal.Entry entry, @Nullable JobOverview seen) {
    return seen != null && entry.isOf(seen) && entry.job().id().equals(seen.id());
  }

  boolean isUnderWay() {
    return entry.receipt() == null;
  }

  /** Not if Flink did not report that the job has ended, and nothing else shows it: it may run. */
  private boolean tellsTheEnd() {
    return receipt != null
        && (receipt.outcome() != StopResult.Kind.UNPROVED || Reproof.isTold(receipt));
  }

  private boolean isResumed() {
    return receipt != null && !receipt.resumptions().isEmpty();
  }

  /** When it began, if it may be an answer; found before a wait it is none of that wait. */
  Optional<Instant> answers() {
    return (tellsTheEnd() && !isResumed()) || unread != null
        ? Optional.of(entry.started())
        : Optional.empty();
  }

  /**
   * Whether it is what is waited for.
   *
   * @param seen the run that was seen; null if none was
   * @param before of the stop that was over before the wait
   * @param patient whether there is no other answer: then a stop of before counts, unless it is so
   *     long ago that the job may have been started again since
   * @param now by the clock
   * @throws IOException if it would be, and can't be read
   */
  boolean isAnswer(
      @Nullable JobOverview seen, Optional<Instant> before, boolean patient, Instant now)
      throws IOException {
    boolean isNew = !before.equals(Optional.of(entry.started()));
    boolean counts =
        seen == null ? isNew || (patient && entry.mayGoOn(GRACE, now)) : isOfRun(entry, seen);
    if (counts && unread != null && (isNew || patient)) {
      throw unread;
    }
    return counts && tellsTheEnd() && !isResumed();
  }

  /**
   * The job of its receipt, when the stop ended, and where the receipt is, for one that {@link
   * #isAnswer}.
   */
  String inWords() {
    return "job (%s), %s, whose stop ended at %s: %s"
        .formatted(entry.job().name(), entry.job().id(), ended(), file);
  }

  private Instant ended() {
    Instant at = receipt == null ? entry.started() : receipt.endedAt();
    return at.truncatedTo(ChronoUnit.SECONDS);
  }

  /** Why a wait does not end with it; empty if there is no receipt of it that counts. */
  String isNoAnswer() {
    if (unread != null) {
      return ". The journal has the receipt of a stop that was over before: " + unread.getMessage();
    } else if (receipt == null) {
      return "";
    }
    String reported = ": it was over before, and whether a job was started since is not known";
    if (isResumed()) {
      reported = ", and the job was resumed since";
    } else if (!tellsTheEnd()) {
      reported = ", and which says that the job may run";
    }
    return ". The journal has the receipt %s, of a stop of job %s that ended at %s%s"
        .formatted(file, entry.job().id(), ended(), reported);
  }
}
