package dev.sluice.tool.stop;

import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The stops that the journal records, for when Flink reports nothing of the job. A journal may hold
 * stops of several clusters, and of long ago, whose jobs have the same name: without Flink's word
 * only one of this cluster counts.
 */
record LeftStops(ToolServices services, StopPolicy policy) {

  /** The newest stop at this cluster. */
  Optional<Journal.Entry> last() {
    return here().findFirst();
  }

  /** A sentence that names the newest stop, if none is of this cluster; else empty. */
  String elsewhere() {
    return elsewhere(policy.journal(), policy.job(), policy.rest());
  }

  /** As {@link #elsewhere()}, of a job at a cluster. */
  static String elsewhere(Path journal, String job, List<URI> rest) {
    List<Journal.Entry> all = Journal.all(journal, job);
    if (all.isEmpty() || all.stream().anyMatch(entry -> isHere(entry, job, rest))) {
      return "";
    }
    Journal.Entry entry = all.get(0);
    return (". The journal records a stop of job %s that was begun at %s. This command does not continue it, "
            + "because it was asked for %s if you mean that stop")
        .formatted(
            entry.job().id(),
            entry.startedAt(),
            entry.rest() == null
                ? "by a version that did not write down where: name the job by its id"
                : "at %s: give that address with --rest"
                    .formatted(String.join(", ", entry.rest())));
  }

  private Stream<Journal.Entry> here() {
    return Journal.all(policy.journal(), policy.job()).stream().filter(this::isHere);
  }

  private boolean isHere(Journal.Entry entry) {
    return isHere(entry, policy.job(), policy.rest());
  }

  /** Whether a stop was asked for at one of these addresses, or is of the very job. */
  static boolean isHere(Journal.Entry entry, String job, List<URI> addresses) {
    List<String> rest = entry.rest();
    return rest == null
        ? job.equals(entry.job().id())
        : Journal.Entry.rest(addresses).stream().anyMatch(rest::contains);
  }

  /** Whether Flink may still be at it: what is older may be of a run long gone. */
  boolean isRecent(Journal.Entry entry, Instant now) {
    return entry.mayGoOn(policy.grace(), now);
  }

  /**
   * Whether a stop may have its proof without Flink: it has its savepoint and no receipt, and no
   * other JobManager recovers its job.
   */
  boolean isLeftByFlink(Journal.Entry entry, Instant now) {
    return entry.savepoint() != null
        && entry.receipt() == null
        && Boolean.FALSE.equals(entry.highAvailability())
        && isRecent(entry, now);
  }

  /**
   * Whether a stop has not ended: it has no receipt, or one that was written without Flink's word
   * that the job has ended, and this is still the run that it is of.
   */
  boolean isOpen(Journal.Entry entry, JobOverview job) throws InterruptedException {
    if (entry.receipt() == null) {
      return true;
    }
    if (!entry.isOf(job)) {
      return false;
    }
    try {
      Receipt receipt =
          new AskedJobs(services, policy.rest())
              .settled(
                  ReceiptFile.read(Path.of(entry.receipt())),
                  () -> entry.job().jobSettings(policy.settings()));
      return Reproof.isUnproved(receipt) && !Reproof.isTold(receipt);
    } catch (IOException e) {
      return false;
    }
  }
}
