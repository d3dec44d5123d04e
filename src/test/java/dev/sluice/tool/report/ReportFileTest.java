package dev.sluice.tool.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.support.cluster.Command;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportFileTest {

  @TempDir Path folder;

  private Path receipt = Path.of("");
  private Path report = Path.of("");

  @BeforeEach
  void writeTheReceipt() throws IOException {
    receipt = folder.resolve("receipt-flights-395d12c3.json");
    report = folder.resolve("receipt-flights-395d12c3.html");
    ReceiptFile.write(receipt, ReceiptFixtures.proved(), ReceiptKeys.NONE);
  }

  @Test
  void aReportLiesBesideItsReceiptAndIsAsPrivate() throws IOException {
    assertThat(ReportFile.defaultFor(receipt)).isEqualTo(report);
    assertThat(ReportFile.defaultFor(Path.of("noted"))).hasFileName("noted.html").isAbsolute();
    ReportFile.write(receipt, report, false);
    assertThat(report).hasBinaryContent(ReceiptPage.of(ReceiptFixtures.proved()));
    assertThat(Files.getPosixFilePermissions(report))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactlyInAnyOrder(receipt, report);
    }
  }

  @Test
  void anOlderReportIsReplaced() throws IOException {
    ReportFile.write(receipt, report, false);
    ReceiptFile.write(receipt, ReceiptFixtures.of(StopResult.Kind.ESCALATED), ReceiptKeys.NONE);
    ReportFile.write(receipt, report, false);
    assertThat(report).content().contains("Stopped without a savepoint");
  }

  @Test
  void whatIsNoReportIsReplacedOnlyWhenTold() throws IOException {
    Files.writeString(report, "<!doctype html>mine");
    assertThatThrownBy(() -> ReportFile.write(receipt, report, false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(report + " is there already, is no report")
        .hasMessageContaining("--force");
    assertThat(report).hasContent("<!doctype html>mine");
    ReportFile.write(receipt, report, true);
    assertThat(report).content().contains("Stopped, and proved");
  }

  @Test
  void theReceiptItselfIsNeverReplaced() throws IOException {
    byte[] before = Files.readAllBytes(receipt);
    Path link = Files.createSymbolicLink(folder.resolve("link"), receipt);
    for (Path same : new Path[] {receipt, link}) {
      assertThatThrownBy(() -> ReportFile.write(receipt, same, true))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is the receipt itself");
    }
    assertThat(receipt).hasBinaryContent(before);
  }

  @Test
  void whatIsNoFileIsNeverReplaced() {
    Path pipe = folder.resolve("pipe");
    Command.run(List.of("mkfifo", pipe.toString()), Map.of(), Duration.ofSeconds(10))
        .requireSuccess();
    for (Path each : List.of(folder, pipe)) {
      assertThatThrownBy(() -> ReportFile.write(receipt, each, true))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(each + " is a directory or a device");
    }
    assertThat(Files.isRegularFile(pipe)).isFalse();
  }

  @Test
  void withoutAReceiptNothingIsWritten() throws IOException {
    Files.writeString(receipt, "{}");
    Path elsewhere = folder.resolve("new/report.html");
    assertThatThrownBy(() -> ReportFile.write(receipt, elsewhere, false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is no receipt");
    assertThat(elsewhere.getParent()).doesNotExist();
    ReceiptFile.write(receipt, ReceiptFixtures.proved(), ReceiptKeys.NONE);
    ReportFile.write(receipt, elsewhere, false);
    assertThat(elsewhere).isNotEmptyFile();
  }
}
