package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DockerfileTest {

  private static final Path DIRECTORY = Path.of("deploy", "docker");

  @ParameterizedTest
  @ValueSource(strings = {"job.Dockerfile", "tool.Dockerfile"})
  void eachHoldsToTheRules(String name) throws IOException {
    assertThat(DockerfileRules.problems(text(name))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"job.Dockerfile", "tool.Dockerfile"})
  void eachIsOfTheBuildsFlinkAndJava(String name) throws IOException {
    String base =
        "flink:%s-java%s"
            .formatted(
                ComposeStack.ofThePom("flink.version"),
                ComposeStack.ofThePom("maven.compiler.release"));
    assertThat(of(name, "FROM")).containsExactly(base);
  }

  @Test
  void thereAreNoOthers() throws IOException {
    try (Stream<Path> files = Files.list(DIRECTORY)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("job.Dockerfile", "tool.Dockerfile");
    }
  }

  @Test
  void theToolsImageRunsTheToolAndHoldsTheJobForItsResume() throws IOException {
    assertThat(of("tool.Dockerfile", "ENTRYPOINT"))
        .containsExactly("[\"java\", \"-jar\", \"/opt/sluice/sluice.jar\"]");
    assertThat(of("tool.Dockerfile", "COPY"))
        .containsExactly("target/sluice.jar target/sluice-job.jar /opt/sluice/");
    assertThat(DockerfileRules.products())
        .containsExactlyInAnyOrder("target/sluice.jar", "target/sluice-job.jar");
  }

  @ParameterizedTest
  @ValueSource(strings = {"job.Dockerfile", "tool.Dockerfile"})
  void aNewVolumeIsFlinksToWriteTo(String name) throws IOException {
    assertThat(of(name, "RUN")).containsExactly("install -d -o flink -g flink /var/lib/sluice");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FROM flink:2.2.1-java17        | FROM flink                         | DL3006",
        "FROM flink:2.2.1-java17        | FROM flink:latest                  | DL3007",
        "USER flink                     | USER root                          | DL3002",
        "USER flink                     | USER 0:0                           | DL3002",
        "USER flink                     | LABEL a=b                          | DL3002",
        "'ENTRYPOINT [\"java\", \"-jar\", \"/opt/sluice/sluice.jar\"]' | ENTRYPOINT java -jar "
            + "/opt/sluice/sluice.jar | DL3025",
        "COPY target/sluice.jar         | COPY target/sluices.jar            | neither here nor built",
        "COPY target/sluice.jar         | ADD target/sluice.jar              | DL3020",
        "/opt/sluice/\\n                | /opt/sluice\\n                     | DL3021",
        "RUN install                    | RUN sudo install                   | DL3004",
        "USER flink                     | USER flink\\nWORKDIR opt           | DL3000",
        "USER flink                     | USER flink\\nMAINTAINER me         | DL4000",
      })
  void whatIsWrongIsFound(String right, String wrong, String found) throws IOException {
    String text = text("tool.Dockerfile");
    String broken = text.replace(right.replace("\\n", "\n"), wrong.replace("\\n", "\n"));
    assertThat(broken).as("the fault is planted").isNotEqualTo(text);
    assertThat(DockerfileRules.problems(broken))
        .anySatisfy(problem -> assertThat(problem).contains(found));
  }

  private static List<String> of(String name, String instruction) throws IOException {
    return DockerfileRules.instructions(text(name)).stream()
        .filter(each -> each.name().equals(instruction))
        .map(DockerfileRules.Instruction::rest)
        .toList();
  }

  private static String text(String name) throws IOException {
    return Files.readString(DIRECTORY.resolve(name));
  }
}
