package dev.sluice.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.cluster.Command;
import dev.sluice.support.cluster.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code deploy/local/test}, on machines that have other programs than this one. */
class LocalTestCommandTest {

  private static final Path HERE = Path.of("deploy", "local", "test").toAbsolutePath();
  private static final String JAVA = "echo 'openjdk version \"17.0.1\"'";
  private static final List<String> PROGRAMS =
      List.of("javac", "chromium", "kubectl", "ps", "curl");

  @TempDir private Path programs;
  @TempDir private Path notes;

  @BeforeEach
  void installThePlainOnes() throws IOException {
    for (String each : List.of("env", "readlink", "dirname")) {
      program(each, "exec /usr/bin/" + each + " \"$@\"");
    }
    for (String each : PROGRAMS) {
      program(each, "true");
    }
    program("java", JAVA);
    program("mvn", "echo \"mvn $* in $PWD\"");
  }

  @Test
  void whereNothingIsMissingMavenRunsEveryTest() throws IOException {
    CommandResult result = test("-Pbroker-4.4");
    assertThat(result.exitCode()).as(result.stderr()).isZero();
    assertThat(result.stdout())
        .isEqualTo("mvn -B verify -Pbroker-4.4 in " + Path.of("").toRealPath() + "\n");
    assertThat(result.stderr()).isEmpty();
  }

  @Test
  void whatIsMissingIsInstalledFirst() throws IOException {
    Files.delete(programs.resolve("chromium"));
    Files.delete(programs.resolve("kubectl"));
    Path said = notes.resolve("apt");
    program("apt-get", "echo \"$*\" >>" + said);
    program("sudo", "exec \"$@\"");
    CommandResult result = test();
    assertThat(result.exitCode()).as(result.stderr()).isZero();
    assertThat(result.stderr())
        .isEqualTo("installing chromium fonts-dejavu-core kubernetes-client\n");
    assertThat(said)
        .hasContent(
            "update -qq\n"
                + "install -y -qq --no-install-recommends chromium fonts-dejavu-core kubernetes-client");
    assertThat(result.stdout()).startsWith("mvn -B verify in ");
  }

  @Test
  void withoutAptEachMissingPackageIsNamedAndNothingRuns() throws IOException {
    Files.delete(programs.resolve("mvn"));
    Files.delete(programs.resolve("chromium"));
    CommandResult result = test();
    assertThat(result.exitCode()).isOne();
    assertThat(result.stdout()).isEmpty();
    assertThat(result.stderr())
        .isEqualTo(
            "test: these packages are needed and not installed: maven chromium fonts-dejavu-core."
                + " This is no Debian (there is no apt-get): install what they bring, then run the same command "
                + "again\n");
  }

  @Test
  void afterAFailedInstallationNothingRuns() throws IOException {
    Files.delete(programs.resolve("kubectl"));
    program("apt-get", "echo \"E: no network\" >&2; exit 100");
    program("sudo", "exec \"$@\"");
    CommandResult result = test();
    assertThat(result.exitCode()).isOne();
    assertThat(result.stdout()).isEmpty();
    assertThat(result.stderr())
        .contains("E: no network")
        .contains("not installed: kubernetes-client");
  }

  @Test
  void anOldJavaIsNamed() throws IOException {
    program("java", "echo 'openjdk version \"11.0.2\"'");
    CommandResult result = test();
    assertThat(result.exitCode()).isOne();
    assertThat(result.stdout()).isEmpty();
    assertThat(result.stderr()).contains("is too old (openjdk version \"11.0.2\")");
  }

  private void program(String name, String script) throws IOException {
    Path file = programs.resolve(name);
    Files.deleteIfExists(file);
    Files.writeString(file, "#!/bin/bash\n" + script + "\n", UTF_8);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private CommandResult test(String... arguments) {
    List<String> command = new ArrayList<>(List.of("/bin/bash", HERE.toString()));
    command.addAll(List.of(arguments));
    return Command.run(
        command, Map.of("PATH", programs.toString(), "JAVA_HOME", ""), Duration.ofSeconds(30));
  }
}
