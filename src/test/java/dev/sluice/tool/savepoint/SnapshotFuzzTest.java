package dev.sluice.tool.savepoint;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whatever the bytes of {@code _metadata} are, a snapshot is read or reported as damaged: nothing
 * else is thrown, and it comes to an end.
 */
class SnapshotFuzzTest {

  @FuzzTest
  void metadata(byte[] bytes) throws IOException {
    Path directory = Files.createTempDirectory("fuzzed");
    Path file = Files.write(directory.resolve("_metadata"), bytes);
    try {
      readOrRefuse(directory);
    } finally {
      Files.delete(file);
      Files.delete(directory);
    }
  }

  /** Reads all that lies in the metadata, and checks for the files. */
  static void readOrRefuse(Path directory) throws IOException {
    Snapshot snapshot;
    try {
      snapshot = Snapshot.open(directory.toString());
    } catch (BadSnapshotException damaged) {
      return;
    }
    snapshot.kind();
    snapshot.canonical();
    snapshot.files();
    readOrRefuse(snapshot::sourceOffsets);
    readOrRefuse(snapshot::committables);
    readOrRefuse(snapshot::fence);
    readOrRefuse(snapshot::champion);
    readOrRefuse(snapshot::standingOrders);
    readOrRefuse(snapshot::description);
    readOrRefuse(snapshot::waitingForLookups);
    SnapshotFiles.check(snapshot);
    try {
      snapshot.models().check();
    } catch (IOException damaged) {
      if (!(damaged instanceof BadSnapshotException)) {
        throw damaged;
      }
    } catch (UncheckedIOException damaged) {
      requireBadSnapshot(damaged);
    }
  }

  private static void readOrRefuse(Runnable read) {
    try {
      read.run();
    } catch (UncheckedIOException damaged) {
      requireBadSnapshot(damaged);
    }
  }

  private static void requireBadSnapshot(UncheckedIOException damaged) {
    if (!(damaged.getCause() instanceof BadSnapshotException)) {
      throw damaged;
    }
  }
}
