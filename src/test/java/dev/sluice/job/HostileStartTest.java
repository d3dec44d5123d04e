package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.sluice.settings.JobSettings;
import dev.sluice.settings.SettingsException;
import dev.sluice.tool.savepoint.CraftedSnapshot;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start from a crafted snapshot: reading its settings does no harm. */
class HostileStartTest {

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
  void noObjectIsMadeAndTheSettingsAreComparedAllTheSame() throws IOException {
    Path snapshot =
        CraftedSnapshot.with(CraftedSnapshot.bytes(new Planted()), folder.resolve("planted"));
    Planted.ran = false;

    assertThatThrownBy(() -> check(snapshot))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("sluice.features.width is (128)");
    assertThat(Planted.ran).isFalse();
  }

  @Test
  void setsWithinSetsAreNotHashed() throws IOException {
    Path snapshot =
        CraftedSnapshot.with(CraftedSnapshot.setsWithinSets(), folder.resolve("planted"));

    assertTimeoutPreemptively(
        LIMIT,
        () -> assertThatThrownBy(() -> check(snapshot)).isInstanceOf(SettingsException.class));
  }

  @Test
  void handlesWithinHandlesAreLeftToFlink() throws IOException {
    Path snapshot = CraftedSnapshot.handlesWithinHandles(folder.resolve("deep"));
    assertThatCode(() -> check(snapshot)).doesNotThrowAnyException();
  }

  @Test
  void aLengthBeyondAllMemoryIsLeftToFlink() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(0x4960672d);
    out.writeInt(6);
    out.writeLong(7); // checkpoint
    out.writeInt(1); // master states
    out.writeInt(0xc96b1696);
    out.writeInt(Integer.MAX_VALUE); // bytes of the first
    Path directory = Files.createDirectory(folder.resolve("long"));
    Files.write(directory.resolve("_metadata"), bytes.toByteArray());

    assertThatCode(() -> check(directory)).doesNotThrowAnyException();
  }

  @Test
  void aPipeIsNotOpened() throws Exception {
    Path directory = Files.createDirectory(folder.resolve("piped"));
    Path pipe = directory.resolve("_metadata");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    assertTimeoutPreemptively(
        LIMIT,
        () -> {
          check(directory);
          check(pipe);
        });
  }

  private static void check(Path snapshot) {
    Configuration flink = new Configuration();
    flink.set(StateRecoveryOptions.SAVEPOINT_PATH, snapshot.toString());
    RestoredSettings.check(flink, JobSettings.of(Map.of()));
  }
}
