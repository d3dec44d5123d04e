package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class AuditProgressTest {

  private final StringWriter told = new StringWriter();
  private final PrintWriter err = new PrintWriter(told);

  @Test
  void aTerminalHasOneLineThatIsCleared() {
    tell(new AuditProgress(err, true, false));
    assertThat(told.toString())
        .isEqualTo("\r\u001b[Kreading bytes: 1,000 of 2,000, 0 s\r\u001b[K")
        .doesNotContain("\n");
  }

  @Test
  void aLogHasALineEachTimeIfThatIsSeldom() {
    tell(new AuditProgress(err, false, true));
    assertThat(told.toString())
        .isEqualTo("reading bytes: 1,000 of 2,000, 0 s" + System.lineSeparator());
  }

  @Test
  void aLogHasNothingOfWhatIsToldOften() {
    tell(new AuditProgress(err, false, false));
    assertThat(told.toString()).isEmpty();
  }

  private static void tell(AuditProgress progress) {
    progress.at("bytes", 1_000, 2_000);
    progress.at("bytes", 2_000, 2_000);
  }
}
