package dev.sluice.support.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.AutoComplete;

/** The scripts' class archives: made by the first process, used by the next, never if damaged. */
class SharedArchiveTest {

  private static final Path SCRIPT =
      Path.of(System.getProperty("basedir", ""), "deploy/local/lib/archives.sh").toAbsolutePath();
  private static final String RUN =
      """
      set -euo pipefail
      source "$SCRIPT"
      java=$JAVA
      java_version=$("$java" -version 2>&1)
      shared_archive tool "$FOLDER" "$JAR" "$JAR"
      printf '%s\\n' "${archive_options[@]}"
      "$java" "${archive_options[@]}" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$JAR" picocli.AutoComplete -h
      """;

  @TempDir private Path folder;
  private Path jar;

  @BeforeEach
  void copyAJar() throws Exception {
    jar = folder.resolve("tool.jar");
    Path ours =
        Path.of(AutoComplete.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Files.copy(ours, jar);
    Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(60)));
  }

  @Test
  void theSecondProcessStartsWithWhatTheFirstOneLeft() throws Exception {
    assertThat(run()).contains("ArchiveClassesAtExit");
    assertThat(run()).contains("SharedArchiveFile").doesNotContain("[warning]", "ArchiveClasses");
    assertThat(archives()).singleElement().asString().endsWith(".jsa");
  }

  @Test
  void anArchiveWhoseMakerWasKilledIsThrownAway() throws Exception {
    run();
    Path made = archives().get(0);
    byte[] bytes = Files.readAllBytes(made);
    Path damaged = made.resolveSibling(made.getFileName().toString().replaceAll("\\d+$", "1"));
    Files.delete(made);
    bytes[bytes.length / 2] ^= 1;
    Files.write(damaged, bytes);
    assertThat(run()).as("a wrong byte").contains("ArchiveClassesAtExit");
    assertThat(archives()).singleElement().isNotEqualTo(damaged);

    Files.delete(archives().get(0));
    Files.write(damaged, Arrays.copyOf(bytes, bytes.length / 2));
    assertThat(run()).as("cut short").contains("ArchiveClassesAtExit");
  }

  /** As after a copy of the folder: the jar's time is another one, but not newer. */
  @Test
  void anArchiveThatTheJvmRefusesPutsNoWordOnStdout() throws Exception {
    run();
    run();
    Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(120)));
    assertThat(run()).contains("SharedArchiveFile").contains("picocli").doesNotContain("[warning]");
  }

  @Test
  void anArchiveOlderThanItsJarIsMadeAnew() throws Exception {
    run();
    run();
    Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(60)));
    assertThat(run()).contains("ArchiveClassesAtExit");
  }

  private String run() {
    return Command.run(
            List.of("bash", "-c", RUN),
            Map.of(
                "SCRIPT", SCRIPT.toString(),
                "JAVA", Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "FOLDER", folder.toString(),
                "JAR", jar.toString()),
            Duration.ofMinutes(1))
        .requireSuccess()
        .stdout();
  }

  private List<Path> archives() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("shared-classes"))) {
      return files.toList();
    }
  }
}
