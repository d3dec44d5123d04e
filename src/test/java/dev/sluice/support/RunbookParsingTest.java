package dev.sluice.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RunbookParsingTest {

  @Test
  void aBlockHasItsMarkItsCommandsAndWhatTheyPrint() {
    Runbook book =
        Runbook.parse(
            """
            ## Stop
            text
            <!-- run: exit 3 -->

            ```console
            $ sluice stop \\
                x
            ok   12 s …
            $ true
            ```

            ```console
            $ false
            ```
            ## exit 3
            <!-- not run: why -->
            ```console
            $ false
            ```
            """
                .lines()
                .toList());
    assertThat(book.sections()).containsExactly("Stop", "exit 3");
    Runbook.Block first = book.blocks().get(0);
    assertThat(first.where()).isEqualTo("Stop, line 5");
    assertThat(first.commands()).containsExactly("sluice stop \\\n    x", "true");
    assertThat(first.isRun()).isTrue();
    assertThat(first.exitCode()).isEqualTo(3);
    assertThat(first.missingIn("a\nok      7.5 s of it\n")).isEmpty();
    assertThat(first.missingIn("nok 12 s of it")).containsExactly("ok   12 s …");
    assertThat(book.blocks().get(1).isMarked()).as("no mark of its own").isFalse();
    Runbook.Block last = book.blocks().get(2);
    assertThat(List.of(last.isMarked(), last.isRun())).containsExactly(true, false);
  }
}
