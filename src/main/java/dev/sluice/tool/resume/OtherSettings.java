package dev.sluice.tool.resume;

import dev.sluice.ledger.Partition;
import dev.sluice.settings.JobSettings;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.savepoint.Snapshot;
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

  /** Why a job with these settings can't continue from the snapshot; a sentence each. */
  static List<String> of(Snapshot snapshot, JobSettings settings) {
    List<String> refusals = new ArrayList<>();
    for (String what : snapshot.otherMeaning(settings)) {
      refusals.add(refusal("%s: the job would fail at its start".formatted(what)));
    }
    Set<String> read = new TreeSet<>();
    snapshot.sourceOffsets().keySet().stream().map(Partition::topic).forEach(read::add);
    Set<String> shared = new TreeSet<>(read);
    shared.retainAll(settings.topics().inputs());
    if (!read.isEmpty() && shared.isEmpty()) {
      refusals.add(
          refusal(
              "sluice.topics.events and sluice.topics.control name %s, but the snapshot's job read %s: it would read the former from their beginning, and read on in the latter. If that is meant, submit it with 'flink run -s'"
                  .formatted(settings.topics().inputs(), read)));
    }
    return refusals;
  }

  private static String refusal(String why) {
    return RefusalCode.RESUME_SETTINGS.in(
        ("%s. Give its own settings with --settings FILE or one by one, or name its receipt, which "
                + "holds them")
            .formatted(why));
  }
}
