package dev.sluice.tool.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.services.HandSetClock;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenFileTest {

  private static final String LEAKED = "a-token-that-has-leaked";
  private static final String NEXT = "the-next-token-of-the-tests";

  @TempDir Path folder;

  private final HandSetClock clock = new HandSetClock();
  private final StringWriter said = new StringWriter();
  private Path file = Path.of("token");

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(folder.resolve("token"), LEAKED + "\n");
  }

  /**
   * A file that is just being written appears so for a moment, and one that revokes its token for
   * good.
   */
  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {"", "too-short", "one-token-of-three-a\none-token-of-three-b\nanother-of-them-c"})
  void aFileThatHoldsNoTokenAnyMoreRevokesItWithinHalfAMinute(@Nullable String content)
      throws Exception {
    TokenFile tokens = open();
    put(content);
    assertThat(tokens.tokens()).containsExactly(LEAKED);
    clock.pass(Duration.ofSeconds(29));
    assertThat(tokens.tokens()).containsExactly(LEAKED);
    clock.pass(Duration.ofSeconds(1));
    assertThat(tokens.tokens()).isEmpty();
    assertThat(said.toString()).contains("no longer valid").doesNotContain(LEAKED);
    Files.writeString(file, NEXT);
    assertThat(tokens.tokens()).containsExactly(NEXT);
  }

  /** The half minute is of one silence of the file, not of all of them together. */
  @Test
  void aFileThatIsReadBetweenTwoSilencesBeginsAnew() throws Exception {
    TokenFile tokens = open();
    put(null);
    assertThat(tokens.tokens()).hasSize(1);
    write();
    assertThat(tokens.tokens()).hasSize(1);
    clock.pass(Duration.ofMinutes(1));
    put(null);
    assertThat(tokens.tokens()).containsExactly(LEAKED);
  }

  @Test
  void whatIsSentToOthersIsTheLastThatWasThere() throws Exception {
    TokenFile tokens = open();
    put(null);
    assertThat(tokens.first()).isEqualTo(LEAKED);
    clock.pass(Duration.ofMinutes(1));
    assertThat(tokens.tokens()).isEmpty();
    assertThat(tokens.first()).isEqualTo(LEAKED);
  }

  private TokenFile open() throws IOException {
    GuardLog log = new GuardLog(new PrintWriter(said, true), clock);
    return Objects.requireNonNull(TokenFile.open(file, clock, log));
  }

  private void put(@Nullable String content) throws IOException {
    if (content == null) {
      Files.delete(file);
    } else {
      Files.writeString(file, content);
    }
  }
}
