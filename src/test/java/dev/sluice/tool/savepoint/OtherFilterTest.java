package dev.sluice.tool.savepoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM with a filter of its own for Java objects, in which no snapshot can be read. */
class OtherFilterTest {

  @TempDir Path folder;

  @Test
  void itIsToldBeforeAJobIsStoppedAndNoSnapshotIsCalledDamaged() throws Exception {
    String savepoint = GoldenSavepoint.copyTo(folder.resolve("savepoint")).toString();
    assertThat(inJvm("-Djdk.serialFilter=maxdepth=100", savepoint))
        .containsOnlyOnce("requireReadable: this process can't read snapshots")
        .containsOnlyOnce("open: this process can't read snapshots")
        .contains("jdk.serialFilter", "start the tool without it")
        .doesNotContain("damaged", "another snapshot");
    assertThat(inJvm("-Dother=1", savepoint)).contains("requireReadable: fine", "open: fine");
  }

  private static String inJvm(String option, String savepoint) throws Exception {
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                option,
                "-cp",
                System.getProperty("java.class.path"),
                Tries.class.getName(),
                savepoint)
            .redirectErrorStream(true)
            .start();
    String said = new String(java.getInputStream().readAllBytes(), UTF_8);
    assertThat(java.waitFor()).as(said).isZero();
    return said;
  }

  /** Runs in a JVM of its own: a filter is set once in a process. */
  static final class Tries {

    private Tries() {}

    public static void main(String[] savepoint) {
      say("requireReadable", () -> SavepointDirectory.requireReadable(savepoint[0]));
      say("open", () -> Snapshot.open(savepoint[0]));
    }

    private static void say(String what, Try tried) {
      try {
        tried.run();
        System.out.println(what + ": fine");
      } catch (IOException e) {
        System.out.println(what + ": " + e.getMessage());
      }
    }
  }

  private interface Try {
    void run() throws IOException;
  }
}
