package dev.sluice.tool.cli;

import static dev.sluice.tool.cli.InspectedKeys.GOLDEN;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.model.ModelState;
import dev.sluice.model.OnlineModel;
import dev.sluice.model.Pending;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tribuo.Example;
import org.tribuo.Feature;
import org.tribuo.Model;
import org.tribuo.classification.Label;
import org.tribuo.impl.ArrayExample;

class InspectCommandTest {

  @TempDir Path folder;

  private final InspectedKeys.Tool tool = new InspectedKeys.Tool();
  private final StringWriter out = tool.out();
  private final StringWriter err = tool.err();

  @Test
  void aSavepointIsShownInWordsAndAsJson() throws Exception {
    assertThat(tool.execute("inspect", GOLDEN)).isZero();
    assertThat(out.toString())
        .contains("savepoint of a stop, checkpoint ", "canonical format", "continues at ")
        .contains("transaction snapshot-", "version 1, linear, 1 features", "Problems     none");
    assertThat(err.toString()).isEmpty();

    JsonNode json = tool.json("inspect", GOLDEN, "-o", "json");
    assertThat(json.path("kind").asText()).isEqualTo("stopped");
    assertThat(json.path("sourceOffsets")).hasSize(2);
    assertThat(json.path("transactions").get(0).path("transactionalId").asText())
        .startsWith("snapshot-");
    assertThat(json.path("files").get(0).path("uri").asText()).endsWith("/_metadata");
    assertThat(json.path("files").get(0).fieldNames()).toIterable().containsExactly("uri", "bytes");
    assertThat(json.path("models").path("keys").asLong()).isPositive();
    assertThat(json.path("fence").path("openAnswers").asLong()).isPositive();
    assertThat(json.path("commands")).as("of a job that knew none").isEmpty();
    assertThat(json.path("problems")).isEmpty();
  }

  @Test
  void keysAreSortedAndCut() throws Exception {
    JsonNode all = tool.json("inspect", GOLDEN, "--keys", "-o", "json");
    assertThat(all.path("shown").asInt()).isEqualTo(all.path("all").asInt());
    assertThat(all.path("keys").findValuesAsText("updates").stream().map(Long::valueOf))
        .isSortedAccordingTo((a, b) -> Long.compare(b, a));

    JsonNode two =
        tool.json("inspect", GOLDEN, "--keys", "--sort", "key", "--top", "2", "-o", "json");
    List<String> names = all.path("keys").findValuesAsText("key").stream().sorted().toList();
    assertThat(two.path("keys").findValuesAsText("key")).isEqualTo(names.subList(0, 2));
    assertThat(two.path("all").asInt()).isEqualTo(names.size());

    assertThat(tool.execute("inspect", GOLDEN, "--keys", "--top", "1")).isZero();
    assertThat(out.toString()).contains("1 of " + names.size() + " keys");
  }

  @Test
  void csvHasAHeadAndQuotesWhatNeedsIt() throws Exception {
    String snapshot = InspectedKeys.write(folder, Map.of("a,\"b\"", 2, "plain", 5));
    assertThat(tool.execute("inspect", snapshot, "--keys", "-o", "csv")).isZero();
    List<String> lines = out.toString().lines().toList();
    assertThat(lines.get(0))
        .isEqualTo(
            "key,updates,predictions,evaluations,championLoss,challengerLoss,driftAlarms,served,pending,bytes");
    assertThat(lines.get(1)).startsWith("plain,5,5,5,,0.");
    assertThat(lines.get(2)).startsWith("\"a,\"\"b\"\"\",2,2,2,,0.");
    assertThat(lines).hasSize(3);
  }

