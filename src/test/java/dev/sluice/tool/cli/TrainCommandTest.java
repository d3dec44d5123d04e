package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.model.Champion;
import dev.sluice.model.ModelSettings;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import dev.sluice.support.StrictJson;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code train} judges, writes and refuses. */
class TrainCommandTest {

  private static final List<String> LABELS = List.of("ontime", "late");

  @TempDir Path folder;

  private final Random random = new Random(1);
  private final List<String> lines = new ArrayList<>();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path events = Path.of("");
  private Path champion = Path.of("");

  @BeforeEach
  void files() {
    events = folder.resolve("events.jsonl");
    champion = folder.resolve("champion.tribuo");
  }

  @Test
  void numbersOfAnyScaleGiveAChampionThatBeatsAConstant() throws IOException {
    for (int i = 0; i < 10_000; i++) {
      double z = random.nextGaussian();
      label(i, "{\"price\":%s}".formatted(5000 + 1000 * z), random.nextDouble() < odds(2 * z));
    }
    assertThat(train("-o", "json")).as("%s", err).isZero();
    JsonNode heldOut = StrictJson.object(out.toString()).path("heldOut");
    assertThat(heldOut.path("examples").asInt()).isEqualTo(2000);
    assertThat(heldOut.path("constant").path("logLoss").asDouble()).isCloseTo(.693, within(.005));
    assertThat(heldOut.path("champion").path("logLoss").asDouble()).isLessThan(.5);
    assertThat(heldOut.path("worse").asBoolean(true)).isFalse();
    assertThat(train()).isZero();
    assertThat(out.toString())
        .contains("  champion  log loss 0.4")
        .contains("  constant  log loss 0.69");
  }

  @Test
  void aChampionThatAConstantBeatsIsRefused() throws IOException {
    Files.writeString(champion, "old", StandardCharsets.UTF_8);
    changingWorld();
    assertThat(train()).isEqualTo(1);
    assertThat(err.toString())
        .contains("on the last 200 examples a constant is better than the champion (log loss ")
        .contains("was not written")
        .contains("--accept-worse");
    assertThat(champion).hasContent("old");
  }

  @Test
  void acceptWorseWritesItAndSaysSo() throws IOException {
    changingWorld();
    assertThat(train("--accept-worse", "-o", "json")).isZero();
    assertThat(err.toString()).contains("a constant is better").contains("as --accept-worse says");
    assertThat(StrictJson.object(out.toString()).path("heldOut").path("worse").asBoolean())
        .isTrue();
    assertThat(read(Objective.LOG).domain()).containsExactly("x");
  }

  @Test
  void withoutAHoldOutNothingIsJudged() throws IOException {
    changingWorld();
    assertThat(train("--hold-out", "0")).isZero();
    assertThat(out.toString()).contains("nothing has judged this champion");
    assertThat(train("--hold-out", "0", "-o", "json")).isZero();
    assertThat(StrictJson.object(out.toString()).path("heldOut").isNull()).isTrue();
  }

  @Test
  void tooFewExamplesToHoldOutAreRefused() throws IOException {
    for (int i = 0; i < 40; i++) {
      label(i, "{\"x\":%s}".formatted(i), i % 2 == 0);
    }
    assertThat(train()).isEqualTo(1);
    assertThat(err.toString())
        .contains("(40) examples are too few to train on (27) and judge by the last (8)")
        .contains("--hold-out 0");
    assertThat(champion).doesNotExist();
    assertThat(train("--hold-out", "0")).isZero();
  }

  @Test
  void aLabelThatOnlyTheLastPartHasIsRefused() throws IOException {
    for (int i = 0; i < 100; i++) {
      label(i, "{\"x\":%s}".formatted(i), i > 90);
    }
    assertThat(train()).isEqualTo(1);
    assertThat(err.toString())
        .contains("no outcome that is known before the held-out part has the label(s) [late]");
    assertThat(champion).doesNotExist();
  }

  @Test
  void theLastPartGoesByTheObservationsTime() throws IOException {
    for (int i = 0; i < 1000; i++) {
      label(i, "{\"x\":%s}".formatted(random.nextInt(9)), i % 3 == 0);
    }
    Collections.reverse(lines);
    assertThat(train("-o", "json", "--accept-worse")).isZero();
    JsonNode heldOut = StrictJson.object(out.toString()).path("heldOut");
    assertThat(heldOut.path("from").asText()).isEqualTo("1970-01-01T00:00:00.800Z");
    assertThat(heldOut.path("to").asText()).isEqualTo("1970-01-01T00:00:00.999Z");
  }

