package dev.sluice.tool.stop;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Proves a stop once more whose proof had failed: what was unavailable then may be back, and a
 * receipt that says unproved for ever would make someone roll back a good savepoint.
 */
public final class Reproof {

  /** What the step says at which a job failed that has its savepoint. */
  static final String JOB_FAILED = "the job failed while it stopped";

  private Reproof() {}

  /**
   * Whether a receipt may yet be proved from itself: not of a job of which Flink did not report
   * that every task has finished, because it may run.
   */
  public static boolean isDue(Receipt receipt) {
    return isUnproved(receipt) && isTold(receipt) && receipt.snapshot() != null;
  }

  /**
   * Why a receipt must not be resumed yet, with the command that completes it; empty if its proof
   * has ended.
   *
   * @param where the receipt is
   * @param journal that may record with which flags the stop was requested
   * @param connection the flags with which the command reaches the same Flink, Kafka and journal
   */
  public static Optional<String> unfinished(
      Receipt receipt, String where, Path journal, List<String> connection) {
    if (!receipt.unfinished()) {
      return Optional.empty();
    }
    List<String> command =
        new ArrayList<>(
            isDue(receipt) ? List.of("sluice", "verify", where) : stop(receipt, journal));
    command.addAll(connection);
    return Optional.of(
        ("the proof of the stop has not come to its end: the savepoint's models were not read, "
                + "and the next stop would have no counters to compare with. Wait for the stop if "
                + "it is still under way, or complete it with '%s', and then resume")
            .formatted(ShellWords.join(command)));
  }

  /** The command of a stop: one with other flags would be refused as another one. */
  private static List<String> stop(Receipt receipt, Path journal) {
    Optional<Journal.Entry> asked = entry(journal, receipt);
    String directory = asked.map(Journal.Entry::savepointDirectory).orElse(null);
    Receipt.Snapshot snapshot = receipt.snapshot();
    boolean isNative = snapshot != null && snapshot.format().equals("native");
    List<String> words = new ArrayList<>(List.of("sluice", "stop", receipt.job().name()));
    if (directory != null) {
      words.addAll(List.of("--savepointPath", directory));
    }
    if (asked.map(Journal.Entry::nativeFormat).orElse(isNative)) {
      words.addAll(List.of("--type", "native"));
    }
    if (asked.map(Journal.Entry::drain).orElse(receipt.resume() == null)) {
      words.addAll(List.of("--drain", "--final"));
    }
    return words;
  }

  /** The journal's entry of the stop that a receipt is of. */
  private static Optional<Journal.Entry> entry(Path journal, Receipt receipt) {
    try {
      return Journal.peek(journal, receipt.job().id())
          .filter(entry -> entry.started().equals(receipt.startedAt()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * Whether Flink has reported that the job is over: every task has finished, or the job failed.
   */
  static boolean isTold(Receipt receipt) {
    return hasFailed(receipt)
        || receipt.steps().stream()
            .anyMatch(
                line ->
                    line.step().equals(Step.FINISHED.code())
                        && line.result().equals(StepResult.OK.code()));
  }

  /** Whether the job failed after its savepoint was complete, before it had finished. */
  static boolean hasFailed(Receipt receipt) {
    return receipt.steps().stream()
        .anyMatch(
            line -> line.step().equals(Step.FINISHED.code()) && line.text().startsWith(JOB_FAILED));
  }

  /**
   * Whether a proof has failed that may be repeated: not once the job has continued, because
   * whatever is open or committed since is the new run's. A resumption that was only asked for
   * counts, too: {@link AskedJobs} finds those that never took place.
   */
  static boolean isUnproved(Receipt receipt) {
    return receipt.outcome() == StopResult.Kind.UNPROVED && receipt.resumptions().isEmpty();
  }

  /**
   * Proves it, and writes the receipt in the place of the old one.
   *
   * <p>Its counters are compared with those of the stop before, whose receipt is searched in the
   * operator's journal, and then in the receipt's own directory.
   *
   * @param file of the receipt
   * @param receipt one that {@link #isDue}
   * @param rest Flink's addresses, which is asked for nothing but the jobs that someone was about
   *     to resume from the savepoint
   * @param settings what the receipt does not contain, as {@code sluice.kafka.properties.*}
   * @param known where the receipt may send this tool, and the operator's journal
   * @param patience how long the brokers may take
   * @param keys sign the receipt
   * @throws IOException if the receipt names brokers that the operator does not know
   */
  public static StopResult of(
      ToolServices services,
      Path file,
      Receipt receipt,
      List<URI> rest,
      Map<String, String> settings,
      KnownPlaces known,
      Duration patience,
      ReceiptKeys keys,
      StopListener listener)
      throws IOException, InterruptedException {
    Receipt.Job job = receipt.job();
    Receipt.Snapshot snapshot = Objects.requireNonNull(receipt.snapshot());
    boolean drained = receipt.resume() == null;
    Path absolute = file.toAbsolutePath();
    StopPolicy policy =
        new StopPolicy(
            job.id(),
            rest,
            null,
            snapshot.format().equals("native"),
            drained,
            patience,
            OnTimeout.FAIL,
            patience,
            absolute,
            known.journal(),
            settings,
            null,
            List.of(),
            keys);
    Journal.Entry entry =
        new Journal.Entry(
            Journal.Entry.VERSION,
            new JobFacts(
                job.id(),
                job.name(),
                job.flinkVersion(),
                job.version(),
                job.parallelism(),
                known.brokerSettings(receipt, absolute.toString()),
                job.flink(),
                entry(known.journal(), receipt)
                    .or(() -> entry(Objects.requireNonNull(absolute.getParent()), receipt))
                    .map(stop -> stop.job().restored())
                    .orElse(null),
                job.kafkaClusterId()),
            job.id(),
            receipt.startedAt().toString(),
            null,
            drained,
            policy.nativeFormat(),
            snapshot.uri(),
            absolute.toString(),
            receipt.startedAt().toString(),
            0,
            null,
            null,
            null);
    return new StopProver(services, policy, new StopLog(listener, services.time().clock()))
        .proveAgain(null, entry, receipt);
  }
}
