package dev.sluice.ops.resume;

import dev.sluice.job.JobSettings;
import dev.sluice.ledger.Partition;
import dev.sluice.ops.refusal.RefusalCode;
import dev.sluice.ops.snapshot.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Compares a job's settings with what its snapshot was made under. A job that is submitted with
 * others, because they were forgotten, is taken by Flink and fails when its tasks start.
 */
final class OtherSettings {

  private OtherSettings() {}

  /** Why a job with these settings can't go on from the snapshot; a sentence each. */
  static List<String> of(Snapshot snapshot, JobSettings settings) {
    List<String> differences = new ArrayList<>(snapshot.otherMeaning(settings));
    Set<String> read = new TreeSet<>();
    snapshot.sourceOffsets().keySet().stream().map(Partition::topic).forEach(read::add);
    Set<String> shared = new TreeSet<>(read);
    shared.retainAll(settings.inputTopics());
    if (!read.isEmpty() && shared.isEmpty()) {
      differences.add(
          "sluice.topics.events and sluice.topics.control name %s, but the snapshot's job read %s"
              .formatted(settings.inputTopics(), read));
    }
    return differences.stream()
        .map(
            what ->
                RefusalCode.RESUME_SETTINGS.in(
                    ("%s: the job would fail at its start. Give its own settings with --settings FILE "
                            + "or one by one, or name its receipt, which holds them")
                        .formatted(what)))
        .toList();
  }
}