  @Test
  void anOutcomeThatCameAfterTheCutIsNotLearned() throws IOException {
    for (int i = 0; i < 1000; i++) {
      boolean late = i % 2 == 0;
      int known = i + (late ? 200 : 1);
      event(i, known, "{\"x\":1}", "\"label\":\"%s\"".formatted(LABELS.get(late ? 1 : 0)));
    }
    assertThat(train("-o", "json", "--accept-worse")).as("%s", err).isZero();
    JsonNode heldOut = StrictJson.object(out.toString()).path("heldOut");
    assertThat(heldOut.path("constant").path("logLoss").asDouble())
        .as("of 799 outcomes before the cut at 800, 399 on time and 300 late, where half are late")
        .isCloseTo(-Math.log(399 / 699.) / 2 - Math.log(300 / 699.) / 2, within(1e-9));
    assertThat(heldOut.path("laterOutcomes").asInt()).isEqualTo(101);
    assertThat(train("--accept-worse")).isZero();
    assertThat(out.toString())
        .contains("Not learned: 101 examples whose outcome did not come before the first held-out");
  }

  @Test
  void aCutThatLeavesNoOutcomeToLearnIsRefused() throws IOException {
    for (int i = 0; i < 100; i++) {
      event(i, i + 75, "{\"x\":1}", "\"label\":\"%s\"".formatted(LABELS.get(i % 2)));
    }
    assertThat(train()).isEqualTo(1);
    assertThat(err.toString())
        .contains("(100) examples are too few to train on (5) and judge by the last (20)")
        .contains("the outcomes of (75) others came too late to be known at the cut");
    assertThat(champion).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({
    "squared, 1e-3",
    "squared, 1e6",
    "absolute, 1e-3",
    "absolute, 1e6",
    "huber, 1e-3",
    "huber, 1e6"
  })
  void valuesOfAnyScaleAreLearned(String objective, double scale) throws IOException {
    for (int i = 0; i < 5000; i++) {
      double z = random.nextGaussian();
      double value = scale * (10 + 3 * z + .1 * random.nextGaussian());
      event(i, "{\"x\":%s}".formatted(z), "\"value\":" + value);
    }
    assertThat(train("--objective", objective, "-o", "json")).isZero();
    JsonNode json = StrictJson.object(out.toString());
    assertThat(json.path("objective").asText()).isEqualTo(objective);
    JsonNode heldOut = json.path("heldOut");
    assertThat(heldOut.path("champion").path("mae").asDouble() / scale).isLessThan(.12);
    assertThat(heldOut.path("constant").path("mae").asDouble() / scale)
        .as("the mean absolute deviation of a normal number of deviation 3")
        .isCloseTo(2.4, within(.15));
    assertThat(heldOut.path("champion").path("rmse").asDouble() / scale).isLessThan(.15);
    assertThat(train("--objective", objective)).isZero();
    assertThat(out.toString()).contains("  champion  MAE ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"log", "hinge"})
  void severalLabelsAreLearned(String objective) throws IOException {
    for (int i = 0; i < 3000; i++) {
      double z = random.nextGaussian();
      String label = z < -.5 ? "early" : z < .5 ? "ontime" : "late";
      event(i, "{\"x\":%s}".formatted(1e6 + 1e3 * z), "\"label\":\"" + label + '"');
    }
    String[] flags = {"--objective", objective, "--labels", "early,ontime,late", "-o", "json"};
    assertThat(train(flags)).isZero();
    JsonNode heldOut = StrictJson.object(out.toString()).path("heldOut");
    assertThat(heldOut.path("champion").path("accuracy").asDouble())
        .isGreaterThan(heldOut.path("constant").path("accuracy").asDouble() + .15);
  }

  @Test
  void constantsHugeAndRareNumbersRuinNothing() throws IOException {
    for (int i = 0; i < 5000; i++) {
      double z = random.nextGaussian();
      String features =
          String.format(
              Locale.ROOT,
              "{\"x\":%s,\"always\":5000,\"amount\":%s,\"huge\":%s}",
              1e-3 * z,
              random.nextInt(500) == 0 ? 1e6 : random.nextGaussian(),
              random.nextBoolean() ? 1e100 : -1e100);
      label(i, features, random.nextDouble() < odds(2 * z));
    }
    assertThat(train("-o", "json")).as("%s", err).isZero();
    JsonNode json = StrictJson.object(out.toString());
    assertThat(json.path("heldOut").path("champion").path("logLoss").asDouble()).isLessThan(.52);
    assertThat(read(Objective.LOG).domain()).containsExactly("amount", "huge", "x");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theEventsAreNotOverwritten(boolean link) throws IOException {
    changingWorld();
    Files.write(events, lines);
    if (link) {
      Files.createSymbolicLink(champion, events);
    } else {
      champion = folder.resolve("x").resolve("..").resolve("events.jsonl");
      Files.createDirectory(folder.resolve("x"));
    }
    assertThat(train("--accept-worse")).isEqualTo(2);
    assertThat(err.toString()).contains("--output", "is the file of events itself");
    assertThat(Files.readAllLines(events)).isEqualTo(lines);
  }

  @Test
  void aLinkThatWaitsForThePartIsNotFollowed() throws IOException {
    changingWorld();
    Path other = Files.writeString(folder.resolve("other"), "kept");
    Files.createSymbolicLink(folder.resolve("champion.tribuo.part"), other);
    assertThat(train("--accept-worse")).isZero();
    assertThat(other).hasContent("kept");
    assertThat(read(Objective.LOG).domain()).containsExactly("x");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).as("no part is left").hasSize(4);
    }
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheFirstLine() throws IOException {
    changingWorld();
    lines.set(0, '\uFEFF' + lines.get(0));
    assertThat(train("--accept-worse", "-o", "json")).isZero();
    assertThat(StrictJson.object(out.toString()).path("badLines").asInt()).isZero();
  }

  @Test
  void bytesThatAreNoTextAreNamedByLine() throws IOException {
    changingWorld();
    Files.write(events, lines);
    Files.write(events, new byte[] {'{', (byte) 0xC3, '(', '}', '\n'}, StandardOpenOption.APPEND);
    assertThat(execute("--accept-worse")).isEqualTo(1);
    assertThat(err.toString()).contains(events + " is not UTF-8 at line ");
    assertThat(champion).doesNotExist();
  }

  @Test
  void aLineLongerThanAnyEventIsNamed() throws IOException {
    changingWorld();
    lines.add("x".repeat(2_000_000));
    assertThat(train("--accept-worse")).isEqualTo(1);
    assertThat(err.toString()).contains("line 2001 has more than 1,048,576 characters");
  }

  /** What the feature says turns round for the last fifth. */
  private void changingWorld() {
    for (int i = 0; i < 1000; i++) {
      double z = random.nextGaussian();
      label(i, "{\"x\":%s}".formatted(z), i < 800 == z > 0);
    }
  }

  private void label(int i, String features, boolean late) {
    event(i, features, "\"label\":\"%s\"".formatted(LABELS.get(late ? 1 : 0)));
  }

  private void event(int i, String features, String target) {
    event(i, i + 5, features, target);
  }

  private void event(int i, int known, String features, String target) {
    lines.add(
        "{\"type\":\"observation\",\"id\":\"%s\",\"key\":\"k\",\"time\":%s,\"features\":%s}"
            .formatted(i, i, features));
    lines.add(
        "{\"type\":\"outcome\",\"id\":\"%s\",\"key\":\"k\",\"time\":%s,%s}"
            .formatted(i, known, target));
  }

  private static double odds(double score) {
    return 1 / (1 + Math.exp(-score));
  }

  private int train(String... flags) throws IOException {
    Files.write(events, lines);
    return execute(flags);
  }

  private int execute(String... flags) {
    out.getBuffer().setLength(0);
    List<String> line = new ArrayList<>(List.of("train", events.toString()));
    line.addAll(List.of("--output", champion.toString()));
    line.addAll(List.of(flags));
    return Sluice.commandLine(ToolServices.real())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(line.toArray(String[]::new));
  }

  private Champion read(Objective objective) throws IOException {
    ModelSettings settings =
        new ModelSettings(
            objective,
            1,
            Optimiser.ADAGRAD,
            ModelSettings.Rates.defaults(),
            LABELS,
            16,
            ModelSettings.Serving.defaults());
    return Champion.read(Files.readAllBytes(champion), 1, settings);
  }
}
