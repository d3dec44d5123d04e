package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.settings.JobSettings;
import dev.sluice.settings.SettingsException;
import dev.sluice.tool.savepoint.GoldenSavepoint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real savepoint. */
class RestoredSettingsTest {

  private static final Map<String, String> ITS_OWN =
      Map.of("sluice.topics.events", "snapshot.events", "sluice.features.width", "16");

  private @TempDir Path directory;

  @Test
  void theSettingsOfItsJobAreTaken() throws Exception {
    for (String path : new String[] {savepoint(), savepoint() + "/_metadata"}) {
      RestoredSettings.Findings found = RestoredSettings.compare(path, JobSettings.of(ITS_OWN));
      assertThat(found.refusals()).isEmpty();
      assertThat(found.warnings()).isEmpty();
    }
  }

  @Test
  void forgottenSettingsAreNamedWithBothValuesAndWhatToDo() throws Exception {
    String savepoint = savepoint();

    assertThatThrownBy(() -> check(savepoint, Map.of()))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("snapshot (" + savepoint + ")")
        .hasMessageContaining(
            "sluice.features.width is (128), but the stored models were made with (16)")
        .hasMessageContaining("--settings FILE");
  }

  @Test
  void oneThatDiffersIsTheOnlyOneNamed() throws Exception {
    Map<String, String> other = new HashMap<>(ITS_OWN);
    other.put("sluice.model.labels", "ontime,late,lost");

    assertThat(RestoredSettings.compare(savepoint(), JobSettings.of(other)).refusals())
        .singleElement()
        .asString()
        .startsWith("sluice.model.labels is (ontime,late,lost), but");
  }

  @Test
  void whatMayChangeFromRunToRunIsNotCompared() throws Exception {
    Map<String, String> other = new HashMap<>(ITS_OWN);
    other.put("sluice.model.learning-rate", "0.5");
    other.put("sluice.topics.events", "snapshot.events,added.events");
    other.put("sluice.topics.predictions", "another");
    other.put("sluice.topics.control", "another.control");

    RestoredSettings.Findings found = RestoredSettings.compare(savepoint(), JobSettings.of(other));
    assertThat(found.refusals()).isEmpty();
    assertThat(found.warnings()).isEmpty();
  }

  /** The job reads on in the old topics, and from the beginning of the new ones. */
  @Test
  void eventTopicsThatWereAllRenamedAreTakenWithAWarning() throws Exception {
    Map<String, String> other = new HashMap<>(ITS_OWN);
    other.put("sluice.topics.events", "team-a.events");
    String savepoint = savepoint();

    assertThatCode(() -> check(savepoint, other)).doesNotThrowAnyException();
    assertThat(RestoredSettings.compare(savepoint, JobSettings.of(other)).warnings())
        .singleElement()
        .asString()
        .startsWith(
            "sluice.topics.events is (team-a.events), but the snapshot's job read"
                + " (snapshot.events): ")
        .contains("continues in those partitions");
  }

  @Test
  void whatCanNotBeReadFromHereIsLeftToFlink() throws Exception {
    Files.writeString(directory.resolve("_metadata"), "no snapshot");

    for (String path : new String[] {directory.toString(), "nowhere", "s4://bucket/savepoint"}) {
      assertThatCode(() -> check(path, Map.of())).as(path).doesNotThrowAnyException();
    }
    assertThatCode(() -> RestoredSettings.check(new Configuration(), JobSettings.of(Map.of())))
        .as("a start without a snapshot")
        .doesNotThrowAnyException();
  }

  /** The log of {@code flink run} is a file: the user who starts the job reads the terminal. */
  @Test
  void whoStartsTheJobIsToldThatNothingWasCompared() {
    assertThat(warning("s4://bucket/savepoint"))
        .contains("WARNING: The settings were not compared with those of snapshot (s4://bucket/")
        .contains("FLINK_CONF_DIR (", "FLINK_PLUGINS_DIR (");
    assertThat(warning(directory.resolve("nowhere").toString()))
        .contains("were not compared")
        .doesNotContain("FLINK_PLUGINS_DIR");
  }

  /** As names of topics out of a snapshot that somebody else wrote. */
  @Test
  void noControlCharacterReachesTheTerminalOfWhoStartsTheJob() {
    assertThat(warning("s4://bucket/\u001b]0;x\u0007\u202e"))
        .contains("s4://bucket/?]0;x??")
        .doesNotContain("\u001b", "\u0007", "\u202e");
  }

  @Test
  void whoStartsTheJobHearsNothingWhereAllIsCompared() throws Exception {
    assertThat(warning(savepoint(), ITS_OWN)).isEmpty();
  }

  private static String warning(String snapshot) {
    return warning(snapshot, Map.of());
  }

  private static String warning(String snapshot, Map<String, String> settings) {
    PrintStream before = System.err;
    ByteArrayOutputStream reported = new ByteArrayOutputStream();
    System.setErr(new PrintStream(reported, true, UTF_8));
    try {
      check(snapshot, settings);
    } finally {
      System.setErr(before);
    }
    return reported
        .toString(UTF_8)
        .lines()
        .filter(line -> line.startsWith("WARNING: "))
        .collect(Collectors.joining("\n"));
  }

  private static void check(String snapshot, Map<String, String> settings) {
    Configuration flink = new Configuration();
    flink.set(StateRecoveryOptions.SAVEPOINT_PATH, snapshot);
    RestoredSettings.check(flink, JobSettings.of(settings));
  }

  private String savepoint() throws IOException {
    return GoldenSavepoint.copyTo(directory.resolve("savepoint-" + System.nanoTime()))
        .toUri()
        .toString()
        .replaceAll("/$", "");
  }
}
