package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SluiceTest {

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path events = Path.of("");

  @BeforeEach
  void nameTheFile() {
    events = folder.resolve("events.jsonl");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "train|--output",
        "train --output y|EVENTS",
        "train x|--output",
        "train x --output y --epochs 0|--epochs (0)",
        "train x --output y --epochs many|--epochs",
        "train x --output y --learning-rate -1|--learning-rate (-1.0)",
        "train x --output y --limit 0|--limit (0)",
        "train x --output y --labels late|--labels (late)",
        "train x --output y --hold-out 1|--hold-out (1.0)",
        "train x --output y --objective cubic|allowed are log, hinge, squared, absolute, huber",
        "train x --output y --regression --objective hinge|--objective (hinge)",
        "train x --output y --objective huber --huber-delta 0|--huber-delta (0.0)",
        "train x --output y --labels late,late|--labels (late,late)",
        "score --since yesterday|--since",
        "score -o xml|--output-format",
        "score --nope|--nope",
        "audit --examples -1|--examples (-1)",
        "audit --patience soon|--patience",
        "audit --savepoint x --receipt y|--savepoint and --receipt",
        "audit -o xml|--output-format",
        "feed x --job 1 --for 0s|--for",
        "feed x --job 1 --rate -1|--rate (-1)",
        "feed x --from-row 3 --to-row 2|--from-row (3)",
        "feed x --as a/b|--as",
        "feed x --follow|--follow",
        "init x|--csv",
        "init ../x --csv c --label l --key k|NAME (../x)",
        "init x --csv c --label l --key l|column (l)",
        "init x --csv c --label l --key k --labels a|--labels (a)",
        "init x --csv c --label l --key k --labels a,b --regression|--labels and --regression",
        "init x --csv c --label l --key k --without k|--without (k)",
        "init x --csv c --label l --key k --rows 0|--rows (0)",
        "init x --csv c --label l --key k --partitions 0|--partitions (0)",
        "guard|JOB",
        "guard job --listen 8090|--listen",
        "guard job --listen 0.0.0.0:8090|--token-file",
        "guard job --detach|--token-file",
        "guard job --webhook ftp://x/|--webhook",
        "guard job --webhook http://me:pw@x/|--webhook",
        "stop|JOB",
        "stop job --grace soon|--grace",
        "stop job --drain|--drain",
        "stop job --receipt-group no-such-group|--receipt-group (no-such-group)",
        "stop job -p 4|--savepointPath DIR",
        "drill job -p 4|--savepointPath DIR, or --parallelism N",
        "stop job --sluice.kafka.properties.sasl.jaas.config hush|SLU-SECRET-GIVEN",
        "transactions|verb",
        "list x|x",
        "wait|JOB",
        "wait j --for ever|--for",
        "schema guard|guard",
        "context|verb",
        "context set|NAME",
        "context set ../x --rest http://a:1|name has",
        "context set x --rest ftp://a:1|must be addresses",
        "stop job --on-timeout wait|--on-timeout",
        "stop job -o xml|--output-format",
        "verify|SAVEPOINT",
        "verify x -o xml|--output-format",
        "report|RECEIPT",
        "report x --output|--output",
        "report x y|y",
        "resume|RECEIPT",
        "resume x --parallelism 0|--parallelism (0)",
        "resume x --to pod|--to",
        "resume x --to flinkdeployment --print|--to",
        "resume x --deployed-settings f|--to",
        "transactions abort --dry-run|--older-than",
        "transactions abort --id sluice-0-1|--yes",
        "transactions abort --id other-0-1 --dry-run|--prefix",
        "resume x -o xml|--output-format",
        "status|JOB",
        "status job --rest ftp://x|--rest",
        "status job -o xml|--output-format",
        "lint|FILES",
        "lint x --planned-downtime soon|--planned-downtime",
        "lint x -o xml|--output-format",
        "inspect|SAVEPOINT",
        "inspect x --top 2|--top",
        "drill|JOB",
        "drill job --parallelism 0|--parallelism (0)",
        "drill job --grace soon|--grace",
        "drill job -o xml|--output-format",
        "rollback|RECEIPT",
        "rollback x --parallelism 0|--parallelism (0)",
        "rollback x --grace soon|--grace",
        "control|verb",
        "control pause --part both|--part",
        "control pause --key= --part all|--key",
        "control reset|--every-key",
        "control forget|--key",
        "control forget --key=|--key",
        "control serve|POLICY",
        "control serve nobody|POLICY",
        "control promote x|--version",
        "control promote --version 2|--sha256",
        "control promote --uri u --sha256 1 --version 2|--sha256",
        "control promote --uri u --version 2|--sha256",
        "control confirm|--version",
        "control drop --version x|--version",
        "control resume --timeout 0|--timeout",
        "control resume --id=|--id",
        "replay --batch 0|--batch (0)",
        "dead-letters --limit -1|--limit (-1)",
        "dead-letters --reason typo|--reason (typo) must be one of malformed-json",
        "dead-letters --since noon|--since",
        "rollback x --onto y|--model-only",
        "nope|nope",
      })
  void wrongUsageExitsWith2AndNamesTheFlag(String line, String named) {
    assertThat(execute(line.split(" "))).isEqualTo(2);
    assertThat(err.toString()).contains(named).contains("--help");
    assertThat(out.toString()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rollback nowhere.json|there is no receipt at nowhere.json",
        "audit --receipt nowhere.json|there is no receipt at nowhere.json",
        "resume nowhere.json|nowhere.json: nothing is there; name the directory, or the receipt",
        "report nowhere.json|there is no receipt at nowhere.json",
        "report pom.xml --output target/no.html|pom.xml is no receipt, not even JSON: name the"
            + " file",
        "report src --output target/no.html|src is a directory, no receipt: name the file",
        "verify nowhere|nowhere: nothing is there; name the directory",
        "resume pom.xml|pom.xml is no receipt, not even JSON: name the file",
        "rollback pom.xml|pom.xml is no receipt, not even JSON: name the file",
        "inspect pom.xml|pom.xml",
        "verify src|holds no _metadata: it is no snapshot",
        "audit --savepoint src|holds no _metadata: it is no snapshot",
        "audit --savepoint src/test/resources/golden/savepoint-flink-2.2 --events x|a job that"
            + " reads",
        "lint nowhere.yaml|nowhere.yaml: there is no such file",
        "guard job --token-file nowhere|there is no file nowhere",
      })
  void whatIsNotThereExitsWith1AndIsNamedInALine(String line, String named) {
    String[] words = (line + (line.startsWith("stop") ? " --journal " + folder : "")).split(" ");
    assertThat(execute(words)).isOne();
    assertThat(err.toString() + out).contains(named).doesNotContain("\tat ", "Exception");
    assertThat((err.toString() + out).lines()).hasSizeBetween(1, 2); // a stop's step, its outcome
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "stop job --grace 1s",
        "stop job --grace 1s --dry-run",
        "status job",
        "drill job",
        "drill job --dry-run"
      })
  void whatDoesNotAnswerExitsWith10AndItsCode(String line) {
    String rest = " --rest http://127.0.0.1:1 --journal " + folder;
    assertThat(execute((line + rest).split(" "))).as(err.toString() + out).isEqualTo(10);
    assertThat(err.toString() + out)
        .contains("http://127.0.0.1:1 does not answer (no connection)", "[SLU-NO-ANSWER]")
        .doesNotContain("\tat ", "Exception", "Refused");
  }

  @Test
  void aContextThatIsShownIsNamedAsItWasGiven() {
    assertThat(execute("context", "show", "no-such-context")).isOne();
    assertThat(err.toString())
        .contains("NAME (no-such-context) is none of the contexts")
        .doesNotContain("--context");
  }

  @Test
  void theHelpOfStopTellsThatTheBrokersAreTheJobs() {
    assertThat(execute("stop", "--help")).isZero();
    assertThat(out.toString().replaceAll("\\s+", " "))
        .contains("The brokers (default: 127.0.0.1:9092 where no job publishes its own).");
  }

  @ParameterizedTest
  @ValueSource(strings = {"stop", "drill"})
  void aStopThatCantBeginIsToldInJsonToo(String verb) {
    String rest = "http://127.0.0.1:1";
    String[] words =
        "%s job --grace 1s --rest %s --journal %s -o json".formatted(verb, rest, folder).split(" ");
    assertThat(execute(words)).isEqualTo(10);
    JsonNode json = StrictJson.object(out.toString());
    assertThat(json.path("exitCode").asInt()).isEqualTo(10);
    assertThat(json.path("codes").path(0).path("code").asText()).isEqualTo("SLU-NO-ANSWER");
    assertThat(json.path("codes").path(0).path("section").asText())
        .isEqualTo("deploy/runbook.md#slu-no-answer");
    assertThat(out.toString()).contains(rest);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rollback nowhere.json",
        "audit --receipt nowhere.json",
        "resume nowhere.json",
        "verify nowhere",
        "inspect pom.xml",
        "train nowhere.jsonl --output nowhere"
      })
  void anErrorIsAnObjectInJsonToo(String line) {
    assertThat(execute((line + " -o json").split(" "))).isOne();
    JsonNode json = StrictJson.object(out.toString());
    assertThat(json.path("exitCode").asInt()).isOne();
    assertThat(json.path("text").asText()).isNotEmpty();
    assertThat(err.toString()).contains(json.path("text").asText());
  }

  @Test
  void whatWasNotLookedAtIsNotTrusted() {
    String golden = "src/test/resources/golden/savepoint-flink-2.2";
    assertThat(execute("verify", golden, "--journal", folder.toString())).isZero();
    assertThat(out.toString())
        .contains(
            "Note      there is no receipt next to it", "Note      the brokers were not asked")
        .contains("speaks against it; the 2 notes say what is not proved.")
        .doesNotContain("may be trusted");
    assertThat(execute("verify", golden, "--journal", folder.toString(), "-o", "json")).isZero();
    assertThat(out.toString().lines().reduce((a, b) -> b).map(StrictJson::object))
        .hasValueSatisfying(json -> assertThat(json.path("proved").asBoolean(true)).isFalse());
  }

  @Test
  void noVerbIsWrongUsage() {
    assertThat(execute()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "stop",
        "verify",
        "report",
        "resume",
        "audit",
        "status",
        "lint",
        "inspect",
        "guard",
        "drill",
        "rollback",
        "control",
        "control pause",
        "control resume",
        "control promote",
        "control confirm",
        "control drop",
        "control serve",
        "control reset",
        "control forget",
        "replay",
        "dead-letters",
        "score",
        "list",
        "history",
        "transactions",
        "transactions list",
        "transactions abort",
        "wait",
        "version",
        "schema",
        "context",
        "context list",
        "context use",
        "context show",
        "context set",
        "train",
        "evaluate",
        "init",
        "feed",
        "flights"
      })
  void helpFitsAScreenAndHasAnExample(String verb) {
    assertThat(execute((verb + " --help").split(" "))).isZero();
    assertThat(out.toString()).contains("xample").contains("  sluice " + verb);
    assertThat(out.toString().lines().count()).isLessThanOrEqualTo(60);
    assertThat(out.toString().lines()).allMatch(line -> line.length() <= 100);
  }

  @Test
  void helpMayComeFirst() {
    assertThat(Sluice.asked("help")).containsExactly("--help");
    assertThat(Sluice.asked("help", "transactions", "abort"))
        .containsExactly("transactions", "abort", "--help");
    assertThat(Sluice.asked("stop", "help")).as("a job's name").containsExactly("stop", "help");
    assertThat(Sluice.asked()).isEmpty();
  }

  @Test
  void theHiddenVerbsAreNotListed() {
    assertThat(execute("--help")).isZero();
    assertThat(out.toString())
        .contains("audit", "lint", "score", "train", "init", "feed")
        .doesNotContain("flights");
  }

  @Test
  void trainWritesAChampionThatTheJobCanRead() throws IOException {
    writeEvents(400, "{\"type\":\"observation\"}\nnot json\n");
    Path champion = folder.resolve("champion.tribuo");
    assertThat(execute("train", events.toString(), "--output", champion.toString(), "-o", "json"))
        .isZero();
    JsonNode json = StrictJson.object(out.toString());
    assertThat(json.path("examples").asInt()).isEqualTo(400);
    assertThat(json.path("badLines").asInt()).isEqualTo(2);
    assertThat(json.path("features").asInt()).isEqualTo(3);
    assertThat(json.path("observationsAlone").asInt()).isEqualTo(1);
    assertThat(err.toString())
        .contains("events.jsonl:1: missing-field")
        .contains(":2: malformed-json");
    Champion read =
        Champion.read(Files.readAllBytes(champion), 1, settings(List.of("ontime", "late")));
    assertThat(read.sha256()).isEqualTo(json.path("sha256").asText());
    assertThat(read.linear()).isTrue();
    try (var left = Files.list(folder)) {
      assertThat(left).containsExactlyInAnyOrder(events, champion);
    }
  }

  @Test
  void theSameEventsAndSeedGiveTheSameFile() throws IOException {
    writeEvents(50, "");
    Path one = folder.resolve("one");
    Path two = folder.resolve("two");
    assertThat(execute("train", events.toString(), "--output", one.toString())).isZero();
    assertThat(execute("train", events.toString(), "--output", two.toString())).isZero();
    assertThat(one).hasSameBinaryContentAs(two);
  }

  @Test
  void aFeatureLeftOutIsNotInTheChampion() throws IOException {
    writeEvents(50, "");
    Path champion = folder.resolve("champion.tribuo");
    String[] line = {
      "train", events.toString(), "--output", champion.toString(), "--without", "day,nothing"
    };
    assertThat(execute(line)).isZero();
    Champion read =
        Champion.read(Files.readAllBytes(champion), 1, settings(List.of("ontime", "late")));
    assertThat(read.domain()).hasSize(1);
  }

  @Test
  void theLimitCountsObservations() throws IOException {
    writeEvents(100, "");
    Path champion = folder.resolve("champion.tribuo");
    String[] line = {
      "train", events.toString(), "--output", champion.toString(), "--limit", "60", "-o", "json"
    };
    assertThat(execute(line)).isZero();
    assertThat(StrictJson.object(out.toString()).path("examples").asInt()).isEqualTo(60);
  }

  @Test
  void aFileThatIsNotThereExitsWith1AndTheReason() {
    assertThat(execute("train", "gone.jsonl", "--output", "champion")).isEqualTo(1);
    assertThat(err.toString()).contains("sluice train: there is no file gone.jsonl");
  }

  @Test
  void aFileWithoutExamplesLeavesTheOldChampion() throws IOException {
    Files.writeString(events, "junk\n", StandardCharsets.UTF_8);
    Path champion = folder.resolve("champion.tribuo");
    Files.writeString(champion, "old", StandardCharsets.UTF_8);
    assertThat(execute("train", events.toString(), "--output", champion.toString())).isEqualTo(1);
    assertThat(err.toString()).contains("holds no observation that meets its outcome");
    assertThat(champion).hasContent("old");
  }

  @Test
  void aLabelThatNeverOccursStopsTheTraining() throws IOException {
    writeEvents(50, "");
    String[] line = {
      "train", events.toString(), "--output", folder + "/x", "--labels", "ontime,late,lost"
    };
    assertThat(execute(line)).isEqualTo(1);
    assertThat(err.toString()).contains("lost");
  }

  private int execute(String... line) {
    return ListedCodes.execute(
        Sluice.commandLine(ToolServices.real())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true)),
        line);
  }

  private void writeEvents(int count, String before) throws IOException {
    StringBuilder lines = new StringBuilder(before);
    for (int i = 0; i < count; i++) {
      lines.append(
          String.format(
              Locale.ROOT,
              "{\"type\":\"observation\",\"id\":\"%d\",\"key\":\"k\",\"time\":%d,"
                  + "\"features\":{\"x\":%d,\"day\":\"%s\"}}%n"
                  + "{\"type\":\"outcome\",\"id\":\"%d\",\"key\":\"k\",\"time\":%d,\"label\":\"%s\"}%n",
              i,
              2 * i,
              i % 7 + 1,
              i % 2 == 0 ? "mo" : "tu",
              i,
              2 * i + 1,
              i % 7 > 3 ? "late" : "ontime"));
    }
    lines.append(
        "{\"type\":\"observation\",\"id\":\"last\",\"key\":\"k\",\"time\":0,\"features\":{}}\n");
    Files.writeString(events, lines, StandardCharsets.UTF_8);
  }

  private static ModelSettings settings(List<String> labels) {
    return new ModelSettings(
        Objective.LOG,
        1,
        Optimiser.ADAGRAD,
        ModelSettings.Rates.defaults(),
        labels,
        8,
        ModelSettings.Serving.defaults());
  }
}
