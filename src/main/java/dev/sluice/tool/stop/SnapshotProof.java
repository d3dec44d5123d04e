package dev.sluice.tool.stop;

import dev.sluice.ledger.Partition;
import dev.sluice.tool.broker.ClusterMatch;
import dev.sluice.tool.broker.Fate;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.savepoint.Kind;
import dev.sluice.tool.savepoint.Snapshot;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is proved of a snapshot, as far as it was read. Immutable: each value that is read makes a
 * new proof, so a later read that fails takes nothing from what is known.
 *
 * @param snapshot null if it can't be opened
 * @param sourceOffsets the sources' positions, as a receipt says them
 * @param transactions of the snapshot; empty if they were not asked for
 * @param files with their hashes
 * @param models their totals
 * @param ofTheJobsCluster whether the brokers that were asked are seen to be of the job's cluster
 * @param findings of all parts
 */
record SnapshotProof(
    @Nullable Snapshot snapshot,
    SortedMap<String, Long> sourceOffsets,
    List<Receipt.Transaction> transactions,
    FileProof files,
    ModelProof models,
    boolean ofTheJobsCluster,
    Findings findings) {

  /** Of nothing that was read. */
  static final SnapshotProof NONE =
      new SnapshotProof(
          null,
          Collections.emptySortedMap(),
          List.of(),
          FileProof.NONE,
          ModelProof.NONE,
          false,
          Findings.NONE);

  SnapshotProof with(Findings more) {
    return new SnapshotProof(
        snapshot, sourceOffsets, transactions, files, models, ofTheJobsCluster, findings.and(more));
  }

  SnapshotProof with(Problem problem) {
    return with(Findings.problems(List.of(problem)));
  }

  /** Of a snapshot that is open. */
  SnapshotProof with(Snapshot opened, Map<Partition, Long> offsets) {
    SortedMap<String, Long> named = new TreeMap<>();
    offsets.forEach((partition, offset) -> named.put(partition.toString(), offset));
    return new SnapshotProof(
        opened, named, transactions, files, models, ofTheJobsCluster, findings);
  }

  /** With transactions of a job that was just stopped. */
  SnapshotProof with(TransactionProof found, Set<Fate> good) {
    return with(found.figures()).with(Findings.problems(found.problems(good)));
  }

  SnapshotProof with(List<Receipt.Transaction> figures) {
    return new SnapshotProof(
        snapshot, sourceOffsets, figures, files, models, ofTheJobsCluster, findings);
  }

  /**
   * With whose brokers they are: those of another cluster prove nothing of the job. Where one of
   * the ids is not known, that is not proved.
   */
  SnapshotProof with(ClusterMatch match) {
    Findings found = Findings.NONE;
    if (match instanceof ClusterMatch.Other other) {
      found =
          Findings.problem(
              Problem.Code.UNCOMMITTED,
              "%s, and so proves nothing. Name brokers of the job's cluster"
                  .formatted(other.words()));
    } else if (match instanceof ClusterMatch.Unknown unknown) {
      found = Findings.notProved(unknown.clause());
    }
    return new SnapshotProof(
        snapshot,
        sourceOffsets,
        transactions,
        files,
        models,
        match instanceof ClusterMatch.Same,
        findings.and(found));
  }

  /**
   * With every file.
   *
   * @param kind of the snapshot
   * @param drainWanted whether it was to be drained
   */
  SnapshotProof with(FileProof found, Kind kind, boolean drainWanted) {
    return new SnapshotProof(
            snapshot, sourceOffsets, transactions, found, models, ofTheJobsCluster, findings)
        .with(Findings.problems(found.problems()).and(drained(kind, drainWanted)));
  }

  /** With every model. */
  SnapshotProof with(ModelProof found) {
    return new SnapshotProof(
            snapshot, sourceOffsets, transactions, files, found, ofTheJobsCluster, findings)
        .with(Findings.problems(found.problems()));
  }

  private static Findings drained(Kind kind, boolean wanted) {
    if (kind == Kind.DRAINED && !wanted) {
      return Findings.problem(
          Problem.Code.DRAINED,
          "the savepoint is drained: whatever waited for its other half was given up, and a job resumed from it "
              + "would make dead letters of the outcomes");
    }
    return wanted
        ? Findings.warning(
            "the job was drained, as asked: it has ended for good and is not to be resumed")
        : Findings.NONE;
  }
}
