package dev.sluice.fence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Verdict;
import dev.sluice.support.ledger.LedgerValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RefusalTest {

  private static final String JOB = "0123456789abcdef0123456789abcdef";

  @TempDir private Path checkpoints;

  @Test
  void namesWhatIsMissingAndTheNewestCompleteCheckpointBeforeIt() throws IOException {
    complete(3);
    complete(5);
    Files.createDirectories(checkpoints.resolve(JOB).resolve("chk-6")); // incomplete
    complete(8); // too late

    String refusal = refusal(verdict(7, missing()));

    assertThat(refusal)
        .contains("1,002 answers that checkpoint 8 counts as given were never committed")
        .contains("events/0: 1000-1999, 2005-2006 (1,002)")
        .contains(
            "flink run -s " + checkpoints.toUri().toString().replace("///", "/") + JOB + "/chk-5 ")
        .contains("--sluice.restore-fence off");
  }

  @Test
  void namesTheIdWhereTheCheckpointIsNotFound() {
    assertThat(refusal(verdict(7, missing())))
        .contains("It is checkpoint 7 or any before it")
        .contains("flink run -s SNAPSHOT");
  }

  /** Flink's own throws an IllegalStateException there. */
  @Test
  void aFileSystemThatThrowsWhateverItLikesHidesNothing() {
    assertThat(refusal(verdict(7, missing()), "file:x:/y"))
        .contains("It is checkpoint 7 or any before it");
  }

  @Test
  void saysWhenNoSnapshotHeals() {
    assertThat(refusal(verdict(0, missing()))).contains("No snapshot of the job is older");
  }

  @Test
  void namesWhatWouldBeGivenTwice() {
    OriginSet ahead = new OriginSet();
    ahead.addRange("events", 1, 5, 9);

    assertThat(refusal(LedgerValues.verdict(note(7), new TreeMap<>(), ahead, 5, List.of())))
        .contains("5 answers are committed beyond checkpoint 8")
        .contains("events/1: 5-9 (5)")
        .contains("set sluice.restore-fence to suppress");
  }

  @Test
  void namesOutputThatHasGone() {
    Verdict verdict =
        LedgerValues.verdict(note(7), missing(), new OriginSet(), 0, List.of("p/0 has gone"));

    assertThat(refusal(verdict)).contains("p/0 has gone", "Restore a newer snapshot");
  }

  private String refusal(Verdict verdict) {
    return refusal(verdict, checkpoints.toUri().toString());
  }

  private static String refusal(Verdict verdict, String directory) {
    FenceSettings settings =
        new FenceSettings(
            FenceMode.SUPPRESS,
            true,
            false,
            Duration.ofSeconds(1),
            "sluice",
            directory,
            new FenceSettings.Topics(new String[] {"predictions"}, "log", new String[] {"events"}),
            new Properties());
    return String.valueOf(Refusal.of(verdict, settings).getMessage());
  }

  private void complete(int id) throws IOException {
    Path checkpoint = Files.createDirectories(checkpoints.resolve(JOB).resolve("chk-" + id));
    Files.createFile(checkpoint.resolve("_metadata"));
  }

  private static SortedMap<Long, OriginSet> missing() {
    OriginSet missing = new OriginSet();
    missing.addRange("events", 0, 1000, 1999);
    missing.addRange("events", 0, 2005, 2006);
    return new TreeMap<>(java.util.Map.of(8L, missing));
  }

  private static Verdict verdict(long settled, SortedMap<Long, OriginSet> missing) {
    return LedgerValues.verdict(note(settled), missing, new OriginSet(), 0, List.of());
  }

  private static FenceNote note(long settled) {
    return new FenceNote(JOB, 8, settled, true, new TreeMap<>(), new TreeMap<>());
  }
}
