package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.tool.stop.OnTimeout;
import dev.sluice.tool.stop.StopPolicy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

class StopOptionsTest {

  @TempDir Path folder;

  /** A verb with the mixin. */
  @Command(name = "verb", preprocessor = SettingFlags.class)
  static final class Verb {
    @Mixin StopOptions options = new StopOptions();
  }

  @Test
  void theDefaultsAreThoseOfTheLocalCluster() {
    StopPolicy policy = policy(Map.of("SLUICE_DIR", "/dir", "SLUICE_PORT_OFFSET", "1000"), "job");
    assertThat(policy.job()).isEqualTo("job");
    assertThat(policy.rest()).containsExactly(URI.create("http://127.0.0.1:9081"));
    assertThat(policy.savepointDirectory()).isNull();
    assertThat(policy.nativeFormat()).isFalse();
    assertThat(policy.grace()).isEqualTo(Duration.ofMinutes(5));
    assertThat(policy.onTimeout()).isEqualTo(OnTimeout.FAIL);
    assertThat(policy.proofPatience()).isEqualTo(Duration.ofSeconds(30));
    assertThat(policy.receipt()).isNull();
    assertThat(policy.journal()).isEqualTo(Path.of("/dir/stops"));
    assertThat(policy.settings()).isEmpty();
  }

  @Test
  void withoutALocalClusterTheJournalIsInTheUsersState() {
    assertThat(policy(Map.of("XDG_STATE_HOME", "/state"), "job").journal())
        .isEqualTo(Path.of("/state/sluice/stops"));
    assertThat(policy(Map.of(), "job").journal())
        .isEqualTo(Path.of(System.getProperty("user.home"), ".local/state/sluice/stops"));
  }

  @Test
  void everyOptionIsHeard() {
    StopPolicy policy =
        policy(
            Map.of(),
            "--rest=http://a:1/,https://b:2",
            "--savepointPath",
            "s3://bucket/sp",
            "--type",
            "native",
            "--grace",
            "40s",
            "--on-timeout",
            "checkpoint",
            "--proof-patience=1m",
            "--receipt",
            "/r.json",
            "--journal",
            "/j",
            "job");
    assertThat(policy.rest()).containsExactly(URI.create("http://a:1"), URI.create("https://b:2"));
    assertThat(policy.savepointDirectory()).isEqualTo("s3://bucket/sp");
    assertThat(policy.nativeFormat()).isTrue();
    assertThat(policy.grace()).isEqualTo(Duration.ofSeconds(40));
    assertThat(policy.onTimeout()).isEqualTo(OnTimeout.CHECKPOINT);
    assertThat(policy.proofPatience()).isEqualTo(Duration.ofMinutes(1));
    assertThat(policy.receipt()).isEqualTo(Path.of("/r.json"));
    assertThat(policy.journal()).isEqualTo(Path.of("/j"));
  }

  @Test
  void aRelativeSavepointDirectoryIsMadeAbsolute() {
    assertThat(policy(Map.of(), "job", "--savepointPath", "some/where").savepointDirectory())
        .isEqualTo(Path.of("some/where").toAbsolutePath().toUri().toString());
  }

  @Test
  void settingsAreTheFilesOverriddenByTheFlagsAndNeverShown() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("s.yaml"),
            "sluice:\n  kafka:\n    properties.sasl.password: hush\n    topics: [a, b]\n  x: 1\n");
    StopPolicy policy =
        policy(
            Map.of(),
            "--sluice.x",
            "2",
            "job",
            "--settings",
            file.toString(),
            "--sluice.kafka.bootstrap-servers=a:1");
    assertThat(policy.job()).isEqualTo("job");
    assertThat(policy.settings())
        .isEqualTo(
            Map.of(
                "sluice.kafka.properties.sasl.password",
                "hush",
                "sluice.kafka.topics",
                "a,b",
                "sluice.x",
                "2",
                "sluice.kafka.bootstrap-servers",
                "a:1"));
    assertThat(policy.toString()).doesNotContain("hush");
  }

  @ParameterizedTest
  @ValueSource(strings = {"- a", "a: [", "a: 1\na: 2"})
  void aSettingsFileThatHoldsSomethingElseIsRefusedByName(String content) throws IOException {
    Path file = Files.writeString(folder.resolve("s.yaml"), content);
    assertThatThrownBy(() -> policy(Map.of(), "job", "--settings", file.toString()))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("s.yaml");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "job --rest ftp://a:1",
        "job --rest a:1",
        "job --rest http://me:secret@a:1",
        "job --grace 0s",
        "job --on-timeout maybe",
        "job --type fast",
        "job --sluice.x 1 --sluice.x 2",
        "job --sluice.x",
        "job other",
        "",
      })
  void whatCannotBeUsedIsWrongUsage(String line) {
    assertThatThrownBy(() -> policy(Map.of(), line.isEmpty() ? new String[0] : line.split(" ")))
        .isInstanceOf(ParameterException.class);
  }

  @Test
  void anOffsetThatIsNoNumberIsNamed() {
    assertThat(policy(Map.of("SLUICE_PORT_OFFSET", ""), "job").rest())
        .as("as if it were not set")
        .isEqualTo(policy(Map.of("SLUICE_PORT_OFFSET", "0"), "job").rest());
    assertThatThrownBy(() -> policy(Map.of("SLUICE_PORT_OFFSET", "many"), "job"))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("SLUICE_PORT_OFFSET (many)");
  }

  private static StopPolicy policy(Map<String, String> environment, String... line) {
    Verb verb = new Verb();
    new CommandLine(verb).setCaseInsensitiveEnumValuesAllowed(false).parseArgs(line);
    verb.options.connection.chosen.environment = environment;
    return verb.options.policy(false);
  }
}
