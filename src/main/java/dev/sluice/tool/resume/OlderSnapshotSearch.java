package dev.sluice.tool.resume;

import dev.sluice.ledger.Partition;
import dev.sluice.settings.JobSettings;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.savepoint.SavepointDirectory;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.Snapshot.SavedFence;
import dev.sluice.tool.savepoint.SnapshotFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds the newest snapshot that is older than answers that were lost: the job gives them again
 * from there. Searches next to the snapshot, in the job's own checkpoints and in the receipts of
 * this machine; what it takes for healing has been compared with the output like any other.
 */
record OlderSnapshotSearch(JobManager flink, ResumePolicy policy) {

  private static final int MOST = 20;

  Optional<Snapshot> find(Resumable lost) throws IOException, InterruptedException {
    SavedFence fence = lost.snapshot().fence().orElseThrow();
    JobSettings settings = lost.jobSettings();
    List<Snapshot> older = new ArrayList<>();
    for (String uri : candidates(lost.snapshot(), fence)) {
      older(uri, fence, lost.snapshot()).ifPresent(older::add);
    }
    older.sort(Comparator.comparingLong(Snapshot::checkpointId).reversed());
    for (Snapshot one : older.subList(0, Math.min(MOST, older.size()))) {
      if (SnapshotFiles.check(one).problems().isEmpty()
          && ResumePreflight.foresee(one.fence().orElseThrow(), settings).isClean()) {
        return Optional.of(one);
      }
    }
    return Optional.empty();
  }

  /**
   * A snapshot of the job from before the answers were lost; empty for any other, and a damaged
   * one.
   */
  private static Optional<Snapshot> older(String uri, SavedFence fence, Snapshot lost) {
    try {
      return Optional.of(Snapshot.open(uri))
          .filter(s -> s.checkpointId() <= fence.note().settledId())
          .filter(s -> isOfSameJob(s, lost));
    } catch (IOException | UncheckedIOException incomplete) {
      return Optional.empty();
    }
  }

  /** Other jobs may keep their snapshots in the same directory. */
  private static boolean isOfSameJob(Snapshot one, Snapshot lost) {
    return one.fence().isPresent()
        && topics(one.sourceOffsets()).equals(topics(lost.sourceOffsets()))
        && topics(one.fence().orElseThrow().note().stableEnds())
            .equals(topics(lost.fence().orElseThrow().note().stableEnds()));
  }

  private static Set<String> topics(SortedMap<Partition, Long> offsets) {
    return offsets.keySet().stream().map(Partition::topic).collect(Collectors.toSet());
  }

  private Set<String> candidates(Snapshot lost, SavedFence fence)
      throws IOException, InterruptedException {
    Set<String> uris = new LinkedHashSet<>();
    String parent = lost.uri().substring(0, lost.uri().lastIndexOf('/'));
    uris.addAll(SavepointDirectory.in(parent));
    Optional<String> checkpoints = flink.checkpointDirectory();
    if (checkpoints.isPresent()) {
      uris.addAll(SavepointDirectory.in(checkpoints.get() + "/" + fence.note().jobId()));
    }
    if (Files.isDirectory(policy.journal())) {
      try (Stream<Path> files = Files.list(policy.journal())) {
        for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
          receipt(file).map(Receipt::snapshot).map(Receipt.Snapshot::uri).ifPresent(uris::add);
        }
      }
    }
    uris.remove(lost.uri());
    return uris;
  }

  private static Optional<Receipt> receipt(Path file) {
    try {
      return Optional.of(ReceiptFile.read(file));
    } catch (IOException noReceipt) {
      return Optional.empty();
    }
  }
}
