package dev.sluice.tool.stop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.CannedBroker;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM with a filter of its own for Java objects, in which no savepoint could be proved. */
class OtherFilterStopTest {

  @TempDir Path folder;

  @Test
  void aStopIsRefusedThoughNobodyTellsWhereTheSavepointWillBe() throws Exception {
    assertThat(inJvm("-Djdk.serialFilter=maxdepth=100", folder.resolve("filtered")))
        .contains("refused: ", "this process can't read snapshots", "jdk.serialFilter");
    assertThat(inJvm("-Dother=1", folder.resolve("free"))).contains("fine: flights");
  }

  private static String inJvm(String option, Path directory) throws Exception {
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                option,
                "-cp",
                System.getProperty("java.class.path"),
                Looks.class.getName(),
                directory.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(java.getInputStream().readAllBytes(), UTF_8);
    assertThat(java.waitFor()).as(said).isZero();
    return said;
  }

  /** Runs in a JVM of its own: a filter is set once in a process. */
  static final class Looks {

    private Looks() {}

    public static void main(String[] directory) throws Exception {
      try (StopWorld world = StopWorld.in(directory(directory[0]));
          CannedBroker broker = CannedBroker.start()) {
        world.brokers(broker.servers());
        JobManager flink = new JobManager(world.flink.addresses(), Duration.ofSeconds(10));
        Preflight preflight = new Preflight(ToolServices.real(), world.policy(), flink, false);
        try {
          JobFacts facts = preflight.check(flink.find("flights").orElseThrow());
          System.out.println("fine: " + facts.name() + " at " + Instant.now());
        } catch (IOException e) {
          System.out.println("refused: " + e.getMessage());
        }
      }
    }

    private static Path directory(String named) throws IOException {
      return Files.createDirectories(Path.of(named));
    }
  }
}
