package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.OutputSchema;
import dev.sluice.support.StrictJson;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code evaluate} reads, prints and refuses. */
class EvaluateCommandTest {

  @TempDir Path folder;

  private final Random random = new Random(1);
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void aCsvIsScoredWithHonestDelay() throws IOException {
    Path csv = sales(4000);
    String[] flags = {"--every", "1d", "--by-key", "3", "--reliability"};
    assertThat(evaluateSales(csv, flags)).as("%s", err).isZero();
    assertThat(out.toString())
        .contains("4,000 outcomes of 20 keys, observed 2023-11-14T22:13:20Z to ")
        .contains("each learned 1h after its observation")
        .contains("model                n      AUC  log loss  accuracy    kappa      ECE")
        .containsPattern("challenger +4,000 ")
        .containsPattern("rate 0.02 +4,000 ")
        .containsPattern("rate 0.5 +4,000 ")
        .containsPattern("served +4,000 ")
        .containsPattern("constant +4,000 ")
        .containsPattern("pooled +4,000 ")
        .contains("Reliability of what is served: the probability of yes")
        .contains("Log loss by time of the observation")
        .containsPattern("2023-11-15T00:00:00Z +1,440 ")
        .contains("of 20 are served better");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void jsonHasAllFiguresAndFollowsItsSchema() throws IOException {
    assertThat(evaluateSales(sales(4000), "--every", "1d", "--by-key", "-o", "json"))
        .as("%s", err)
        .isZero();
    JsonNode json = StrictJson.object(out.toString());
    OutputSchema.require("evaluate", json);
    assertThat(json.path("delayMs").asLong()).isEqualTo(3_600_000);
    assertThat(json.path("byKey").size()).isEqualTo(20);
    assertThat(json.path("byTime").size()).isEqualTo(4);
    double served = model(json, "served").path("logLoss").asDouble();
    assertThat(served).isLessThan(model(json, "constant").path("logLoss").asDouble() - .02);
    assertThat(model(json, "served").path("ece").asDouble()).isBetween(0.0, 0.3);
    assertThat(json.path("reliability").size()).isGreaterThan(5);
    assertThat(model(json, "served").path("reliability")).isEqualTo(json.path("reliability"));
    assertThat(model(json, "rate 0.1").path("logLoss").asDouble())
        .as("the mixture of the rates is near each of them")
        .isCloseTo(model(json, "challenger").path("logLoss").asDouble(), within(.1));
    assertThat(json.path("sample").asInt()).isOne();
  }

  @Test
  void aSampleOfTheKeysHasTheFiguresOfAWholeRun() throws IOException {
    Path csv = sales(4000);
    assertThat(evaluateSales(csv, "--by-key", "-o", "json")).as("%s", err).isZero();
    JsonNode whole = StrictJson.object(out.toString());
    out.getBuffer().setLength(0);
    assertThat(evaluateSales(csv, "--by-key", "--sample", "3", "-o", "json")).isZero();
    JsonNode sample = StrictJson.object(out.toString());
    OutputSchema.require("evaluate", sample);
    assertThat(sample.path("keys").asInt()).isBetween(3, 12);
    assertThat(sample.path("leftOut").asInt() + 2 * sample.path("observations").asInt())
        .isEqualTo(8000);
    for (JsonNode key : sample.path("byKey")) {
      JsonNode same = key(whole, key.path("key").asText());
      assertThat(key.path("n")).isEqualTo(same.path("n"));
      assertThat(key.path("means").path("served")).isEqualTo(same.path("means").path("served"));
    }
    out.getBuffer().setLength(0);
    assertThat(evaluateSales(csv, "--sample", "3")).isZero();
    assertThat(out.toString()).contains("One key in 3 takes part (--sample): ");
  }

  @Test
  void whatIsNotScoredIsCounted() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int time : new int[] {0, 100, 200, 50}) {
      String event = "{\"type\":\"%s\",\"id\":\"%s\",\"key\":\"k\",\"time\":%s,%s}";
      lines.add(event.formatted("observation", time, time, "\"features\":{\"x\":1}"));
      lines.add(event.formatted("outcome", time, time, "\"label\":\"late\""));
    }
    Path events = Files.write(folder.resolve("events.jsonl"), lines);
    assertThat(run("evaluate", events)).as("%s", err).isZero();
    assertThat(out.toString())
        .startsWith("3 outcomes of 1 keys")
        .contains("1 of them are earlier than an outcome that was learned before, and are not");
    out.getBuffer().setLength(0);
    assertThat(run("evaluate", events, "-o", "json")).isZero();
    JsonNode json = StrictJson.object(out.toString());
    OutputSchema.require("evaluate", json);
    assertThat(json.path("unscored").asInt()).isOne();
    assertThat(json.path("outcomes").asInt()).isEqualTo(4);
  }

  @Test
  void csvWithoutAKeyTeachesOneModel() throws IOException {
    Path csv = sales(400);
    assertThat(run("evaluate", csv, "--label", "sold", "--time", "at", "-o", "json")).isZero();
    JsonNode json = StrictJson.object(out.toString());
    OutputSchema.require("evaluate", json);
    assertThat(json.path("keys").asInt()).isOne();
    assertThat(json.path("outcomes").asInt()).isEqualTo(400);
  }

  @Test
  void settingsOfOtherDataAreNoticed() throws IOException {
    List<String> rows = Files.readAllLines(sales(400));
    for (int i = 1; i < rows.size(); i += 4) {
      rows.set(i, rows.get(i).replace(",yes,", ",perhaps,").replace(",no,", ",perhaps,"));
    }
    Path csv = Files.write(folder.resolve("three.csv"), rows);
    assertThat(run("evaluate", csv, "--label", "sold", "--sluice.model.labels", "yes,no")).isOne();
    assertThat(err.toString())
        .contains("100 rows have a label")
        .contains("(yes,no; from the command line)");
    assertThat(out.toString()).isEmpty();

    rows.replaceAll(row -> row.contains("perhaps") ? "torn" : row);
    Files.write(csv, rows);
    String[] sampled = {"--label", "sold", "--key", "store", "--sample", "4"};
    assertThat(run("evaluate", csv, sampled)).as("%s", err).isZero();
    rows.subList(1, 300).replaceAll(row -> "torn");
    Files.write(csv, rows);
    assertThat(run("evaluate", csv, sampled)).isOne();
    assertThat(err.toString()).contains("could: see above why");
  }

  @Test
  void theFileOfOtherLabelsIsNamed() throws IOException {
    Path settings = Files.writeString(folder.resolve("o.yaml"), "sluice.model.labels: late,ontime");
    String[] flags = {"--label", "sold", "--settings", settings.toString()};
    assertThat(run("evaluate", sales(400), flags)).isOne();
    assertThat(err.toString())
        .contains("400 rows have a label that sluice.model.labels (late,ontime; from " + settings)
        .contains("do not name")
        .contains("--settings FILE", "--sluice.model.labels LABEL,LABEL")
        .doesNotContain("holds no observation");
  }

  @Test
  void laterOutcomesTeachLess() throws IOException {
    Path csv = sales(4000);
    assertThat(
            run("evaluate", csv, "--label", "sold", "--key", "store", "--time", "at", "-o", "json"))
        .isZero();
    double atOnce = model(StrictJson.object(out.toString()), "served").path("logLoss").asDouble();
    out.getBuffer().setLength(0);
    String[] late = {"--delay", "2d", "-o", "json"};
    assertThat(
            run(
                "evaluate",
                csv,
                with(List.of("--label", "sold", "--key", "store", "--time", "at"), late)))
        .isZero();
    double later = model(StrictJson.object(out.toString()), "served").path("logLoss").asDouble();
    assertThat(atOnce).isLessThan(later - .02);
  }

  @Test
  void eventsWithAChampionHaveItsColumn() throws IOException {
    Path events = events(2000);
    Path champion = folder.resolve("champion.tribuo");
    assertThat(run("train", events, "--output", champion.toString())).as("%s", err).isZero();
    out.getBuffer().setLength(0);
    assertThat(run("evaluate", events, "--champion", champion.toString(), "-o", "json"))
        .as("%s", err)
        .isZero();
    JsonNode json = StrictJson.object(out.toString());
    OutputSchema.require("evaluate", json);
    assertThat(json.path("models").findValuesAsText("model"))
        .containsExactly(
            "champion",
            "challenger",
            "rate 0.02",
            "rate 0.1",
            "rate 0.5",
            "rate 5",
            "served",
            "constant",
            "pooled");
    assertThat(json.path("outcomes").asInt()).isEqualTo(2000);
    out.getBuffer().setLength(0);
    assertThat(run("evaluate", events, "--champion", champion.toString())).isZero();
    assertThat(out.toString())
        .contains("each learned at its own time")
        .contains("The champion alone was served in ");
  }

  @Test
  void valuesHaveErrorsAndTheirQuantiles() throws IOException {
    List<String> lines = new ArrayList<>(List.of("at,store,amount,price"));
    for (int i = 0; i < 3000; i++) {
      double price = random.nextGaussian();
      lines.add("%s,s%s,%s,%s".formatted(1_700_000_000 + 60 * i, i % 5, 2 * price, price));
    }
    Path csv = Files.write(folder.resolve("amounts.csv"), lines);
    String[] flags = {
      "--label", "amount", "--key", "store", "--time", "at", "--sluice.model.learning-rate", "0.5"
    };
    assertThat(run("evaluate", csv, flags)).as("%s", err).isZero();
    assertThat(out.toString())
        .contains("MAE       RMSE       R²       loss  error p50        p90        p99");
    out.getBuffer().setLength(0);
    assertThat(run("evaluate", csv, with(List.of(flags), "-o", "json"))).isZero();
    JsonNode json = StrictJson.object(out.toString());
    OutputSchema.require("evaluate", json);
    assertThat(json.path("objective").asText()).isEqualTo("squared");
    assertThat(model(json, "served").path("mae").asDouble())
        .isLessThan(model(json, "constant").path("mae").asDouble() / 2);
    assertThat(model(json, "served").path("errors").path("p99").isNumber()).isTrue();
  }

  @Test
  void datesWithoutDashesAreDates() throws IOException {
    List<String> lines = new ArrayList<>(List.of("day,store,sold,price"));
    for (int i = 0; i < 280; i++) {
      lines.add("202601%02d,s1,%s,%s".formatted(1 + i / 10, i % 2 == 0 ? "yes" : "no", i % 7));
    }
    lines.add("20260132,s1,yes,1");
    Path csv = Files.write(folder.resolve("days.csv"), lines);
    String[] flags = {"--label", "sold", "--key", "store", "--time", "day", "--delay", "1d"};
    assertThat(run("evaluate", csv, with(List.of(flags), "--every", "1d"))).as("%s", err).isZero();
    assertThat(out.toString())
        .contains("observed 2026-01-01T00:00:00Z to 2026-01-28T00:00:00Z")
        .containsPattern("2026-01-02T00:00:00Z +10 ");
    assertThat(err.toString())
        .contains("days.csv: line 282, column day: (20260132) is no time")
        .contains("as 20260131");
  }

  @Test
  void badRowsAreNamedByLineAndColumn() throws IOException {
    List<String> lines = new ArrayList<>(Files.readAllLines(sales(300)));
    lines.set(4, "soon,s1,yes,1,2,c");
    lines.set(8, "1700000500,s1,yes,abc,2,c");
    Path csv = Files.write(folder.resolve("bad.csv"), lines);
    assertThat(evaluateSales(csv)).isZero();
    assertThat(err.toString())
        .contains("bad.csv: line 5, column at: (soon) is no time")
        .contains("bad.csv: line 9, column price: (abc)")
        .contains("2 rows of " + csv + " could not be used")
        .doesNotContain("Exception");
  }

  @Test
  void badLinesOfEventsAreNamed() throws IOException {
    List<String> lines = new ArrayList<>(Files.readAllLines(events(300)));
    lines.set(2, "{\"type\":\"observation\"}");
    lines.set(4, "junk");
    Path events = Files.write(folder.resolve("bad.jsonl"), lines);
    assertThat(run("evaluate", events)).isZero();
    assertThat(err.toString())
        .contains("bad.jsonl: line 3: missing-field")
        .contains("bad.jsonl: line 5: malformed-json")
        .doesNotContain("Exception");
    assertThat(out.toString()).contains("2 outcomes met no observation");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x.csv --key store|2|of a CSV, whose --label is missing",
        "x.jsonl --time at|2|whose --label is missing",
        "x.csv|2|looks like a CSV",
        "x.jsonl --every 0|2|--every must be longer than 0",
        "x.jsonl --every soon|2|a span of time is",
        "x.jsonl --by-key 0|2|--by-key (0)",
        "x.jsonl --sample 0|2|--sample (0)",
        "gone.jsonl|1|there is no file",
        "events.jsonl --delay 8d|2|--delay (PT192H) must be shorter than sluice.outcome.timeout",
        "events.jsonl --champion events.jsonl|1|is not a Tribuo protobuf model",
        "events.jsonl --sluice.model.labels a,b|1|(a,b; from the command line) do not name",
        "events.jsonl --sluice.model.nope 1|1|unknown setting sluice.model.nope",
        "sales.csv --label sold --key shop|1|--key (shop) is no column"
      })
  void whatCannotBeMeantOrReadIsRefused(String line, int code, String text) throws IOException {
    events(50);
    sales(50);
    String[] words = line.split(" ");
    for (int i = 0; i < words.length; i++) {
      words[i] =
          words[i].matches("[a-z]+\\.(jsonl|csv)") ? folder.resolve(words[i]).toString() : words[i];
    }
    assertThat(execute(with(List.of("evaluate"), words))).as("%s", err).isEqualTo(code);
    assertThat(err.toString()).contains(text).doesNotContain("\tat ");
  }

  private Path sales(int rows) throws IOException {
    List<String> lines = new ArrayList<>(List.of("at,store,sold,price,a,cat"));
    for (int i = 0; i < rows; i++) {
      int store = random.nextInt(20);
      double z = random.nextGaussian();
      double score = (store % 2 == 0 ? 2 : -2) * z;
      boolean sold = random.nextDouble() < 1 / (1 + Math.exp(-score));
      lines.add(
          String.format(
              Locale.ROOT,
              "%d,s%d,%s,%s,%s,c%d",
              1_700_000_000 + 60 * i,
              store,
              sold ? "yes" : "no",
              5000 + 1000 * z,
              random.nextGaussian(),
              random.nextInt(30)));
    }
    return Files.write(folder.resolve("sales.csv"), lines);
  }

  private Path events(int count) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double z = random.nextGaussian();
      String head = "\"id\":\"%s\",\"key\":\"k%s\",\"time\":".formatted(i, i % 3);
      String label = random.nextDouble() < 1 / (1 + Math.exp(-2 * z)) ? "late" : "ontime";
      lines.add(
          "{\"type\":\"observation\",%s%s,\"features\":{\"x\":%s}}"
              .formatted(head, 1000 * i, 100 + 10 * z));
      lines.add(
          "{\"type\":\"outcome\",%s%s,\"label\":\"%s\"}".formatted(head, 1000 * i + 5000, label));
    }
    return Files.write(folder.resolve("events.jsonl"), lines);
  }

  private static JsonNode key(JsonNode json, String name) {
    for (JsonNode key : json.path("byKey")) {
      if (key.path("key").asText().equals(name)) {
        return key;
      }
    }
    throw new AssertionError("no key " + name);
  }

  private static JsonNode model(JsonNode json, String name) {
    for (JsonNode model : json.path("models")) {
      if (model.path("model").asText().equals(name)) {
        return model;
      }
    }
    throw new AssertionError("no model " + name);
  }

  private int evaluateSales(Path csv, String... flags) {
    return run(
        "evaluate",
        csv,
        with(List.of("--label", "sold", "--key", "store", "--time", "at", "--delay", "1h"), flags));
  }

  private static String[] with(List<String> first, String... rest) {
    List<String> all = new ArrayList<>(first);
    all.addAll(Arrays.asList(rest));
    return all.toArray(String[]::new);
  }

  private int run(String verb, Path file, String... flags) {
    return execute(with(List.of(verb, file.toString()), flags));
  }

  private int execute(String... line) {
    return Sluice.commandLine(ToolServices.real())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(line);
  }
}
