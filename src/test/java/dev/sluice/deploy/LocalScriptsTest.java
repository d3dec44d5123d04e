package dev.sluice.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.Command;
import dev.sluice.support.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the scripts of {@code deploy/local} give to the processes that they start, in a copy of the
 * project whose Java only repeats its arguments.
 */
class LocalScriptsTest {

  private static final String FIRST = "127.0.0.1:9092";

  @TempDir private Path project;
  @TempDir private Path home;

  private Path folder;

  @BeforeEach
  void copyTheScripts() throws IOException {
    copy(Path.of("deploy", "local"));
    copy(Path.of("flink-conf"));
    Files.createDirectories(project.resolve("target"));
    Files.writeString(project.resolve("target/sluice.jar"), "", UTF_8);
    Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
    Files.writeString(
        java,
        """
        #!/bin/bash
        [[ $1 != -version ]] || { echo 'openjdk version "17.0.1"' >&2; exit 0; }
        echo "brokers ${SLUICE_BOOTSTRAP_SERVERS:-} arguments $*"
        """,
        UTF_8);
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
    folder = project.resolve("target/local");
  }

  /** A job that is submitted over REST runs its program in the JobManager. */
  @Test
  void eachFlinkProcessKnowsTheConfigurationOfItsCluster() {
    String launched =
        sourced(
            """
            jvm_parameters() { printf '%s\\n' -Xmx1g -Done=1; }
            setting() { :; }
            member_archive() { archive_options=(); }
            spawn() { echo "$1 $(printenv FLINK_CONF_DIR)"; }
            application=0
            launch jobmanager
            launch jobmanager-2
            launch taskmanager-1
            mkdir -p "$dir/application"
            printf '%s\\0' -- >"$dir/application/arguments"
            application=1
            launch jobmanager
            """);
    String conf = folder.resolve("conf").toString();
    assertThat(launched.lines())
        .containsExactly(
            "jobmanager " + conf,
            "jobmanager-2 " + conf,
            "taskmanager-1 " + conf,
            "jobmanager " + conf);
  }

  @Test
  void settingsOfTheJobThatWereChangedStayAndTheStartSaysSo() throws IOException {
    assertThat(configured(0)).isEmpty();
    Path settings = folder.resolve("conf/sluice.yaml");
    assertThat(settings).content().contains("sluice.kafka.bootstrap-servers: " + FIRST);

    String own = "sluice.kafka.bootstrap-servers: 127.0.0.1:9094\nsluice.model.labels: a,b\n";
    Files.writeString(settings, own);
    for (int start = 0; start < 2; start++) {
      assertThat(configured(100))
          .contains(settings + " was changed since a start wrote it, and stays as it is")
          .contains("127.0.0.1:9094");
      assertThat(settings).hasContent(own);
    }

    Files.delete(settings);
    assertThat(configured(100)).isEmpty();
    assertThat(settings).content().contains("sluice.kafka.bootstrap-servers: 127.0.0.1:9192");
  }

  @Test
  void settingsOfTheJobThatWereNotChangedFollowTheCluster() {
    configured(0);
    assertThat(configured(100)).isEmpty();
    assertThat(folder.resolve("conf/sluice.yaml")).content().contains("127.0.0.1:9192");
  }

  /** Which of its lines are somebody's own is not known. */
  @Test
  void settingsOfTheJobFromAClusterThatKeptNoCopyArePutAside() throws IOException {
    Path settings = folder.resolve("conf/sluice.yaml");
    Files.createDirectories(settings.resolveSibling("."));
    Files.writeString(settings, "sluice.model.labels: a,b\n");
    assertThat(configured(0)).contains("what it held is in " + settings + ".before");
    assertThat(settings).content().contains(FIRST);
    assertThat(Path.of(settings + ".before")).hasContent("sluice.model.labels: a,b\n");
  }

