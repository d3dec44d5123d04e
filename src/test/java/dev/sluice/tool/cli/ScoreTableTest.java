package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.OutputSchema;
import dev.sluice.support.StrictJson;
import dev.sluice.tool.scoring.EvaluationRow;
import dev.sluice.tool.scoring.EvaluationRow.Said;
import dev.sluice.tool.scoring.KeySides;
import dev.sluice.tool.scoring.Scoreboard;
import dev.sluice.tool.scoring.Truth;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What {@code score} prints. */
class ScoreTableTest {

  private static final List<String> LABELS = List.of("ontime", "late");

  private final Random random = new Random(1);
  private final StringWriter out = new StringWriter();

  @Test
  void modelsStandSideBySideWithTheirCalibration() {
    Scoreboard scoreboard = flights(4000, true);
    print(scoreboard);
    assertThat(out.toString())
        .startsWith(
            "4,000 evaluations of 7 keys, 1970-01-01T00:00:00Z to 1970-01-03T18:39:00Z (topic)")
        .contains("model                n      AUC  log loss  accuracy    kappa      ECE")
        .containsPattern("champion +4,000  .*  0\\.0[0-9]{3}\n")
        .containsPattern("challenger +4,000 ")
        .containsPattern("served +4,000 ")
        .containsPattern("shadow 5 +2,000 ")
        .contains("While shadow 5 predicted (2,000 evaluations): loss shadow 0.")
        .contains("Reliability of champion: the probability of late")
        .contains("Reliability of shadow 5: the probability of late")
        .contains("Log loss by time of the outcome")
        .containsPattern("1970-01-01T00:00:00Z +1,440 +0\\.[0-9]{4} .* n/a\n")
        .doesNotContain("Left out");
  }

  @Test
  void jsonHasAllFiguresAndFollowsItsSchema() {
    JsonNode json = json(flights(4000, true));
    OutputSchema.require("score", json);
    assertThat(json.path("models").findValuesAsText("model"))
        .containsExactly("champion", "challenger", "served", "shadow 5");
    assertThat(json.path("champion").path("logLoss"))
        .as("what was there before still is")
        .isEqualTo(json.path("models").path(0).path("logLoss"));
    assertThat(json.path("models").path(2).path("ece").isNumber()).isTrue();
    assertThat(json.path("models").path(2).path("reliability").size()).isGreaterThan(5);
    assertThat(json.path("byTime").size()).isEqualTo(3);
    assertThat(json.path("shadows").path(0).path("version").asInt()).isEqualTo(5);
  }

  @Test
  void valuesHaveQuantilesOfTheirErrors() {
    Scoreboard scoreboard = new Scoreboard();
    for (int i = 0; i < 100; i++) {
      Said said = new Said(List.of(), new double[] {i}, i);
      Truth truth = new Truth(i, null, 0);
      scoreboard.add(new EvaluationRow("k", truth, 0, false, null, null, said, null));
    }
    OutputSchema.require("score", json(scoreboard));
    print(scoreboard);
    assertThat(out.toString())
        .contains("MAE       RMSE       R²       loss  error p50        p90        p99")
        .contains("There was no champion: what the challengers predicted was served.")
        .doesNotContain("Reliability");
  }

  @Test
  void probabilitiesAreComparedWithAConstant() {
    Scoreboard scoreboard = new Scoreboard();
    for (int i = 0; i < 4; i++) {
      Said said = said(.3, i == 0);
      Truth truth = new Truth(i, i == 0 ? "late" : "ontime", Double.NaN);
      scoreboard.add(new EvaluationRow("k", truth, 0, false, null, null, said, null));
    }
    double entropy = -.25 * Math.log(.25) - .75 * Math.log(.75);
    JsonNode json = json(scoreboard);
    OutputSchema.require("score", json);
    assertThat(json.path("constantLogLoss").asDouble()).isCloseTo(entropy, within(1e-12));
    print(scoreboard);
    assertThat(out.toString())
        .contains("A constant, the share of each label in these evaluations, has log loss 0.5623.")
        .contains("There was no champion: what the challengers predicted was served.")
        .doesNotContain("The champion served");
  }

