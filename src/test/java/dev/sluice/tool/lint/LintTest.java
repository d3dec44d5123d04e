package dev.sluice.tool.lint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LintTest {

  private static final Duration DOWNTIME = Duration.ofMinutes(10);

  /** A deployment whose numbers fit; the names show nothing of the kinds. */
  private static final Map<String, String> CLEAN =
      Map.of(
          "flink",
          """
          execution:
            checkpointing:
              interval: 10 s
              timeout: 6 min
              tolerable-failed-checkpoints: 1
          client.timeout: 10 min
          rest.async.store-duration: 1 h
          """,
          "job",
          """
          sluice.sink.transaction-timeout: 15 min
          """,
          "pod",
          """
          apiVersion: v1
          kind: Service
          metadata: {name: guard}
          ---
          apiVersion: apps/v1
          kind: Deployment
          metadata: {name: guard}
          spec:
            template:
              spec:
                terminationGracePeriodSeconds: 240
                containers:
                  - name: guard
                    args: [guard, sluice, --grace, 2m]
          """,
          "compose",
          """
          services:
            guard:
              command: java -jar sluice.jar guard sluice --grace=2m
              stop_grace_period: 4m
          """,
          "unit",
          """
          # The guard of one job.
          [Unit]
          Description=Guard
          [Service]
          ExecStart=/usr/bin/java -jar /opt/sluice.jar guard sluice \\
              --grace 2m
          TimeoutStopSec=4min
          """,
          "broker",
          """
          transaction.max.timeout.ms=900000
          log.retention.hours=24
          """);

  @TempDir Path folder;

  @Test
  void filesThatFitAreCleanAndEveryCheckIsMade() throws IOException {
    LintReport report = lint(CLEAN);
    assertThat(report.lines())
        .endsWith("9 of 9 checks made: no contradiction.")
        .noneMatch(line -> line.matches("(not checked|UNREADABLE|CONTRADICTS|nothing in) .*"));
    assertThat(report.exitCode()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pod|: 240|: 210|the-guard-outlives|terminationGracePeriodSeconds (210|--grace (2m|pod",
        "pod|2m]|3m]|the-guard-outlives|terminationGracePeriodSeconds (240|--grace (3m|pod",
        "compose|: 4m|: 3m30s|the-guard-outlives|stop_grace_period (3m30s|--grace (2m|compose",
        "unit|=4min|=3min 30s|the-guard-outlives|TimeoutStopSec (3min 30s|--grace (2m|unit",
        "unit|TimeoutStopSec=4|TimeoutSec=3|the-guard-outlives|TimeoutStopSec (3min|--grace (2m|unit",
        "job|15 min|129 s|outlive-a-stop|transaction-timeout (129 s|--grace (2m|compose",
        "job|15 min|129 s|outlive-a-stop|transaction-timeout (129 s|interval (10 s|flink",
        "flink|interval: 10 s|interval: 14 min|outlive-a-stop|(15 min|interval (14 min|flink",
        "job|15 min|729 s|outlive-the-downtime|timeout (729 s|--planned-downtime (600s|command line",
        "job|15 min|790 s|outlive-a-checkpoint|timeout (790 s|checkpointing.timeout (6 min|flink",
        "flink|checkpoints: 1|checkpoints: 2|outlive-a-checkpoint|(15 min|checkpoints (2|job",
        "flink|checkpoints: 1|checkpoints: 99999|outlive-a-checkpoint|(15 min|checkpoints (99999|job",
        "flink|tolerable-failed-checkpoints: 1|min-pause: 8 min|outlive-a-checkpoint|(15 min|min-pause (8 min|job",
        "job|15 min|901 s|the-broker-grants|max.timeout.ms (900000|transaction-timeout (901 s|job",
        "broker|900000|899999|the-broker-grants|ms (899999|transaction-timeout (15 min|job",
        "flink|timeout: 6 min|timeout: 1 min|may-use-the-grace|timeout (1 min|--grace (2m|compose",
        "flink|client.timeout: 10|client.timeout: 5|outwaits|client.timeout (5 min|(6 min|flink",
        "flink|duration: 1 h|duration: 209 s|remembers|store-duration (209 s|--grace (2m|compose",
        "broker|hours=24|minutes=10|topics-outlive|log.retention.minutes (10|downtime (600s|command",
        "broker|hours=24|ms=610000|topics-outlive|log.retention.ms (610000|downtime (600s|command",
      })
  void eachContradictionIsOneLineWithBothNamesValuesAndFiles(
      String file, String from, String to, String check, String left, String right, String other)
      throws IOException {
    LintReport report = lint(with(file, from, to));
    assertThat(report.exitCode()).isEqualTo(5);
    assertThat(report.lines())
        .filteredOn(line -> line.startsWith("CONTRADICTS") && line.contains(check))
        .singleElement()
        .asString()
        .contains(left, right, other, "Remedy: raise ")
        .contains(to.contains("901 s") ? "broker" : file);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pod|: 240|: 211",
        "compose|: 4m|: 211s",
        "unit|=4min|=211",
        "unit|=4min|=infinity",
        "job|15 min|791 s",
        "broker|900000|900001",
        "flink|client.timeout: 10 min|client.timeout: 360 s",
        "flink|duration: 1 h|duration: 210 s",
        "broker|hours=24|ms=610001",
        "broker|hours=24|ms=-1",
        "broker|hours=24|ms=9223372036854775807",
      })
  void whatJustFitsIsClean(String file, String from, String to) throws IOException {
    assertThat(contradictions(lint(with(file, from, to)))).isEmpty();
  }

  @Test
  void eachUnitIsComparedWithItsOwnGrace() throws IOException {
    Map<String, String> files = with("pod", "2m]", "4m]");
    files.computeIfPresent("pod", (name, text) -> text.replace(": 240", ": 331"));
    assertThat(contradictions(lint(files))).isEmpty();
  }

  @Test
  void ourOwnConfigurationIsClean() {
    LintReport report =
        Lint.of(
            List.of(Path.of("flink-conf"), Path.of("deploy/local/broker/server.properties")),
            DOWNTIME,
            null);
    assertThat(contradictions(report)).isEmpty();
    assertThat(report.exitCode()).isZero();
    assertThat(report.lines())
        .anyMatch(line -> line.matches("read +client.timeout \\(10 min, .*config.yaml\\)"))
        .anyMatch(line -> line.matches("read +sluice.sink.transaction-timeout \\(15 min, .*\\)"))
        .anyMatch(line -> line.matches("nothing in +.*log4j.properties"));
  }

  @Test
  void whatIsNotThereIsNamedWithTheChecksThatWantIt() throws IOException {
    LintReport report = lint(Map.of("flink", CLEAN.get("flink")));
    assertThat(report.exitCode()).isZero();
    assertThat(report.lines())
        .contains("1 of 9 checks made: no contradiction.")
        .anyMatch(
            line ->
                line.startsWith("not checked  the-broker-grants-the-timeout: not known is")
                    && line.contains("transaction.max.timeout.ms")
                    && line.contains("sluice.yaml"));
  }

  @Test
  void nothingCheckedIsNotClean() throws IOException {
    LintReport report = lint(Map.of("readme", "just words\n"));
    assertThat(report.exitCode()).isOne();
    assertThat(report.lines())
        .contains("Nothing could be checked: name the files of a whole deployment.")
        .anyMatch(line -> line.startsWith("nothing in ") && line.endsWith("readme"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pod|metadata: {name: guard}|metadata: {name: guard|not YAML|line 4",
        "flink|interval: 10 s|interval: soon|execution.checkpointing.interval (soon)|10 s",
        "pod|: 240|: 4m|terminationGracePeriodSeconds (4m)|seconds",
        "compose|: 4m|: 240|stop_grace_period (240)|3m30s",
        "unit|=4min|=long|TimeoutStopSec (long)|time span",
        "pod|2m]|$(GRACE)]|--grace ($(GRACE))|90s",
        "broker|900000|15m|transaction.max.timeout.ms (15m)|milliseconds",
        "broker|hours=24|hours=\\uXY|Malformed|encoding",
      })
  void whatCantBeReadIsNamedAndNotClean(
      String file, String from, String to, String named, String reason) throws IOException {
    LintReport report = lint(with(file, from, to));
    assertThat(report.exitCode()).isOne();
    assertThat(report.lines())
        .filteredOn(line -> line.startsWith("UNREADABLE"))
        .singleElement()
        .asString()
        .contains(folder.resolve(file) + ": ", named, reason);
  }

  @Test
  void filesThatAreNotThereOrNotTextAreNamed() throws IOException {
    Path binary = Files.write(folder.resolve("binary"), new byte[] {'a', (byte) 0xff, (byte) 0xfe});
    LintReport report = Lint.of(List.of(folder.resolve("nowhere"), binary), null, null);
    assertThat(report.lines())
        .anyMatch(line -> line.contains("nowhere: there is no such file"))
        .anyMatch(line -> line.contains("binary: it is not text in UTF-8"));
    assertThat(report.exitCode()).isOne();
  }

  @Test
  void anAnchorThatHoldsItselfIsRefused() throws IOException {
    LintReport report = lint(Map.of("endless", "a: &a\n  b: *a\n"));
    assertThat(report.lines()).anyMatch(line -> line.contains("nested deeper"));
  }

  @Test
  void withoutTheStatesSizeItSaysThatItCannotKnow() throws IOException {
    assertThat(lint(CLEAN).lines())
        .filteredOn(line -> line.startsWith("note"))
        .singleElement()
        .asString()
        .contains("no file says", "is not known", "60 s", "1.2 GB", "--state-size");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "100MB|",
        "1.2GB|",
        "1.7 GB|",
        "1.9GB|terminationGracePeriodSeconds (240",
        "1TB|TimeoutStopSec (4min",
      })
  void theGuardsMarginFollowsTheStatesSize(String size, @Nullable String contradicted)
      throws IOException {
    LintReport report = lint(CLEAN, size);
    assertThat(report.lines()).noneMatch(line -> line.startsWith("note"));
    List<String> found =
        contradictions(report).stream().filter(line -> line.contains("guard-outlives")).toList();
    if (contradicted == null) {
      assertThat(found).isEmpty();
    } else {
      assertThat(found)
          .hasSize(3)
          .anyMatch(line -> line.contains(contradicted))
          .allMatch(line -> line.contains("--state-size (" + size + ", command line) + 30 s"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"4.8", "-1GB", "4 gigabytes", "1e9MB", ""})
  void aSizeThatIsNoneIsNamed(String size) throws IOException {
    LintReport report = lint(CLEAN, size);
    assertThat(report.exitCode()).isOne();
    assertThat(report.lines())
        .anyMatch(
            line ->
                line.startsWith("UNREADABLE")
                    && line.contains("--state-size (" + size + ") must be"));
  }

  private static List<String> contradictions(LintReport report) {
    return report.lines().stream().filter(line -> line.startsWith("CONTRADICTS")).toList();
  }

  private static Map<String, String> with(String file, String from, String to) {
    Map<String, String> files = new LinkedHashMap<>(CLEAN);
    String text = files.getOrDefault(file, "");
    assertThat(text).contains(from);
    files.put(file, text.replace(from, to));
    return files;
  }

  private LintReport lint(Map<String, String> texts) throws IOException {
    return lint(texts, null);
  }

  private LintReport lint(Map<String, String> texts, @Nullable String stateSize)
      throws IOException {
    List<Path> files = new ArrayList<>();
    for (Map.Entry<String, String> each : texts.entrySet()) {
      Path file = folder.resolve(each.getKey());
      Files.writeString(file, each.getValue(), StandardCharsets.UTF_8);
      files.add(file);
    }
    Path[] sorted = files.toArray(Path[]::new);
    Arrays.sort(sorted);
    return Lint.of(List.of(sorted), DOWNTIME, stateSize);
  }
}
