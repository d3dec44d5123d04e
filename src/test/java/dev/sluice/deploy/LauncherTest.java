package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the launcher of the tarball gives to java, which here only prints it. */
class LauncherTest {

  private static final String SERIAL = "-XX:+UseSerialGC";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"SLUICE_JAVA_OPTS,-Xmx1g -XX:+UseG1GC", "JAVA_TOOL_OPTIONS,-XX:+UseParallelGC"})
  void whoNamesACollectorHasThatOneAlone(String variable, String options) throws Exception {
    assertThat(given(Map.of(variable, options))).doesNotContain(SERIAL);
  }

  @Test
  void withoutOneItIsTheSerial() throws Exception {
    assertThat(given(Map.of("SLUICE_JAVA_OPTS", "-Xmx1g -Dx=*")))
        .containsSubsequence(SERIAL, "-Xmx1g", "-Dx=*", "-jar", "verify", "a b");
  }

  @Test
  void aStarInTheOptionsIsNoNameOfAFile() throws Exception {
    assertThat(given(Map.of("SLUICE_JAVA_OPTS", "*"))).contains("*").doesNotContain("sluice.jar");
  }

  private List<String> given(Map<String, String> environment)
      throws IOException, InterruptedException {
    Path java = Files.createDirectories(folder.resolve("bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(folder.resolve("sluice.jar"), "");
    Path launcher = folder.resolve("sluice");
    Files.copy(Path.of("deploy", "dist", "sluice"), launcher);
    ProcessBuilder process =
        new ProcessBuilder("sh", launcher.toString(), "verify", "a b")
            .directory(folder.toFile())
            .redirectErrorStream(true);
    process.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    process.environment().put("JAVA_HOME", folder.toString());
    process.environment().putAll(environment);
    Process run = process.start();
    String reported = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(run.waitFor()).as(reported).isZero();
    return reported.lines().toList();
  }
}
