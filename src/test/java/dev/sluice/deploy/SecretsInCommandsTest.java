package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The commands that the documents give: a user who runs them leaves no secret for others to read.
 */
class SecretsInCommandsTest {

  private static final Path COMPOSE = Path.of("deploy", "compose", "compose.yaml");

  @Test
  void everyTokenIsMadeInAFileOfItsOwnerAlone() throws IOException {
    List<String> made = new ArrayList<>();
    for (Path document : documents()) {
      for (String line : Files.readAllLines(document)) {
        if (line.contains("openssl rand") && !document.equals(COMPOSE)) {
          assertThat(line).as(document.toString()).contains("| install -m 600 /dev/stdin ");
          made.add(line);
        }
      }
    }
    assertThat(made).hasSizeGreaterThanOrEqualTo(2);
  }

  /** Containers read these under another user's id: their directory keeps the others out. */
  @Test
  void theSecretsOfComposeAreInADirectoryOfTheirOwnersAlone() throws IOException {
    String commands = Files.readString(COMPOSE);
    assertThat(commands).contains("openssl rand");
    assertThat(commands.indexOf("install -d -m 700 secrets"))
        .isBetween(0, commands.indexOf("openssl rand"));
  }

  private static List<Path> documents() throws IOException {
    List<Path> all = new ArrayList<>(List.of(Path.of("README.md"), Path.of("SECURITY.md")));
    for (Path directory : List.of(Path.of("deploy"), Path.of("src", "site", "markdown"))) {
      try (Stream<Path> files = Files.walk(directory)) {
        files
            .filter(file -> file.toString().matches(".*\\.(md|ya?ml|conf|service)"))
            .forEach(all::add);
      }
    }
    return all;
  }
}
