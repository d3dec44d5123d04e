package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.Eventually;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Ctrl-C says, in a process of its own; ended by SIGTERM, as a shell lets what it starts in
 * the background ignore SIGINT.
 */
class InterruptedTest {

  private static final Duration LIMIT = Duration.ofMinutes(1);

  @TempDir Path folder;

  @Test
  void ctrlCSaysThatTheSameCommandGoesOn() throws Exception {
    Path err = folder.resolve("err");
    Process tool = start(err, "stop", "job", "--grace", "10m");
    try {
      Eventually.until(
          "the stop waits for a JobManager",
          LIMIT,
          () -> Files.exists(err) && Files.readString(err).contains("is waiting"));
      new ProcessBuilder("kill", "-TERM", "" + tool.pid()).inheritIO().start().waitFor();
      assertThat(tool.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(tool.exitValue()).isEqualTo(143);
      assertThat(Files.readString(err))
          .contains("Interrupted. If Flink has taken the stop", "the same command follows it");
    } finally {
      tool.destroyForcibly();
    }
  }

  @Test
  void anEndOfItsOwnSaysNothing() throws Exception {
    Path err = folder.resolve("err");
    Process tool = start(err, "stop", "job", "--grace", "1s");
    try {
      assertThat(tool.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(tool.exitValue()).isEqualTo(10);
      assertThat(Files.readString(err)).doesNotContain("Interrupted");
    } finally {
      tool.destroyForcibly();
    }
  }

  private Process start(Path err, String... words) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Sluice.class.getName());
    builder.command().addAll(List.of(words));
    builder.command().addAll(List.of("--rest", "http://127.0.0.1:1", "--journal", "" + folder));
    return builder.redirectError(err.toFile()).redirectOutput(new File("/dev/null")).start();
  }
}
