package dev.sluice.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.cluster.Command;
import dev.sluice.support.cluster.CommandResult;
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
import org.apache.flink.configuration.GlobalConfiguration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the scripts of {@code deploy/local} give to the processes that they start, in a copy of the
 * project whose Java only repeats its arguments.
 */
class LocalScriptsTest {

  private static final String FIRST = "127.0.0.1:9092";

  /** What would send a command to another cluster. */
  private static final List<String> ELSEWHERE =
      List.of(
          "SLUICE_REST",
          "SLUICE_JOURNAL",
          "SLUICE_SETTINGS",
          "SLUICE_BOOTSTRAP_SERVERS",
          "SLUICE_KAFKA_PROPERTIES",
          "SLUICE_CONTEXT");

  private static final String CONFIGURE =
      """
      ha=0 application=0 taskmanagers=1 slots=1 broker_heap=1m jobmanager_memory=1m
      taskmanager_memory=1m offset=%s
      use_ports "$offset"
      write_configuration
      """;

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
        [[ $* != *' context show' || ${SLUICE_CONTEXT:-} != nosuch ]] || { echo 'no such context' >&2; exit 1; }
        [[ -z ${SHOWN:-} ]] || compgen -e SLUICE_
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

  /** Which of its lines a user wrote is not known. */
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
    for (String rest : List.of("--rest http://flink:8081", "--rest=http://flink:8081")) {
      List<String> words = new ArrayList<>(List.of("--port-offset", "100", "feed"));
      words.addAll(List.of(rest.split(" ")));
      assertThat(sluice(Map.of(), words.toArray(new String[0]))).endsWith("feed " + rest + "\n");
    }
  }

  @Test
  void theFeedSpeaksTlsWithAClusterThatDoes() throws IOException {
    Path conf = Files.createDirectories(folder.resolve("conf"));
    Files.writeString(conf.resolve("config.yaml"), "security.ssl.rest.enabled: true\n");
    assertThat(sluice(Map.of(), "feed")).endsWith("feed --rest https://127.0.0.1:8081\n");
  }

  @Test
  void theFeedGoesToTheBrokersOfAFileOfPropertiesThatNamesSome() throws IOException {
    String file = Files.writeString(home.resolve("p"), "sasl.mechanism=PLAIN\n").toString();
    for (String words :
        List.of("feed --kafka-properties " + file, "feed --kafka-properties=" + file)) {
      Files.writeString(Path.of(file), "sasl.mechanism=PLAIN\n");
      assertThat(sluice(Map.of(), words.split(" "))).startsWith("brokers 127.0.0.1:9092 arguments");
      Files.writeString(Path.of(file), "bootstrap.servers = other:9092\n");
      assertThat(sluice(Map.of(), words.split(" "))).startsWith("brokers  arguments ");
    }
  }

  /** Another cluster's job would be stopped in place of this one's. */
  @Test
  void aClusterThatTheEnvironmentNamesIsNotTakenForTheFolders() {
    Map<String, String> exported = new HashMap<>();
    ELSEWHERE.forEach(place -> exported.put(place, "of-another"));
    exported.put("SLUICE_SIGN", "key.pem");
    exported.put("SHOWN", "yes");
    CommandResult stop = run(exported, "stop", "sluice");
    assertThat(stop.stdout().lines())
        .contains("SLUICE_DIR", "SLUICE_PORT_OFFSET", "SLUICE_SIGN")
        .doesNotContainAnyElementsOf(ELSEWHERE);
    assertThat(stop.stderr())
        .contains("SLUICE_REST SLUICE_JOURNAL SLUICE_SETTINGS SLUICE_BOOTSTRAP_SERVERS")
        .contains("of the environment not used", folder.toString());
    assertThat(run(Map.of(), "stop", "sluice").stderr()).isEmpty();
  }

  /** It counts for nothing here, and is a mistake all the same. */
  @Test
  void aContextThatIsNotThereIsRefusedAndOneThatIsNamed() {
    CommandResult refused = context("nosuch", "stop", "sluice");
    assertThat(refused.exitCode()).as(refused.toString()).isOne();
    assertThat(refused.stderr()).contains("no such context");
    assertThat(refused.stdout()).isEmpty();
    CommandResult taken = context("prod", "stop", "sluice");
    assertThat(taken.exitCode()).as(taken.toString()).isZero();
    assertThat(taken.stderr()).contains("SLUICE_CONTEXT (prod) of the environment not used");
    assertThat(taken.stdout().lines()).as("the stop alone").hasSize(1);
    assertThat(context("nosuch", "context", "set", "nosuch").exitCode()).isZero();
  }

  private CommandResult context(String name, String... arguments) {
    List<String> command = new ArrayList<>(List.of(project.resolve("deploy/local/sluice") + ""));
    command.addAll(List.of(arguments));
    return Command.run(
        command,
        Map.of("JAVA_HOME", home.toString(), "SLUICE_CONTEXT", name),
        Duration.ofSeconds(60));
  }

  /** Its main function is left out: what is exported when it would begin. */
  @Test
  void theDemoKnowsNoClusterOfTheEnvironment() throws IOException {
    Path demo = project.resolve("deploy/local/demo");
    String begun = Files.readString(demo).replaceAll("(?m)^main .*", "compgen -e SLUICE_");
    Files.writeString(demo, begun);
    Map<String, String> exported = new HashMap<>();
    ELSEWHERE.forEach(place -> exported.put(place, "of-another"));
    exported.putAll(Map.of("SLUICE_SIGN", "k", "SLUICE_VERIFY_KEY", "k", "SLUICE_DIR", "d"));
    assertThat(
            Command.run(List.of("/bin/bash", demo.toString()), exported, Duration.ofSeconds(60))
                .requireSuccess()
                .stdout()
                .lines())
        .contains("SLUICE_DIR")
        .doesNotContain("SLUICE_SIGN", "SLUICE_VERIFY_KEY")
        .doesNotContainAnyElementsOf(ELSEWHERE);
  }

  /** Flink does not read a configuration that has a key twice. */
  @Test
  void eachKeyOfFlinksConfigurationIsThereOnceAndTheLastOneCounts() throws IOException {
    CommandResult written =
        run(
            CONFIGURE.formatted(0),
            Map.of(
                "SLUICE_FLINK_PROPERTIES",
                "web.refresh-interval: 1 s\n    s3.endpoint: http://a\ns3.endpoint: http://b\nrest.port: 1"));
    assertThat(written.stderr()).isEmpty();
    String conf = folder.resolve("conf").toString();
    assertThat(GlobalConfiguration.loadConfiguration(conf).toMap())
        .containsEntry("web.refresh-interval", "1 s")
        .containsEntry("s3.endpoint", "http://b")
        .containsEntry("rest.port", "1")
        .containsEntry("web.submit.enable", "true");
  }

  /** At the port of before another cluster's broker may be. */
  @Test
  void changedJobSettingsFollowTheBrokerThatAStartWrote() throws IOException {
    configured(0);
    Path settings = folder.resolve("conf/sluice.yaml");
    Files.setPosixFilePermissions(settings, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(settings, Files.readString(settings) + "sluice.model.labels: a,b\n");
    assertThat(configured(100)).contains("stays as it is", "127.0.0.1:9192");
    assertThat(settings)
        .content()
        .contains("sluice.kafka.bootstrap-servers: 127.0.0.1:9192", "sluice.model.labels: a,b")
        .doesNotContain(FIRST);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(settings)))
        .isEqualTo("rw-------");
    assertThat(configured(200)).as("it follows each start").contains("127.0.0.1:9292");
  }

  @Test
  void otherVerbsGetNoFlags() {
    assertThat(sluice(Map.of(), "--port-offset", "100", "status", "sluice"))
        .startsWith("brokers  arguments ")
        .endsWith("sluice.jar status sluice\n");
  }

  private String sluice(Map<String, String> environment, String... arguments) {
    return run(environment, arguments).stdout();
  }

  private CommandResult run(Map<String, String> environment, String... arguments) {
    List<String> command = new ArrayList<>(List.of(project.resolve("deploy/local/sluice") + ""));
    command.addAll(List.of(arguments));
    Map<String, String> all = new HashMap<>(environment);
    all.put("JAVA_HOME", home.toString());
    return Command.run(command, all, Duration.ofSeconds(60)).requireSuccess();
  }

  /** Writes the configuration as a start does; what it says of it. */
  private String configured(int offset) {
    return run(CONFIGURE.formatted(offset), Map.of("SLUICE_FLINK_PROPERTIES", "")).stderr();
  }

  private String sourced(String commands) {
    return run(commands, Map.of("SLUICE_FLINK_PROPERTIES", "")).stdout();
  }

  private CommandResult run(String commands, Map<String, String> environment) {
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
    Map<String, String> all = new HashMap<>(environment);
    all.put("SLUICE_BROKER_PROPERTIES", "");
    return Command.run(
            List.of("/bin/bash", "-c", "cd " + project + "\n" + script),
            all,
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
