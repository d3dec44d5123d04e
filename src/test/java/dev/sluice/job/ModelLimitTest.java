package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.codec.CommandDecoder;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.model.ChampionException;
import dev.sluice.settings.JobSettings;
import dev.sluice.settings.SettingsException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.operators.StreamMap;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelLimitTest {

  private static final long MIB = 1 << 20;

  @TempDir private Path directory;

  @Test
  void aSixteenthOfASlotsShareOfTheHeapIsTaken() {
    ModelLimit limit = new ModelLimit(512 * MIB, 4, "TaskManagers", "raise it");
    assertThat(limit.bytes()).isEqualTo(8 * MIB);
    assertThatCode(() -> limit.check(8 * MIB)).doesNotThrowAnyException();
    assertThatThrownBy(() -> limit.check(8 * MIB + 1))
        .isInstanceOf(ChampionException.class)
        .hasMessageContaining("8,388,609 bytes long")
        .hasMessageContaining("536,870,912 bytes of heap and 4 slots")
        .hasMessageContaining("at most 8,388,608")
        .hasMessageEndingWith("raise it");
  }

  @Test
  void noHeapIsLargeEnoughForMoreThanTheMaximum() {
    assertThat(new ModelLimit(Long.MAX_VALUE, 1, "", "").bytes()).isEqualTo(256 * MIB);
  }

  @Test
  void theConfigurationThatIsShippedTakesEightMebibytes() {
    Configuration shipped =
        Configuration.fromMap(
            Map.of(
                "taskmanager.memory.process.size", "1728m", "taskmanager.numberOfTaskSlots", "4"));
    assertThat(ModelLimit.of(shipped).orElseThrow().bytes()).isBetween(7 * MIB, 9 * MIB);
    assertThat(ModelLimit.of(new Configuration())).as("says nothing of memory").isEmpty();
  }

  /** In the task that runs the gate; the file is sparse, and not read. */
  @Test
  void theGateRefusesAPromotionThatTheTasksCouldNotHold() throws Exception {
    ModelLimit here = ModelLimit.here(new Configuration());
    assertThat(here.bytes()).as("of this JVM").isLessThan(ModelFile.MAX_SIZE);
    String uri = sparse("too-large", here.bytes() + 1);
    OneInputStreamOperatorTestHarness<ControlRecord, ControlRecord> gate =
        new OneInputStreamOperatorTestHarness<>(
            new StreamMap<>(
                new ControlGate(
                    JobSettings.of(ControlHarness.SETTINGS).model(), new ModelStore(""))));
    gate.open();
    gate.processElement(promote(uri), 0);

    List<ControlRecord> passed = gate.extractOutputValues();
    assertThat(passed).hasSize(1);
    assertThat(ControlHarness.refusalOf(passed.get(0)))
        .startsWith("the model (" + uri + ") is refused: it is")
        .contains("a sixteenth of a slot's share")
        .contains("taskmanager.memory.process.size");
    gate.close();
  }

  @Test
  void theStartRefusesAChampionThatTheTasksCouldNotHold() throws Exception {
    JobSettings settings = JobSettings.of(Map.of("sluice.champion.uri", sparse("first", 9 * MIB)));
    ModelLimit small = new ModelLimit(512 * MIB, 4, "TaskManagers", "raise it");

    assertThatThrownBy(() -> FirstChampion.read(settings, false, List.of(small)))
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith("sluice.champion.uri = (file:")
        .hasMessageContaining("at most 8,388,608");
    assertThat(FirstChampion.read(settings, true, List.of(small))).as("a restore").isNull();
  }

  private String sparse(String name, long size) throws IOException {
    Path path = directory.resolve(name);
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(size);
    }
    return path.toUri().toString();
  }

  private static ControlRecord promote(String uri) {
    String command =
        "{\"id\":\"1\",\"command\":\"promote\",\"uri\":\"%s\",\"sha256\":\"%s\",\"version\":2}"
            .formatted(uri, "0".repeat(64));
    return CommandDecoder.record(
        new RawRecord(
            new Origin("control", 0, 0), 0, null, command.getBytes(StandardCharsets.UTF_8)));
  }
}
