package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.model.Champion;
import dev.sluice.model.ModelSettings;
import dev.sluice.support.CannedBroker;
import dev.sluice.support.OutputSchema;
import dev.sluice.support.StrictJson;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.training.AnsweredTopics;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code train --from-topics} takes, writes and refuses. */
class TrainTopicsTest {

  @TempDir Path folder;

  private final Random random = new Random(1);
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private CannedBroker broker;
  private AnsweredTopics topics;
  private Path champion = Path.of("");
  private Path settings = Path.of("");

  @BeforeEach
  void start() throws IOException {
    broker = CannedBroker.start();
    topics = new AnsweredTopics(broker);
    champion = folder.resolve("champion.tribuo");
    settings =
        Files.writeString(
            folder.resolve("sluice.yaml"),
            """
            sluice.kafka.bootstrap-servers: %s
            sluice.topics.events: a,b
            sluice.model.labels: ontime,late
            """
                .formatted(broker.servers()));
  }

  @AfterEach
  void end() throws IOException {
    broker.close();
  }

  @Test
  void aChampionIsTrainedOnWhatTheJobHasEvaluated() throws IOException {
    fill(400, 400);
    assertThat(train("-o", "json")).as("%s", err).isZero();
    JsonNode json = StrictJson.object(out.toString());
    OutputSchema.require("train", json);
    assertThat(json.path("unreadable").asInt(-1)).isZero();
    assertThat(json.path("examples").asInt()).isEqualTo(400);
    assertThat(json.path("older").asInt(-1)).isZero();
    assertThat(json.path("heldOut").path("examples").asInt()).isEqualTo(80);
    assertThat(json.path("heldOut").path("champion").path("accuracy").asDouble()).isGreaterThan(.9);
    byte[] first = Files.readAllBytes(champion);
    assertThat(train("--limit", "300")).isZero();
    assertThat(out.toString())
        .contains("Trained on 300 examples")
        .contains("Left out: 100 outcomes that are older than the newest (--limit).");
    assertThat(train()).isZero();
    assertThat(champion).as("the same topics give the same bytes").hasBinaryContent(first);
  }

  /** A running job takes no champion of other columns, and a week has other texts than the next. */
  @Test
  void itHasTheColumnsOfTheOneThatItShallReplace() throws IOException {
    fill(400, 400, ",\"sky\":\"red\",\"old\":1");
    assertThat(train("--without", "old")).isZero();
    Path running = Files.move(champion, folder.resolve("running.tribuo"));
    topics.delete("a/1");
    topics.delete("b/0");
    fill(400, 400, ",\"sky\":\"blue\",\"old\":1");
    assertThat(train()).isZero();
    assertThat(domain(champion)).containsExactly("sky=blue", "x");
    assertThat(train("--like", running.toString())).as("%s", err).isZero();
    assertThat(domain(champion)).isEqualTo(domain(running)).containsExactly("sky=red", "x");
    Files.writeString(running, "no model");
    assertThat(train("--like", running.toString())).isEqualTo(1);
    assertThat(err.toString()).contains("--like: " + running + ": ");
    assertThat(train("--like", "nowhere")).isEqualTo(1);
    assertThat(err.toString()).contains("--like: there is no file nowhere");
  }

  @Test
  void recordsThatAreNoAnswerAreNamedAndLeftOut() throws IOException {
    AnsweredTopics.answer(topics.evaluations, topics.outcome("a/0", "k", "1", 9, "late"), 9, "{");
    fill(400, 400);
    assertThat(train()).as("%s", err).isZero();
    assertThat(out.toString())
        .contains("Trained on 400 examples")
        .contains("Left out: 1 records that are no answer of the job.");
    assertThat(err.toString()).contains("the first is sluice.evaluations/0/0: Unexpected end");
  }