  @Test
  void aKeyIsShownInFullAndAnUnknownOneIsNamed() throws Exception {
    String snapshot = InspectedKeys.write(folder, Map.of("LAS", 7));
    assertThat(tool.execute("inspect", snapshot, "--key", "LAS")).isZero();
    assertThat(out.toString())
        .contains("7 predictions, 7 evaluations, 7 updates, 0 refused", "hashed 3");
    JsonNode json = tool.json("inspect", snapshot, "--key", "LAS", "-o", "json");
    assertThat(json.path("challengers"))
        .hasSize(InspectedKeys.settings().rates().learningRates().size());
    assertThat(json.at("/challengers/0/weights")).hasSize(2);
    assertThat(json.at("/challengers/0/weights/0")).hasSize(json.path("features").size() + 1);
    assertThat(json.at("/features/0/feature").asText()).startsWith("hashed ");
    assertThat(json.path("exported").isNull()).isTrue();

    assertThat(tool.execute("inspect", snapshot, "--key", "LAX")).isOne();
    assertThat(err.toString()).contains("(LAX)", "--keys lists");
  }

  @Test
  void theExportPredictsInPlainTribuoWhatTheChallengersDo() throws Exception {
    String snapshot = InspectedKeys.write(folder, Map.of("LAS", 40));
    Path file = folder.resolve("las.tribuo");
    assertThat(tool.execute("inspect", snapshot, "--key", "LAS", "--export", file.toString()))
        .isZero();
    assertThat(err.toString()).contains("Wrote " + file);

    Model<Label> loaded = Model.deserializeFromFile(file).castModel(Label.class);
    OnlineModel online = new OnlineModel(InspectedKeys.settings(), null);
    ModelState state = InspectedKeys.learned(online, 40);
    for (int i = 0; i < 20; i++) {
      Pending.Predicted ours =
          online.predict(state, InspectedKeys.observation(new Random(i))).pending();
      Example<Label> example = new ArrayExample<>(new Label("ontime"));
      for (int column = 0; column < ours.features().indices().length; column++) {
        String name = "~hashed-%07d".formatted(ours.features().indices()[column]);
        example.add(new Feature(name, ours.features().values()[column]));
      }
      Map<String, Label> scores = loaded.predict(example).getOutputScores();
      for (int k = 0; k < 2; k++) {
        assertThat(requireNonNull(scores.get(online.labels().get(k))).getScore())
            .isCloseTo(ours.challengerOutputs()[k], within(1e-6));
      }
    }
  }

  @Test
  void anExportReplacesAFileOnlyIfForced() throws Exception {
    String snapshot = InspectedKeys.write(folder, Map.of("LAS", 3));
    Path file = Files.writeString(folder.resolve("las.tribuo"), "precious");
    assertThat(tool.execute("inspect", snapshot, "--key", "LAS", "--export", file.toString()))
        .isOne();
    assertThat(err.toString()).contains(file.toString(), "--force");
    assertThat(file).hasContent("precious");

    assertThat(
            tool.execute(
                "inspect", snapshot, "--key", "LAS", "--export", file.toString(), "--force"))
        .isZero();
    assertThat(Files.size(file)).isGreaterThan(100);
    try (var files = Files.list(folder)) {
      assertThat(files.filter(path -> path.toString().endsWith(".part"))).isEmpty();
    }
  }

  @Test
  void whatCantBeReadIsNoShownResult() {
    assertThat(tool.execute("inspect", folder.toString())).isOne();
    assertThat(err.toString()).contains(folder.toString(), "_metadata");
    assertThat(out.toString()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "inspect|SAVEPOINT",
        "inspect x -o csv|--keys",
        "inspect x --sort loss|--keys",
        "inspect x --top 3|--keys",
        "inspect x --keys --top 0|--top (0)",
        "inspect x --keys --sort size|--sort",
        "inspect x --keys --key a|--key",
        "inspect x --export f|--key",
        "inspect x --names f|--key",
        "inspect x --checkpoint sluice|not both",
        "inspect x --key a --force|--export",
      })
  void wrongUsageExitsWith2AndNamesTheFlag(String line, String named) {
    assertThat(tool.execute(line.split(" "))).isEqualTo(2);
    assertThat(err.toString()).contains(named).contains("--help");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void helpFitsAScreenAndHasAnExample() {
    assertThat(tool.execute("inspect", "--help")).isZero();
    assertThat(out.toString()).contains("xample").contains("  sluice inspect");
    assertThat(out.toString().lines().count()).isLessThanOrEqualTo(40);
    assertThat(out.toString().lines()).allMatch(line -> line.length() <= 100);
  }
}
