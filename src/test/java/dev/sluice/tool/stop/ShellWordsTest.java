package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ShellWordsTest {

  @Test
  void onlyWhatAShellWouldTakeForSomethingElseIsQuoted() {
    assertThat(
            ShellWords.join(List.of("run", "-p", "2", "s3://a/b", "10 min", "it's", "$HOME", "")))
        .isEqualTo("run -p 2 s3://a/b '10 min' 'it'\\''s' '$HOME' ''");
  }
}
