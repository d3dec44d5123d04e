package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuditProgressTest {

  @TempDir Path folder;

  private final StringWriter messages = new StringWriter();
  private final PrintWriter err = new PrintWriter(messages);

  @Test
  void aTerminalHasOneLineThatIsCleared() {
    tell(new AuditProgress(err, true, false));
    assertThat(messages.toString())
        .isEqualTo("\r\u001b[Kreading bytes: 1,000 of 2,000, 0 s\r\u001b[K")
        .doesNotContain("\n");
  }

  @Test
  void aLogHasALineEachTimeIfThatIsSeldom() {
    tell(new AuditProgress(err, false, true));
    assertThat(messages.toString())
        .isEqualTo("reading bytes: 1,000 of 2,000, 0 s" + System.lineSeparator());
  }

  @Test
  void aLogHasNothingOfWhatIsToldOften() {
    tell(new AuditProgress(err, false, false));
    assertThat(messages.toString()).isEmpty();
  }

  @Test
  void quietHasNothing() {
    Console quiet = new Console();
    quiet.quiet = true;
    tell(AuditProgress.inLogsToo(err, quiet));
    tell(new AuditProgress(err, quiet));
    assertThat(messages.toString()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/dev/pts/3,true",
    "/dev/tty1,true",
    "/dev/null,false",
    "/tmp/log,false",
    "pipe:[1],false"
  })
  void whereStderrLeadsIsATerminalOrNot(String target, boolean terminal) throws IOException {
    Path descriptor = folder.resolve("2");
    assertThat(Console.isTerminal(descriptor)).as("no system reports it").isTrue();
    Files.createSymbolicLink(descriptor, Path.of(target));
    assertThat(Console.isTerminal(descriptor)).isEqualTo(terminal);
  }

  private static void tell(AuditProgress progress) {
    progress.at("bytes", 1_000, 2_000);
    progress.at("bytes", 2_000, 2_000);
  }
}
