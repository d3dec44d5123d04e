package dev.sluice.notebooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The notebooks as they lie in the repository, with their outputs; {@code notebooks/run} runs them.
 */
class NotebooksTest {

  private static final Path NOTEBOOKS = Path.of("notebooks");
  private static final int MOST_BYTES = 500_000;

  static List<Path> notebooks() throws IOException {
    try (Stream<Path> files = Files.list(NOTEBOOKS)) {
      return files.filter(file -> file.toString().endsWith(".ipynb")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("notebooks")
  void everyCellHasRunFromTheFirstToTheLast(Path notebook) throws IOException {
    List<Integer> counts = new ArrayList<>();
    for (JsonNode cell : codeCells(notebook)) {
      counts.add(cell.path("execution_count").asInt());
      for (JsonNode output : cell.path("outputs")) {
        assertThat(output.path("output_type").asText()).isNotEqualTo("error");
      }
    }
    assertThat(counts).isNotEmpty();
    for (int i = 0; i < counts.size(); i++) {
      assertThat(counts.get(i)).isEqualTo(i + 1);
    }
  }

  /** A plot of one colour would be an empty one. */
  @ParameterizedTest
  @MethodSource("notebooks")
  void itsPlotsShowSomething(Path notebook) throws IOException {
    int plots = 0;
    for (JsonNode cell : codeCells(notebook)) {
      boolean shows = source(cell).contains("\nshow(");
      int shown = 0;
      for (JsonNode output : cell.path("outputs")) {
        JsonNode png = output.path("data").path("image/png");
        if (!png.isMissingNode()) {
          assertPlot(Base64.getMimeDecoder().decode(png.asText()));
          shown++;
        }
      }
      assertThat(shown > 0).as(source(cell)).isEqualTo(shows);
      plots += shown;
    }
    assertThat(plots).isGreaterThanOrEqualTo(2);
  }

  @ParameterizedTest
  @MethodSource("notebooks")
  void itIsSmallAndNamesNoMachine(Path notebook) throws IOException {
    assertThat(Files.size(notebook)).isLessThan(MOST_BYTES);
    for (JsonNode cell : codeCells(notebook)) {
      for (JsonNode output : cell.path("outputs")) {
        assertThat(text(output))
            .doesNotContain(Path.of("").toAbsolutePath().toString())
            .doesNotContainPattern("(file:)?/(home|root|tmp|work|builds?)/");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("notebooks")
  void itUsesTheKernelThatTheScriptMakes(Path notebook) throws IOException {
    assertThat(read(notebook).at("/metadata/kernelspec/name").asText()).isEqualTo("sluice");
    assertThat(Files.readString(NOTEBOOKS.resolve("run")))
        .contains("jupyter/kernels/sluice", name(notebook));
  }

  private static String name(Path notebook) {
    return notebook.getFileName().toString().replace(".ipynb", "");
  }

  private static void assertPlot(byte[] png) throws IOException {
    BufferedImage plot = ImageIO.read(new ByteArrayInputStream(png));
    assertThat(plot.getWidth()).isGreaterThanOrEqualTo(600);
    int[] pixels = plot.getRGB(0, 0, plot.getWidth(), plot.getHeight(), null, 0, plot.getWidth());
    assertThat(Arrays.stream(pixels).distinct().count()).isGreaterThan(10);
  }

  /** What a person would read of an output. */
  private static String text(JsonNode output) {
    StringBuilder text = new StringBuilder();
    output.path("text").forEach(line -> text.append(line.asText()));
    output
        .path("data")
        .properties()
        .forEach(
            e -> {
              if (e.getKey().startsWith("text/")) {
                text.append(e.getValue());
              }
            });
    return text.append(output.path("text").asText()).toString();
  }

  private static String source(JsonNode cell) {
    StringBuilder source = new StringBuilder("\n");
    cell.path("source").forEach(line -> source.append(line.asText()));
    return source.toString();
  }

  private static List<JsonNode> codeCells(Path notebook) throws IOException {
    List<JsonNode> cells = new ArrayList<>();
    for (JsonNode cell : read(notebook).path("cells")) {
      if (cell.path("cell_type").asText().equals("code")) {
        cells.add(cell);
      }
    }
    return cells;
  }

  private static JsonNode read(Path notebook) throws IOException {
    return new ObjectMapper().readTree(notebook.toFile());
  }
}
