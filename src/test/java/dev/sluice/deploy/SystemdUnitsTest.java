package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.lint.Lint;
import dev.sluice.tool.lint.LintReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The numbers of the units; their grammar is {@code deploy/systemd/check}'s. */
class SystemdUnitsTest {

  private static final Path UNITS = Path.of("deploy", "systemd");
  private static final Path GUARD = UNITS.resolve("sluice-guard.service");

  @TempDir Path folder;

  @Test
  void theGuardOutlivesItsStop() {
    LintReport report = lint(UNITS);
    assertThat(report.exitCode()).as(String.join("\n", report.lines())).isZero();
    assertThat(report.lines())
        .anyMatch(line -> line.matches("read +--grace \\(2m, .*sluice-guard.service.*\\)"))
        .anyMatch(
            line -> line.matches("read +TimeoutStopSec \\(240s, .*sluice-guard.service.*\\)"));
  }

  @Test
  void systemdsOwnPatienceWouldBeTooShort() throws IOException {
    String unit = Files.readString(GUARD);
    Path planted = folder.resolve("sluice-guard.service");
    Files.writeString(planted, unit.replace("TimeoutStopSec=240s", "TimeoutStopSec=90s"));
    assertThat(lint(planted).lines())
        .anyMatch(line -> line.startsWith("CONTRADICTS") && line.contains("TimeoutStopSec (90s"));
  }

  @Test
  void flinkStopsAfterTheGuard() throws IOException {
    assertThat(Files.readString(GUARD))
        .containsPattern("(?m)^After=.*sluice-jobmanager.service sluice-taskmanager.service");
  }

  @Test
  void aReloadBringsTheNextGuardWithoutAStop() throws IOException {
    assertThat(Files.readString(GUARD))
        .contains("ExecReload=/bin/kill -HUP $MAINPID\n")
        .contains("RestartForceExitStatus=8 129 SIGHUP\n", "SuccessExitStatus=8 129 143\n");
  }

  /** sluice.yaml may hold Kafka's passwords. */
  @Test
  void theSettingsAreForTheUnitsGroupAlone() throws IOException {
    assertThat(Files.readString(UNITS.resolve("sluice.conf")))
        .contains("install -t /etc/sluice/flink -m 640 -g sluice flink-conf/*")
        .doesNotContain("-m 644 flink-conf");
  }

  @Test
  void noUnitMayWriteBesideItsOwnDirectories() throws IOException {
    for (String unit : List.of("guard", "jobmanager", "taskmanager")) {
      assertThat(Files.readAllLines(UNITS.resolve("sluice-" + unit + ".service")))
          .as(unit)
          .contains(
              "NoNewPrivileges=yes",
              "ProtectSystem=strict",
              "ProtectHome=yes",
              "PrivateTmp=yes",
              "CapabilityBoundingSet=",
              "SystemCallFilter=@system-service")
          .noneMatch(line -> line.startsWith("MemoryDenyWriteExecute"));
    }
  }

  @Test
  void whatIsWrittenLiesWhereTheUserMayWrite() throws IOException {
    for (String unit : List.of("guard", "jobmanager", "taskmanager")) {
      String text = Files.readString(UNITS.resolve("sluice-" + unit + ".service"));
      assertThat(text).as(unit).contains("User=sluice\n", "StateDirectory=sluice\n");
      if (!unit.equals("guard")) {
        assertThat(text)
            .as(unit)
            .contains("FLINK_LOG_DIR=/var/log/sluice\n", "LogsDirectory=sluice\n");
      }
    }
    assertThat(Files.readString(GUARD))
        .contains("file:///var/lib/sluice/savepoints ", "--journal /var/lib/sluice/stops ");
    assertThat(Files.readString(UNITS.resolve("sluice.conf")))
        .containsPattern("(?m)^u sluice .* /var/lib/sluice$");
  }

  /** Flink's start-foreground reads this file, and says nothing but errors without it. */
  @Test
  void theConsoleSaysWhatTheLogSays() throws IOException {
    List<String> console = Files.readAllLines(Path.of("flink-conf", "log4j-console.properties"));
    assertThat(console).contains("rootLogger.appenderRef.console.ref = ConsoleAppender");
    assertThat(console)
        .containsAll(
            Files.readAllLines(Path.of("flink-conf", "log4j.properties")).stream()
                .filter(line -> !line.startsWith("#"))
                .toList());
  }

  private static LintReport lint(Path units) {
    return Lint.of(List.of(units, Path.of("flink-conf")), Duration.ofMinutes(5), null);
  }
}
