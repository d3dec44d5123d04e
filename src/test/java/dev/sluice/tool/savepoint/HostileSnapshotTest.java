package dev.sluice.tool.savepoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Crafted snapshots: each is rejected at once as no snapshot, and runs nothing. */
class HostileSnapshotTest {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir Path folder;

  /** Records that it was deserialised. */
  private static final class Planted implements Serializable {
    private static final long serialVersionUID = 1L;
    private static volatile boolean ran;

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
      in.defaultReadObject();
      ran = true;
    }
  }

  @Test
  void objectsOfAnyOtherClassAreNotMade() throws IOException {
    Path snapshot = withObject(new Planted());
    Planted.ran = false;
    assertRefused(snapshot, "it holds Java objects that no snapshot of this job holds");
    assertThat(Planted.ran).isFalse();
  }

  /** Its hash codes take 2^100 steps: without the filter this never ends. */
  @Test
  void setsWithinSetsAreNotHashed() throws IOException {
    byte[] objects = CraftedSnapshot.setsWithinSets();
    assertTimeoutPreemptively(
        LIMIT,
        () ->
            assertRefused(
                with(objects), "it holds Java objects that no snapshot of this job holds"));
  }

  @Test
  void anArrayOfAnyLengthIsNotMade() throws IOException {
    assertRefused(
        withObject(new long[1 << 20]), "it holds Java objects that no snapshot of this job holds");
  }

  /** Control: the filter is for snapshots alone. */
  @Test
  void otherStreamsAreReadAsBefore() throws Exception {
    Snapshot.open(GoldenSavepoint.DIRECTORY.toString());
    try (ObjectInputStream in =
        new ObjectInputStream(
            new ByteArrayInputStream(CraftedSnapshot.bytes(new ArrayList<>(List.of("a")))))) {
      assertThat(in.readObject()).isEqualTo(List.of("a"));
    }
  }

  /** As a hostile length or count would make it: handles within handles. */
  @Test
  void handlesWithinHandlesEndAsADamagedSnapshot() throws IOException {
    Path directory = CraftedSnapshot.handlesWithinHandles(folder.resolve("deep"));
    assertRefused(directory, "can't be read");
  }

  @Test
  void aPipeIsNoMetadataAndNoFileOfASnapshot() throws Exception {
    Path pipe = pipe();
    assertTimeoutPreemptively(
        LIMIT,
        () -> {
          Path directory = Files.createDirectory(folder.resolve("piped"));
          Files.createSymbolicLink(directory.resolve("_metadata"), pipe);
          assertRefused(directory, "a pipe or a device");
          assertRefused(naming(pipe.toString()), "a pipe or a device");
          assertRefused(naming("file:/dev/zero"), "a pipe or a device");
        });
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void damagedMetadataIsReadOrRefused(long seed) throws IOException {
    byte[] whole = Files.readAllBytes(GoldenSavepoint.DIRECTORY.resolve("_metadata"));
    Random random = new Random(seed);
    Path directory = GoldenSavepoint.copyTo(folder.resolve("mutated"));
    for (int i = 0; i < 400; i++) {
      byte[] bytes = whole.clone();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      if (random.nextInt(4) == 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      }
      Files.write(directory.resolve("_metadata"), bytes);
      assertThatCode(() -> SnapshotFuzzTest.readOrRefuse(directory))
          .as("seed %s, mutation %s", seed, i)
          .doesNotThrowAnyException();
    }
  }

  /** The golden savepoint, with a file of this name in addition to its own. */
  private Path naming(String file) throws IOException {
    CheckpointMetadata golden = Snapshot.open(GoldenSavepoint.DIRECTORY.toString()).metadata();
    OperatorState first = golden.getOperatorStates().iterator().next();
    OperatorState more =
        new OperatorState(null, "more", first.getOperatorID(), 1, first.getMaxParallelism());
    OperatorStateHandle handle =
        new OperatorStreamStateHandle(
            java.util.Map.of(),
            new FileStateHandle(new org.apache.flink.core.fs.Path(file), Long.MAX_VALUE));
    more.putState(0, OperatorSubtaskState.builder().setManagedOperatorState(handle).build());
    List<OperatorState> operators = new ArrayList<>(golden.getOperatorStates());
    operators.add(more);
    Path directory = GoldenSavepoint.copyTo(folder.resolve("naming" + file.hashCode()));
    try (var out = Files.newOutputStream(directory.resolve("_metadata"))) {
      Checkpoints.storeCheckpointMetadata(
          new CheckpointMetadata(
              golden.getCheckpointId(),
              operators,
              golden.getMasterStates(),
              golden.getCheckpointProperties()),
          out);
    }
    return directory;
  }

  private Path pipe() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    return pipe;
  }

  private Path withObject(Object planted) throws IOException {
    return with(CraftedSnapshot.bytes(planted));
  }

  private Path with(byte[] objects) throws IOException {
    return CraftedSnapshot.with(objects, folder.resolve("planted"));
  }

  private static void assertRefused(Path snapshot, String why) {
    assertThatThrownBy(
            () -> {
              try {
                Snapshot.open(snapshot.toString());
              } catch (UncheckedIOException e) {
                throw new AssertionError("opening names no state", e);
              }
            })
        .isInstanceOf(BadSnapshotException.class)
        .hasMessageContaining(why);
  }
}
