package dev.sluice.tool.savepoint;

import dev.sluice.ledger.PendingTransaction;
import dev.sluice.model.ModelDescription;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** All that is read of a snapshot, in lines that do not depend on where it lies. */
public final class SnapshotText {

  private SnapshotText() {}

  public static List<String> of(Snapshot snapshot) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(snapshot.kind() + " " + snapshot.checkpointId() + " " + snapshot.canonical());
    SnapshotFiles.check(snapshot).files().stream()
        .map(file -> file.sha256() + " " + file.bytes())
        .sorted()
        .forEach(lines::add);
    lines.add(snapshot.sourceOffsets().toString());
    for (PendingTransaction one : snapshot.committables()) {
      lines.add(
          "Committable[transactionalId=%s, producerId=%s, epoch=%s]"
              .formatted(one.transactionalId(), one.producerId(), one.epoch()));
    }
    snapshot
        .fence()
        .ifPresent(
            fence -> {
              lines.add(fence.note().toString());
              fence
                  .open()
                  .forEach(
                      open -> lines.add(open.checkpointId() + " " + open.answered().ranges(9)));
              lines.add("ahead " + fence.ahead().ranges(9));
            });
    snapshot
        .champion()
        .ifPresent(
            champion ->
                lines.add("champion " + champion.version() + " " + champion.bytes().length));
    Map<String, String> description =
        snapshot.description().map(ModelDescription::settings).orElse(Map.of());
    lines.add(description.toString());
    ModelCheck check = snapshot.models().check();
    lines.add(check.totals().toString());
    lines.add(check.problems() + " held " + check.held().ranges(9));
    List<String> keys = new ArrayList<>();
    snapshot.models().eachKey(key -> keys.add(KeySummary.of(key).toString()));
    keys.sort(null);
    lines.addAll(keys);
    return lines;
  }
}
