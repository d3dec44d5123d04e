package dev.sluice.tool.receipt;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a stop saved, what was proved of it, and how to resume. The JSON form is fixed by {@code
 * receipt-1.schema.json}; names there are the names here.
 *
 * @param receiptVersion of the form, 1
 * @param tool name and version of what wrote it
 * @param outcome how the stop ended: one of those after which the job was stopped
 * @param startedAt when the stop began
 * @param endedAt when the receipt was written
 * @param job what was stopped
 * @param snapshot what to resume from; null if there is nothing
 * @param sourceOffsets the next offset to be read, by input partition as {@code topic/partition}
 * @param transactions the snapshot's pending transactions, and their fates
 * @param models totals over every key; null if they were not read
 * @param steps every step in its order
 * @param problems why the proof failed, a sentence each
 * @param warnings what is lost or replayed, or otherwise worth knowing, a sentence each
 * @param resume how to continue; null if it is not possible
 * @param resumptions every resumption from this receipt, by this tool, from before Flink is asked
 *     for its job
 * @param unfinished whether the proof has not ended yet, so that its result is not known; in the
 *     JSON form only where it is true
 * @param notProved what the proof could not check, whatever the outcome: a clause each, as "that no
 *     answer is doubled: …"; in the JSON form only where there is any
 */
