package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.cluster.Command;
import dev.sluice.support.cluster.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * In which directories {@code deploy/local/cluster start} begins: it deletes and overwrites there.
 * Without Java the start ends before it writes anything, so nothing runs here.
 */
class LocalDirectoryTest {

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"tmp/x", "ha/x", "x", "conf/config.yaml", "conf/cluster.env"})
  void aDirectoryWithFilesOfSomebodyElseIsRefusedAndStaysAsItIs(String file) throws IOException {
    Path foreign = put(file);
    CommandResult start = start();
    assertThat(start.exitCode()).isOne();
    assertThat(start.stderr())
        .contains(folder + " is not empty and no cluster's directory")
        .contains("it holds '" + file.replaceAll("/.*", "") + "'", "Nothing was changed");
    assertThat(foreign).hasContent("of somebody else");
    assertThat(folder.resolve(".lock")).doesNotExist();
  }

  @Test
  void aFileIsRefusedAsADirectory() throws IOException {
    Path file = put("x");
    assertThat(start(file).stderr()).contains(file + " is no directory");
    assertThat(file).hasContent("of somebody else");
  }

  @Test
  void anEmptyALockedAndANewDirectoryAreTaken() throws IOException {
    assertIsTaken(folder);
    assertThat(folder.resolve(".lock")).as("left by the start before").exists();
    assertIsTaken(folder);
    assertIsTaken(folder.resolve("new"));
  }

  /** What a guard makes that was there first, and a file system that is new. */
  @Test
  void theJournalAndAVolumesOwnDirectoryAreNobodysFiles() throws IOException {
    put("stops/guards.json");
    Files.createDirectories(folder.resolve("lost+found"));
    assertIsTaken(folder);
  }

  @Test
  void moreNamesThanAPipeHoldsAreListed() throws IOException {
    for (int i = 0; i < 400; i++) {
      Files.createFile(folder.resolve("%03d%s".formatted(i, "x".repeat(200))));
    }
    assertThat(start().stderr()).contains("is not empty and no cluster's directory (it holds '000");
  }

  @Test
  void theDirectoryOfAClusterIsTaken() throws IOException {
    put("tmp/x");
    put(".sluice-cluster");
    assertIsTaken(folder);
  }

  /** Before there was a mark. */
  @Test
  void theDirectoryOfAnOldClusterIsTaken() throws IOException {
    put("tmp/x");
    put("conf/server.properties");
    Files.writeString(folder.resolve("conf/cluster.env"), "offset=0\ntaskmanagers=1\n");
    assertIsTaken(folder);
  }

  private static void assertIsTaken(Path directory) {
    CommandResult start = start(directory);
    assertThat(start.exitCode()).isOne();
    assertThat(start.stderr()).contains("no Java at").doesNotContain("not empty");
  }

  private Path put(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.resolveSibling("."));
    return Files.writeString(file, "of somebody else");
  }

  private CommandResult start() {
    return start(folder);
  }

  private static CommandResult start(Path directory) {
    return Command.run(
        List.of("deploy/local/cluster", "--dir", directory.toString(), "start"),
        Map.of("JAVA_HOME", "/nowhere"),
        Duration.ofSeconds(60));
  }
}
