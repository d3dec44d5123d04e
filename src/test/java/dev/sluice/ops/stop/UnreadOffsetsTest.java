package dev.sluice.ops.stop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ops.receipt.ReceiptKeys;
import dev.sluice.ops.snapshot.GoldenSavepoint;
import dev.sluice.ops.snapshot.ReadProgress;
import dev.sluice.support.FlakyFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A savepoint whose sources' offsets lie in files of their own, at a store that fails. */
class UnreadOffsetsTest {

  @TempDir Path folder;

  private Path savepoint = Path.of("");
  private final List<Path> offsets = new ArrayList<>();

  @BeforeEach
  void copyASavepoint() throws Exception {
    savepoint = GoldenSavepoint.copyTo(folder.resolve("savepoint")).toAbsolutePath();
    try (Stream<Path> files = Files.list(savepoint)) {
      for (Path file : files.filter(one -> !one.endsWith("_metadata")).toList()) {
        if (Files.readString(file, ISO_8859_1).contains("snapshot.events")) {
          offsets.add(file);
        }
      }
    }
    assertThat(offsets).isNotEmpty();
  }

  @AfterEach
  void heal() {
    offsets.forEach(file -> FlakyFiles.failsToOpen(file, 0));
  }

  /** What this machine could not read speaks of no snapshot. */
  @Test
  @Timeout(60)
  void offsetsThatThisMachineCanNotReadDecideNothing() throws Exception {
    offsets.forEach(file -> FlakyFiles.failsToOpen(file, Integer.MAX_VALUE));
    Verification.Result found = verified();
    assertThat(found.problems()).isNotEmpty();
    assertThat(found.isUndecided()).as("%s", found.problems()).isTrue();
  }

  /** Negative control. */
  @Test
  void offsetsThatAreDamagedDo() throws Exception {
    for (Path file : offsets) {
      Files.write(file, new byte[3]);
    }
    Verification.Result found = verified();
    assertThat(found.isGood()).isFalse();
    assertThat(found.isUndecided()).as("%s", found.problems()).isFalse();
  }

  private Verification.Result verified() throws IOException, InterruptedException {
    return Verification.of(
        FlakyFiles.uri(savepoint),
        null,
        ReceiptKeys.NONE,
        Map.of(),
        new KnownPlaces(Map.of(), Map.of(), folder.resolve("stops")),
        ReadProgress.NONE,
        Duration.ofMillis(600));
  }
}
