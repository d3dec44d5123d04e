package dev.sluice.tool.stop;

import dev.sluice.tool.flink.SavedCheckpoint;
import dev.sluice.tool.savepoint.BadSnapshotException;
import dev.sluice.tool.savepoint.SavepointDirectory;
import dev.sluice.tool.savepoint.SavepointDirectory.KeptSnapshot;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.Stores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is left of a job that was cancelled: its last checkpoint. Flink deletes a checkpoint when a
 * newer one is complete, and reports the newer one some seconds later.
 *
 * @param text a sentence for people
 * @param uri where it is; null if nothing was kept
 * @param snapshot the same, opened; null if it could not be
 */
record KeptCheckpoint(String text, @Nullable String uri, @Nullable Snapshot snapshot) {

  /**
   * Searches for it.
   *
   * @param reported the last one that Flink reports; null for none
   * @param most how long its file system may take to answer
   */
  static KeptCheckpoint of(@Nullable SavedCheckpoint reported, Duration most)
      throws InterruptedException {
    if (reported == null || reported.uri().isEmpty()) {
      return new KeptCheckpoint(
          "Nothing is kept: the job has no checkpoint that could be restored", null, null);
    }
    try {
      return kept(Snapshot.open(reported.uri(), most), "" + reported.completedAt());
    } catch (BadSnapshotException e) {
      return e.isMissing() ? newer(reported, most) : unread(reported, e);
    } catch (IOException | UncheckedIOException e) {
      return unread(reported, e);
    }
  }

  private static KeptCheckpoint newer(SavedCheckpoint reported, Duration most)
      throws InterruptedException {
    String directory = reported.uri().replaceAll("/+chk-[0-9]+/*$", "");
    try {
      Optional<KeptSnapshot> newest =
          directory.equals(reported.uri())
              ? Optional.empty()
              : Stores.once(most, () -> SavepointDirectory.newestIn(directory));
      return newest.isEmpty()
          ? new KeptCheckpoint(
              "Flink has not kept checkpoint %s: nothing is left to resume from"
                  .formatted(reported.id()),
              null,
              null)
          : kept(Snapshot.open(newest.get().uri(), most), "" + newest.get().writtenAt());
    } catch (IOException | UncheckedIOException e) {
      return unread(reported, e);
    }
  }

  private static KeptCheckpoint kept(Snapshot snapshot, String completedAt) {
    return new KeptCheckpoint(
        ("Checkpoint %s of %s is kept: inputs since then are read again at the resume, and answers that were "
                + "committed since are not given twice. It is %s")
            .formatted(snapshot.checkpointId(), completedAt, snapshot.uri()),
        snapshot.uri(),
        snapshot);
  }

  private static KeptCheckpoint unread(SavedCheckpoint reported, Exception why) {
    return new KeptCheckpoint(
        "Whether checkpoint %s is whole is not known (%s): 'sluice verify %s' checks it"
            .formatted(reported.id(), why.getMessage(), reported.uri()),
        reported.uri(),
        null);
  }

  /**
   * Takes it into what a receipt says.
   *
   * @param most how long its file system may take to answer
   */
  SnapshotProof in(SnapshotProof before, Duration most) throws InterruptedException {
    SnapshotProof proof = before.with(Findings.warning(text));
    if (snapshot == null) {
      return proof;
    }
    try {
      return proof.with(snapshot, Stores.asked(most, snapshot::sourceOffsets));
    } catch (IOException | UncheckedIOException e) {
      return proof
          .with(snapshot, Map.of())
          .with(Findings.warning("where its sources stand is not known: " + e.getMessage()));
    }
  }
}
