package dev.sluice.fence;

import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Verdict;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says why a restore is refused, which snapshot to restore instead, and how. */
final class Refusal {

  private static final Logger LOG = LoggerFactory.getLogger(Refusal.class);

  private static final int RANGES = 10;
  private static final Pattern CHECKPOINT = Pattern.compile("chk-(\\d{1,18})");

  private Refusal() {}

  static RefusedException of(Verdict verdict, FenceSettings settings) {
    FenceNote note = verdict.note();
    String what =
        "the restore of checkpoint %s of job %s".formatted(note.checkpointId(), note.jobId());
    if (!verdict.problems().isEmpty()) {
      return new RefusedException(
          ("%s is refused, and nothing was written: %s. Without these records it is not known what is missing or "
                  + "would be doubled. Restore a newer snapshot, whose output is still there; or, if the stop is "
                  + "known to "
                  + "have been clean, start this once with --sluice.restore-fence off")
              .formatted(what, String.join("; ", verdict.problems())));
    }
    OriginSet missing = verdict.allMissing();
    if (!missing.isEmpty()) {
      return new RefusedException(
          ("%,d answers that checkpoint %s counts as given were never committed: their transaction was aborted or "
                  + "expired before its commit. Missing by input: %s. So %s is refused, and nothing was written. "
                  + "%s. To "
                  + "give them up for good, start once with --sluice.restore-fence off")
              .formatted(
                  missing.size(),
                  note.checkpointId(),
                  missing.ranges(RANGES),
                  what,
                  heal(verdict, settings)));
    }
    OriginSet doubled = verdict.ahead();
    return new RefusedException(
        ("%,d answers are committed beyond checkpoint %s and would be given again. By input: %s. So %s is refused, "
                + "and nothing was written, because sluice.restore-fence is fail. Restore the snapshot that the output "
                + "ends with, or set sluice.restore-fence to suppress: the inputs are replayed then, and their answers "
                + "are not given twice")
            .formatted(verdict.replayed(), note.checkpointId(), doubled.ranges(RANGES), what));
  }

  /** Why a job whose checkpoints are not exactly-once is refused. */
  static RefusedException ofCheckpoints(CheckpointingMode mode) {
    return new RefusedException(
        ("%s = (%s) in the job's configuration, but its answers are to be given exactly once: after each restore "
                + "outcomes would be learned twice and answers given twice; set it to EXACTLY_ONCE and %s above zero")
            .formatted(
                CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE.key(),
                mode.name(),
                CheckpointingOptions.CHECKPOINTING_INTERVAL.key()));
  }

  private static String heal(Verdict verdict, FenceSettings settings) {
    long settled = verdict.note().settledId();
    if (settled <= 0) {
      return "No snapshot of the job is older than these answers";
    }
    String how =
        "A snapshot that is older than these answers heals: the job gives them again and suppresses what was "
            + "committed since";
    return newest(settings.checkpointDirectory(), verdict.note().jobId(), settled)
        .map(uri -> "%s. The newest is %s: flink run -s %s …".formatted(how, uri, uri))
        .orElse(
            "%s. It is checkpoint %s or any before it, a savepoint with such an id among them: flink run -s SNAPSHOT …"
                .formatted(how, settled));
  }

  /** The newest complete checkpoint of a job up to an id that is still there. */
  private static Optional<String> newest(String directory, String jobId, long atMost) {
    if (directory.isEmpty()) {
      return Optional.empty();
    }
    try {
      Path folder = new Path(directory, jobId);
      FileSystem files = folder.getFileSystem();
      FileStatus[] found = files.exists(folder) ? files.listStatus(folder) : new FileStatus[0];
      OptionalLong newest =
          Stream.of(found)
              .map(file -> CHECKPOINT.matcher(file.getPath().getName()))
              .filter(Matcher::matches)
              .mapToLong(name -> Long.parseLong(name.group(1)))
              .filter(id -> id <= atMost && isComplete(files, folder, id))
              .max();
      return newest.isPresent()
          ? Optional.of(new Path(folder, "chk-" + newest.getAsLong()).toString())
          : Optional.empty();
    } catch (IOException | RuntimeException e) { // file systems differ in what they throw
      LOG.warn("Can't search for older checkpoints in {}: {}", directory, e.toString());
      return Optional.empty();
    }
  }

  private static boolean isComplete(FileSystem files, Path folder, long id) {
    try {
      return files.exists(new Path(folder, "chk-" + id + "/_metadata"));
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }
}
