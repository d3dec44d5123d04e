package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

class ConnectionTest {

  private static final List<String> FLAGS =
      List.of(
          "--rest",
          "--journal",
          "--settings",
          "--bootstrap-servers",
          "--kafka-properties",
          "--context");

  @TempDir Path folder;

  /** A verb with the mixin. */
  @Command(name = "verb", preprocessor = SettingFlags.class)
  static final class Verb {
    @Mixin Connection connection = new Connection();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dead-letters",
        "list",
        "history",
        "wait",
        "version",
        "stop",
        "guard",
        "verify",
        "resume",
        "audit",
        "status",
        "drill",
        "rollback",
        "replay",
        "score"
      })
  void everyVerbThatReachesAJobHasEveryFlag(String verb) {
    CommandLine command = Objects.requireNonNull(Sluice.commandLine().getSubcommands().get(verb));
    assertThat(command.getCommandSpec().optionsMap()).containsKeys(FLAGS.toArray(String[]::new));
  }

  @Test
  void everyCommandOfTheControlTopicHasEveryFlag() {
    Objects.requireNonNull(Sluice.commandLine().getSubcommands().get("control"))
        .getSubcommands()
        .forEach(
            (name, command) ->
                assertThat(command.getCommandSpec().optionsMap())
                    .as(name)
                    .containsKeys(FLAGS.toArray(String[]::new)));
  }

  @Test
  void theResumeIsTheExactCommand() {
    Connection connection =
        parsed(
            "--rest=http://a:1,http://b:1",
            "--journal",
            "/with blank/stops",
            "--settings",
            "/s.yaml",
            "--bootstrap-servers",
            "k:9092",
            "--kafka-properties",
            "/k.properties",
            "--context",
            "prod");
    assertThat(connection.resume("/r.json", Path.of("/it's.jar")))
        .isEqualTo(
            "sluice resume /r.json --context prod --rest http://a:1,http://b:1"
                + " --journal '/with blank/stops' --settings /s.yaml --bootstrap-servers k:9092"
                + " --kafka-properties /k.properties --jar '/it'\\''s.jar'");
    assertThat(parsed().resume("/r.json", null)).isEqualTo("sluice resume /r.json");
  }

  @Test
  void theEnvironmentNamesTheFiles() throws IOException {
    Path settings = Files.writeString(folder.resolve("s.yaml"), "sluice.x: 1\n");
    Path kafka = Files.writeString(folder.resolve("k"), "sasl.password=hush\n");
    Map<String, String> environment =
        Map.of(
            "XDG_CONFIG_HOME",
            folder.toString(),
            "SLUICE_SETTINGS",
            settings.toString(),
            "SLUICE_KAFKA_PROPERTIES",
            kafka.toString(),
            "SLUICE_JOURNAL",
            "/j",
            "SLUICE_REST",
            "http://a:1/");
    Connection connection = parsed("--bootstrap-servers", "k:1");
    assertThat(connection.cluster.journal(environment)).isEqualTo(Path.of("/j"));
    assertThat(connection.cluster.addresses(environment)).hasToString("[http://a:1]");
    assertThat(connection.besideThoseOfAJob(environment))
        .isEqualTo(
            Map.of(
                "sluice.x",
                "1",
                "sluice.kafka.properties.sasl.password",
                "hush",
                "sluice.kafka.bootstrap-servers",
                "k:1"));
  }

  @Test
  void anAddressOfTheEnvironmentIsNamedAsSuch() {
    assertThatThrownBy(
            () -> parsed().cluster.addresses(Map.of("SLUICE_REST", "http://me:hush@a:1")))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("SLUICE_REST")
        .hasMessageNotContaining("hush");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sluice.kafka.properties.sasl.jaas.config",
        "sluice.kafka.properties.ssl.key.password",
        "sluice.kafka.properties.ssl.keystore.password",
        "sluice.kafka.properties.ssl.keystore.key",
        "sluice.enrich.token",
        "sluice.enrich.API-KEY",
      })
  void aSecretOnTheCommandLineIsRefusedWithoutItsValue(String key) {
    for (String[] line :
        List.of(new String[] {"--" + key + "=hush"}, new String[] {"--" + key, "hush"})) {
      assertThatThrownBy(() -> parsed(line))
          .isInstanceOf(ParameterException.class)
          .hasMessageContainingAll("--" + key, "--settings FILE", "[SLU-SECRET-GIVEN]")
          .hasMessageNotContaining("hush");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sluice.kafka.bootstrap-servers",
        "sluice.kafka.properties.security.protocol",
        "sluice.kafka.properties.ssl.keystore.location",
        "sluice.kafka.properties.ssl.keystore.type",
        "sluice.enrich.token-file",
        "sluice.enrich.url",
      })
  void whatIsNoSecretIsTaken(String key) {
    assertThat(parsed("--" + key, "value").flags()).containsEntry(key, "value");
  }

  private static Connection parsed(String... line) {
    Verb verb = new Verb();
    new CommandLine(verb).parseArgs(line);
    return verb.connection;
  }
}