  @Test
  void filesThatMayHoldSecretsAreTheirOwnersAlone() throws IOException {
    configured(0);
    for (String each : List.of("config.yaml", "server.properties")) {
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(folder.resolve("conf").resolve(each))))
          .as(each)
          .isEqualTo("rw-------");
    }
  }

  @Test
  void theFeedGoesToTheClusterOfThePortOffset() {
    assertThat(sluice(Map.of(), "--port-offset", "100", "feed", "flights.csv", "--job", "1d0e"))
        .startsWith("brokers 127.0.0.1:9192 arguments ")
        .endsWith("feed flights.csv --job 1d0e --rest http://127.0.0.1:8181\n");
  }

  @Test
  void theFeedGoesWhereItIsSentOnTheCommandLine() {
    Map<String, String> brokers = Map.of("SLUICE_BOOTSTRAP_SERVERS", "broker:9092");
    for (String rest : List.of("--rest http://flink:8081", "--rest=http://flink:8081")) {
      List<String> words = new ArrayList<>(List.of("--port-offset", "100", "feed"));
      words.addAll(List.of(rest.split(" ")));
      assertThat(sluice(brokers, words.toArray(new String[0])))
          .startsWith("brokers broker:9092 arguments ")
          .endsWith("feed " + rest + "\n");
    }
  }

  @Test
  void theFeedGoesToTheBrokersOfAFileOfProperties() {
    assertThat(sluice(Map.of(), "feed", "--kafka-properties", "feed.properties"))
        .startsWith("brokers  arguments ");
  }

  @Test
  void otherVerbsGetNoFlags() {
    assertThat(sluice(Map.of(), "--port-offset", "100", "status", "sluice"))
        .startsWith("brokers  arguments ")
        .endsWith("sluice.jar status sluice\n");
  }

  @Test
  void kafkasOwnWordsOnRefusedCredentialsAreLoggedOnRequestAndForAGuard() {
    String off = "kafka.clients.NetworkClient=off -jar";
    assertThat(sluice(Map.of(), "audit")).contains(off);
    for (String words : List.of("audit -v", "--verbose audit", "guard sluice")) {
      assertThat(sluice(Map.of(), words.split(" "))).as(words).doesNotContain("NetworkClient");
    }
  }

  private String sluice(Map<String, String> environment, String... arguments) {
    List<String> command = new ArrayList<>(List.of(project.resolve("deploy/local/sluice") + ""));
    command.addAll(List.of(arguments));
    Map<String, String> all = new HashMap<>(environment);
    all.put("JAVA_HOME", home.toString());
    return Command.run(command, all, Duration.ofSeconds(60)).requireSuccess().stdout();
  }

  /** Writes the configuration as a start does; what it says of it. */
  private String configured(int offset) {
    CommandResult written =
        run(
            """
            ha=0 application=0 taskmanagers=1 slots=1 broker_heap=1m jobmanager_memory=1m
            taskmanager_memory=1m offset=%s
            use_ports "$offset"
            write_configuration
            """
                .formatted(offset));
    return written.stderr();
  }

  private String sourced(String commands) {
    return run(commands).stdout();
  }

  private CommandResult run(String commands) {
    String script =
        """
        set -euo pipefail
        for each in common processes configuration archives members; do source deploy/local/lib/$each.sh; done
        dir=%s ha=1
        mkdir -p "$dir"
        use_ports 0
        flink_classpath=none
        """
                .formatted(folder)
            + commands;
    return Command.run(
            List.of("/bin/bash", "-c", "cd " + project + "\n" + script),
            Map.of("SLUICE_FLINK_PROPERTIES", "", "SLUICE_BROKER_PROPERTIES", ""),
            Duration.ofSeconds(60))
        .requireSuccess();
  }

  private void copy(Path from) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path each : files.toList()) {
        Path to = project.resolve(each.toString());
        if (Files.isDirectory(each)) {
          Files.createDirectories(to);
        } else {
          Files.copy(each, to);
        }
      }
    }
  }
}