public record Receipt(
    int receiptVersion,
    String tool,
    StopResult.Kind outcome,
    Instant startedAt,
    Instant endedAt,
    Job job,
    @Nullable Snapshot snapshot,
    SortedMap<String, Long> sourceOffsets,
    List<Transaction> transactions,
    @Nullable Models models,
    List<StepLine> steps,
    List<String> problems,
    List<String> warnings,
    @Nullable Resume resume,
    List<Resumption> resumptions,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean unfinished,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> notProved) {

  /** The form that this code reads and writes. */
  public static final int VERSION = 1;

  public Receipt {
    if (receiptVersion != VERSION) {
      throw new IllegalArgumentException(
          "receiptVersion (%s) must be %s: another version of the tool wrote this receipt"
              .formatted(receiptVersion, VERSION));
    }
    if (!outcome.isStopped()) {
      throw new IllegalArgumentException(
          "outcome (%s) is of a job that was not stopped".formatted(outcome));
    }
  }

  /**
   * What was stopped.
   *
   * @param id 32 hexadecimal digits
   * @param name in Flink
   * @param flinkVersion of the cluster
   * @param version of the job's jar
   * @param parallelism the highest of its tasks
   * @param settings the job's own, without secrets
   * @param settingsFingerprint SHA-256 of {@code settings}, hexadecimal
   * @param flink what it needs of Flink's configuration to continue as it was
   * @param kafkaClusterId of the Kafka cluster that it writes to; empty if that is not known, and
   *     then not in the JSON form
   */
  public record Job(
      String id,
      String name,
      String flinkVersion,
      String version,
      int parallelism,
      SortedMap<String, String> settings,
      String settingsFingerprint,
      SortedMap<String, String> flink,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) String kafkaClusterId) {

    private static final Pattern CLUSTER_ID = Pattern.compile("[!-~]{0,200}");

    public Job {
      if (!CLUSTER_ID.matcher(kafkaClusterId).matches()) {
        throw new IllegalArgumentException(
            "job.kafkaClusterId (%s) must be at most 200 visible ASCII characters"
                .formatted(Unasked.shown(kafkaClusterId)));
      }
    }

    /** The same with other settings. */
    public Job with(
        SortedMap<String, String> others, String fingerprint, SortedMap<String, String> ofFlink) {
      return new Job(
          id,
          name,
          flinkVersion,
          version,
          parallelism,
          others,
          fingerprint,
          ofFlink,
          kafkaClusterId);
    }
  }

  /**
   * A savepoint or checkpoint.
   *
   * @param uri the directory
   * @param kind "savepoint" or "checkpoint"
   * @param checkpointId its number; {@link #UNKNOWN_ID} if it could not be opened
   * @param format {@code canonical} or {@code native}
   * @param drained whether it ends the job for good
   * @param bytes of all its files
   * @param files all that belong to it
   */
  public record Snapshot(
      String uri,
      String kind,
      long checkpointId,
      String format,
      boolean drained,
      long bytes,
      List<StoredFile> files) {

    /** For a snapshot whose metadata could not be read; Flink counts from 1. */
    public static final long UNKNOWN_ID = 0;
  }

  /**
   * A file of a snapshot.
   *
   * @param uri where it is
   * @param bytes how long
   * @param sha256 of its bytes, hexadecimal
   */
  public record StoredFile(String uri, long bytes, String sha256) {}

  /**
   * A pending transaction of a snapshot.
   *
   * @param transactionalId its name
   * @param producerId who wrote in it
   * @param epoch of the producer when it was saved
   * @param fate its fate according to the brokers
   */
  public record Transaction(String transactionalId, long producerId, int epoch, String fate) {}

  /**
   * Totals over every key's state.
   *
   * @param keys how many keys hold a model
   * @param bytes of their models
   * @param predictions observations predicted
   * @param updates outcomes learned
   * @param refusedUpdates outcomes not learned, because the step would not have been finite
   * @param evaluations outcomes evaluated
   * @param pendingObservations predictions that wait for their outcome
   * @param waitingOutcomes outcomes that wait for their observation, not answered yet
   */
  public record Models(
      long keys,
      long bytes,
      long predictions,
      long updates,
      long refusedUpdates,
      long evaluations,
      long pendingObservations,
      long waitingOutcomes) {}

  /**
   * One step.
   *
   * @param step its name
   * @param startedAt when it began
   * @param durationMs how long it took
   * @param result {@code ok}, {@code failed} or {@code skipped}
   * @param text what was found
   */
  public record StepLine(
      String step, Instant startedAt, long durationMs, String result, String text) {}

  /**
   * How to continue.
   *
   * @param command with this tool
   * @param flinkCommand with Flink's own
   */
  public record Resume(String command, String flinkCommand) {}

  /**
   * One resumption.
   *
   * @param at when it came to be as it is
   * @param jobId the new job
   * @param parallelism of it
   * @param replayed inputs that it read or reads again, or at most how many; null if they could not
   *     be counted
   * @param suppressed answers among them that were there already
   * @param state how far it was seen to come; in the JSON form only where it was not seen to run
   */
  public record Resumption(
      Instant at,
      String jobId,
      int parallelism,
      @Nullable Long replayed,
      long suppressed,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) State state) {

    /** How far a resumption was seen to come, in this order. */
    public enum State {
      /** Flink was about to be asked for the job. */
      ASKED("asked"),
      /** Flink has taken the job. */
      SUBMITTED("submitted"),
      /** The job has completed a checkpoint. */
      RUNS("runs");

      private final String code;

      State(String code) {
        this.code = code;
      }

      /** The name in the JSON form. */
      public String code() {
        return code;
      }
    }

    /** Whether its job was seen to run. */
    public boolean wasSeen() {
      return state == State.RUNS;
    }
  }

  /** The same with other settings and warnings. */
  Receipt with(
      SortedMap<String, String> settings, SortedMap<String, String> flink, List<String> warned) {
    Job changed = job.with(settings, job.settingsFingerprint(), flink);
    return with(changed, warned, resumptions, unfinished, notProved);
  }

  /** The same, of a proof that is under way. */
  public Receipt ofUnfinishedProof() {
    return with(job, warnings, resumptions, true, notProved);
  }

  /** The same with one more resumption, or with one that has come on. */
  public Receipt with(Resumption resumption) {
    return resumedAs(Resumptions.with(resumptions, resumption));
  }

  /** The same with these resumptions. */
  public Receipt resumedAs(List<Resumption> all) {
    return with(job, warnings, List.copyOf(all), unfinished, notProved);
  }

  /** The same, of a proof that could not check these. */
  public Receipt notProving(List<String> clauses) {
    return with(job, warnings, resumptions, unfinished, List.copyOf(clauses));
  }

  private Receipt with(
      Job of, List<String> warned, List<Resumption> resumed, boolean goesOn, List<String> unseen) {
    return new Receipt(
        receiptVersion,
        tool,
        outcome,
        startedAt,
        endedAt,
        of,
        snapshot,
        sourceOffsets,
        transactions,
        models,
        steps,
        problems,
        warned,
        resume,
        resumed,
        goesOn,
        unseen);
  }
}