  @Test
  void marginsAreNotComparedWithAConstant() {
    Scoreboard scoreboard = new Scoreboard();
    Said said = new Said(LABELS, new double[] {-1.5, 1.5}, .2);
    scoreboard.add(
        new EvaluationRow("k", new Truth(0, "late", Double.NaN), 0, false, null, null, said, null));
    JsonNode json = json(scoreboard);
    OutputSchema.require("score", json);
    assertThat(json.path("constantLogLoss").isNull()).isTrue();
    print(scoreboard);
    assertThat(out.toString()).doesNotContain("A constant");
  }

  @Test
  void whatIsLeftOutIsSaid() {
    Scoreboard scoreboard = new Scoreboard();
    Said said = new Said(LABELS, new double[] {.5, .5}, .7);
    for (int i = 0; i < KeySides.MOST_KEYS + 1; i++) {
      Truth truth = new Truth(i, "late", Double.NaN);
      EvaluationRow.Shadow shadow = new EvaluationRow.Shadow(i % 6, said);
      scoreboard.add(new EvaluationRow("k" + i, truth, 0, true, null, said, said, shadow));
    }
    print(scoreboard);
    assertThat(out.toString())
        .contains("of more than 200,000 keys")
        .contains(
            "Left out: which keys the champion predicted better, as there are more than the 200,000")
        .containsPattern(
            "Left out: shadows of older versions, which predicted in 6.,... evaluations")
        .doesNotContain("Where the champion was better");
  }

  @Test
  void theKeysWithTheMostEvaluationsAreShown() {
    Scoreboard scoreboard = flights(4001, true, 3);
    JsonNode json = json(scoreboard);
    OutputSchema.require("score", json);
    assertThat(json.path("byKey").size()).isEqualTo(3);
    JsonNode worst = json.path("byKey").path(0);
    assertThat(worst.path("n").asInt()).isEqualTo(572);
    assertThat(worst.path("auc").asDouble()).isBetween(.7, .9);
    assertThat(worst.path("means").path("champion").isNumber()).isTrue();
    print(scoreboard);
    assertThat(out.toString())
        .contains("Log loss of the 3 keys with the most evaluations, those that are served worst")
        .containsPattern("key  +n +champion +challenger +served +served AUC\n")
        .containsPattern("k[0-6] +572( +0\\.[0-9]{4}){4}\n");
    print(flights(10, false));
    assertThat(out.toString().split("keys with the most", -1)).as("unless asked").hasSize(2);
  }

  private Scoreboard flights(int count, boolean shadow) {
    return flights(count, shadow, 0);
  }

  private Scoreboard flights(int count, boolean shadow, int keys) {
    Scoreboard scoreboard = new Scoreboard(Duration.ofDays(1), false, keys);
    for (int i = 0; i < count; i++) {
      double p = random.nextDouble();
      boolean late = random.nextDouble() < p;
      Said said = said(p, late);
      boolean watched = shadow && i >= count / 2;
      scoreboard.add(
          new EvaluationRow(
              "k" + i % 7,
              new Truth(60_000L * i, LABELS.get(late ? 1 : 0), Double.NaN),
              0,
              true,
              said(.9 * p + .05, late),
              said,
              said(.5, late),
              watched ? new EvaluationRow.Shadow(5, said(.8 * p + .1, late)) : null));
    }
    return scoreboard;
  }

  private static Said said(double late, boolean happened) {
    return new Said(LABELS, new double[] {1 - late, late}, -Math.log(happened ? late : 1 - late));
  }

  private void print(Scoreboard scoreboard) {
    table(scoreboard).print(new PrintWriter(out, true));
  }

  private JsonNode json(Scoreboard scoreboard) {
    StringWriter written = new StringWriter();
    OutputForm.printJson(new PrintWriter(written), table(scoreboard).json());
    return StrictJson.object(written.toString());
  }

  private static ScoreTable table(Scoreboard scoreboard) {
    return new ScoreTable(
        "topic", scoreboard.result().orElseThrow(), new ScoreTable.Shown(false, true));
  }
}
