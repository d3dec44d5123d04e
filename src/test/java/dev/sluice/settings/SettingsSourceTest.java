package dev.sluice.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsSourceTest {

  @TempDir private Path confDir;

  @Test
  void argumentsOverrideTheFile() throws IOException {
    write("sluice.yaml", "sluice.model.objective: hinge\nsluice.job.name: from-file\n");

    assertThat(read("--sluice.model.objective", "log"))
        .isEqualTo(Map.of("sluice.model.objective", "log", "sluice.job.name", "from-file"));
  }

  @Test
  void nestedKeysAndListsAreFlattened() throws IOException {
    write("sluice.yaml", "sluice:\n  model:\n    labels: [ontime, late]\n  features.width: 64\n");

    assertThat(read())
        .isEqualTo(Map.of("sluice.model.labels", "ontime,late", "sluice.features.width", "64"));
  }

  @Test
  void aNamedFileTakesThePlaceOfTheDefault() throws IOException {
    write("sluice.yaml", "sluice.job.name: default\n");
    Path other = write("other.yaml", "sluice.job.name: other\n");

    assertThat(read("--settings", other.toString())).containsEntry("sluice.job.name", "other");
  }

  @Test
  void equalsSignIsTakenToo() {
    assertThat(read("--sluice.kafka.properties.sasl.jaas.config=a b=\"c\""))
        .isEqualTo(Map.of("sluice.kafka.properties.sasl.jaas.config", "a b=\"c\""));
  }

  @Test
  void noFileAndNoArgumentsAreTheDefaults() {
    assertThat(read()).isEmpty();
  }

  @Test
  void badArgumentsAreNamed() {
    assertRefused("unknown argument (--verbose)", "--verbose", "1");
    assertRefused("argument (--sluice.job.name) has no value", "--sluice.job.name");
    assertRefused(
        "argument (--sluice.job.name) is given twice",
        "--sluice.job.name",
        "a",
        "--sluice.job.name",
        "b");
  }

  @Test
  void badFilesAreNamed() throws IOException {
    assertRefused("(/no/such/file.yaml) can't be read", "--settings", "/no/such/file.yaml");
    assertRefused("is not YAML", "--settings", write("a.yaml", "a: [1").toString());
    assertRefused("must hold keys and values", "--settings", write("b.yaml", "- 1").toString());
    assertRefused(
        "has (sluice.job.name) twice",
        "--settings",
        write("c.yaml", "sluice.job.name: a\nsluice:\n  job.name: b\n").toString());
  }

  /** Nothing would be known of the brokers, and those of this machine would be asked. */
  @Test
  void aFileOfTheConfigurationThatCantBeLookedAtIsNotTakenForNone() throws IOException {
    Path loop = confDir.resolve("sluice.yaml");
    Files.createSymbolicLink(loop, loop);
    assertRefused("the settings file (%s) can't be read".formatted(loop));
  }

  private Map<String, String> read(String... args) {
    return SettingsSource.read(args, confDir);
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(confDir.resolve(name), text);
  }

  private void assertRefused(String message, String... args) {
    assertThatThrownBy(() -> read(args))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(message);
  }
}