  /** An outcome's own time says nothing of when the job could learn from it. */
  @Test
  void outcomesThatTheJobLearnedLateAreNotKnownBefore() throws IOException {
    for (int i = 0; i < 100; i++) {
      String key = "k" + i % 7;
      topics.predicted("b/0", key, "" + i, i, "\"x\":" + (i % 2 * 2 - 1));
      String label = i % 2 == 0 ? "ontime" : "late";
      String outcome = topics.outcome("a/0", key, "" + i, i + 1, label);
      topics.evaluation(outcome, key, "" + i, i, 1, label, true, i < 40 ? i + 1 : 1_000);
    }
    assertThat(train("-o", "json")).as("%s", err).isZero();
    JsonNode heldOut = StrictJson.object(out.toString()).path("heldOut");
    assertThat(heldOut.path("examples").asInt()).isEqualTo(20);
    assertThat(heldOut.path("laterOutcomes").asInt()).isEqualTo(40);
  }

  @Test
  void aChampionThatAConstantBeatsIsRefused() throws IOException {
    fill(400, 320);
    Files.writeString(champion, "old");
    assertThat(train()).isEqualTo(1);
    assertThat(err.toString()).contains("a constant is better than the champion");
    assertThat(champion).hasContent("old");
    assertThat(train("--accept-worse")).isZero();
  }

  @Test
  void withoutAnEvaluationNothingIsWritten() {
    topics.predicted("a/0", "k", "1", 10, "\"x\":1");
    topics.evaluation("a/0/7", "k", "1", 10, 1, "early", true);
    assertThat(train("--since", "7d")).isEqualTo(1);
    assertThat(err.toString())
        .contains("sluice.evaluations at " + broker.servers() + " has no outcome to train on in")
        .contains("completed a checkpoint since?");
    assertThat(train()).isEqualTo(1);
    assertThat(err.toString()).contains("(left out: 1 outcomes that are none of the settings'");
    assertThat(champion).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--labels a,b",
        "--objective hinge",
        "--regression",
        "--huber-delta 2",
        "events.jsonl",
        "--limit 0",
        "--since never"
      })
  void whatTheSettingsSayIsNotSaidOtherwise(String flags) {
    assertThat(train(flags.split(" "))).isEqualTo(2);
    assertThat(champion).doesNotExist();
  }

  @Test
  void aFileOrTheTopicsMustBeNamed() {
    assertThat(execute("train", "--output", champion.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("--from-topics");
    assertThat(execute("train", "e.jsonl", "--since", "7d", "--output", "x")).isEqualTo(2);
    assertThat(err.toString()).contains("--since goes with --from-topics");
  }

  /** What the feature says turns round after some. */
  private void fill(int count, int turn) {
    fill(count, turn, "");
  }

  private void fill(int count, int turn, String more) {
    for (int i = 0; i < count; i++) {
      double z = random.nextGaussian();
      String key = "k" + i % 7;
      topics.predicted(i % 2 == 0 ? "a/1" : "b/0", key, "" + i, i, "\"x\":" + z + more);
      topics.evaluated("a/0", key, "" + i, i, 20, i < turn == z > 0 ? "late" : "ontime");
    }
  }

  private static List<String> domain(Path file) throws IOException {
    return Champion.read(Files.readAllBytes(file), 1, model()).domain();
  }

  private static ModelSettings model() {
    return new ModelSettings(
        ModelSettings.Objective.LOG,
        1,
        ModelSettings.Optimiser.ADAGRAD,
        ModelSettings.Rates.defaults(),
        List.of("ontime", "late"),
        16,
        ModelSettings.Serving.defaults());
  }

  private int train(String... flags) {
    List<String> line =
        new ArrayList<>(List.of("train", "--from-topics", "--settings", settings.toString()));
    line.addAll(List.of("--output", champion.toString()));
    line.addAll(Arrays.asList(flags));
    return execute(line.toArray(String[]::new));
  }

  private int execute(String... line) {
    out.getBuffer().setLength(0);
    return Sluice.commandLine(ToolServices.real())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(line);
  }
}
