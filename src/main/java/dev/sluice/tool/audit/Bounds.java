package dev.sluice.tool.audit;

import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.UnreadModelsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which inputs an audit judges.
 *
 * @param from the first offset of each input partition; where there is none, as far back as the
 *     topic reaches
 * @param to where to stop, exclusive; a partition that is not named is not judged
 * @param held inputs that the snapshot holds unanswered; read, never changed
 * @param heldKnown whether all that waits is in {@code held}; otherwise an outcome without an
 *     answer is undecided
 * @param stopped whether the job was stopped with the snapshot that {@code to} and {@code held} are
 *     of: then nothing may be answered beyond it, and nothing be open
 */
public record Bounds(
    SortedMap<Partition, Long> from,
    SortedMap<Partition, Long> to,
    OriginSet held,
    boolean heldKnown,
    boolean stopped) {

  /**
   * For a job that was stopped with a snapshot.
   *
   * @param sourceOffsets where the snapshot resumes; a negative one means the beginning
   * @param held the outcomes that wait in it for their observations, and what waits for lookups
   */
  public static Bounds ofSnapshot(SortedMap<Partition, Long> sourceOffsets, OriginSet held) {
    SortedMap<Partition, Long> to = new TreeMap<>(sourceOffsets);
    to.replaceAll((p, offset) -> Math.max(0, offset));
    return new Bounds(new TreeMap<>(), to, held, true, true);
  }

  /**
   * For a job that was stopped with a snapshot.
   *
   * @param uri of the snapshot; if this machine can't read its models, it is not known what waits
   * @throws IOException if it can't be read
   */
  public static Bounds ofSnapshot(String uri) throws IOException {
    Snapshot snapshot = Snapshot.open(uri);
    try {
      SortedMap<Partition, Long> to = snapshot.sourceOffsets();
      OriginSet held = snapshot.waitingForLookups();
      try {
        held.addAll(snapshot.models().check().held());
      } catch (UnreadModelsException e) {
        return new Bounds(new TreeMap<>(), to, held, false, true);
      }
      return ofSnapshot(to, held);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /**
   * For a running job: up to the offsets of its last completed checkpoint, which its source commits
   * to its consumer group.
   *
   * <p>Everything that the checkpoint counts as answered was written before, so it is below the
   * ends of the output topics that the audit reads after this. Once every transaction with a record
   * below these has ended, an input without an answer has none. If it is an outcome, it may wait
   * for its observation, which only a snapshot can show: it is undecided; so is everything if the
   * job has lookups. Anything else is answered at once, so it is lost.
   *
   * @throws IOException if the group has committed nothing, or the brokers don't answer
   */
  public static Bounds ofRunning(AuditedJob job, Brokers brokers)
      throws IOException, InterruptedException {
    SortedMap<Partition, Long> to = new TreeMap<>(brokers.committedOffsets(job.groupId()));
    to.keySet().removeIf(p -> !job.events().contains(p.topic()));
    if (to.isEmpty()) {
      throw new IOException(
          RefusalCode.AUDIT_NO_OFFSETS.in(
              ("group (%s) has committed no offset of %s, so it is not known how far the job has come: has it "
                      + "completed a checkpoint? Name its group with --group-id, or a snapshot with --savepoint "
                      + "or --receipt")
                  .formatted(job.groupId(), job.events())));
    }
    return new Bounds(new TreeMap<>(), to, new OriginSet(), false, false);
  }
}
