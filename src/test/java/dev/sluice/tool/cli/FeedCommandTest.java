package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedFlink;
import dev.sluice.support.CannedLog;
import dev.sluice.support.OutputSchema;
import dev.sluice.support.StrictJson;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a file before anything is fed. */
class FeedCommandTest {

  private static final String CSV = "store,sold,price\na,yes,1\nb,no,x\nc,maybe,2\nd,yes,3\n";
  private static final String MAPPING =
      """
      {"version":1,"separator":",","label":"sold","key":"store","time":null,"id":null,
       "start":"2026-11-01T00:00:00Z","labels":["yes","no"],"features":{"price":"number"}}
      """;

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void badRowsAreNamedByLineAndColumn() throws IOException {
    Path csv = write("sales.csv", CSV);
    write("columns.json", MAPPING);
    assertThat(feed(csv, "--dry-run")).isEqualTo(ExitCode.BAD.number());
    assertThat(err.toString())
        .contains(csv + ", line 3, column price: (x) is no number")
        .contains(csv + ", line 4, column sold: (maybe) is none of the labels")
        .contains("2 rows of " + csv + " could not be used and were left out");
    assertThat(out.toString()).contains("4 events in " + csv + "; nothing was fed");
  }

  @Test
  void aLastLineThatIsHalfWrittenIsHeldBack() throws IOException {
    write("columns.json", MAPPING);
    Path csv = write("sales.csv", "store,sold,price\n" + "b,no,x\n".repeat(20) + "a,yes,1\nb,n");
    assertThat(feed(csv, "--dry-run")).isEqualTo(ExitCode.BAD.number());
    assertThat(err.toString())
        .as("named behind any number of others")
        .contains(csv + ", line 23: has 2 cells, not 3; the file ends within this row")
        .contains("held back");
    assertThat(out.toString()).contains("2 events in " + csv);
  }

  @Test
  void onlyTheFirstBadRowsAreNamed() throws IOException {
    Path csv = write("sales.csv", "store,sold,price\n" + "b,no,x\n".repeat(1_000));
    write("columns.json", MAPPING);
    assertThat(feed(csv, "--dry-run", "-o", "json")).isEqualTo(ExitCode.BAD.number());
    JsonNode json = StrictJson.object(out.toString());
    OutputSchema.require("feed", json);
    assertThat(json.path("badRows").asInt()).isEqualTo(1_000);
    assertThat(err.toString().lines()).hasSize(11);
  }

  @Test
  void anotherSeparatorThanToldIsNamed() throws IOException {
    Path csv = write("sales.csv", CSV.replace(',', ';'));
    Path told = write("columns.json", MAPPING);
    assertThat(feed(csv, "--dry-run")).isEqualTo(ExitCode.REFUSED.number());
    assertThat(err.toString())
        .contains(csv + " has the separator (;) in its first line, and " + told + " says (,)")
        .contains("'sluice init' again");
  }

  @Test
  void aCsvNeedsToldColumns() throws IOException {
    assertThat(feed(write("sales.csv", CSV), "--dry-run")).isEqualTo(ExitCode.REFUSED.number());
    assertThat(err.toString())
        .contains("nothing says what the columns of ", "(there is no ", "sluice init", "--mapping");
  }

  @Test
  void aMappingOfAnotherJobIsRefused() throws IOException {
    Path other = write("other.json", MAPPING.replace("\"yes\",\"no\"", "\"on\",\"off\""));
    assertThat(feed(write("sales.csv", CSV), "--dry-run", "--mapping", other.toString()))
        .isEqualTo(ExitCode.REFUSED.number());
    assertThat(err.toString())
        .contains("its labels are (on,off), and the job learns the labels (yes,no)");
    Path values = write("values.json", MAPPING.replace("\"yes\",\"no\"", ""));
    assertThat(feed(write("sales.csv", CSV), "--dry-run", "--mapping", values.toString()))
        .isEqualTo(ExitCode.REFUSED.number());
    assertThat(err.toString()).contains("its column (sold) holds values, and the job learns the");
  }

  @Test
  void jsonLinesAreJudgedAsTheJobDoes() throws IOException {
    String outcome =
        "{\"type\":\"outcome\",\"id\":\"1\",\"key\":\"k\",\"time\":1,\"label\":\"yes\"}\n";
    Path file = write("events.jsonl", outcome + outcome.replace("yes", "late") + "{\n");
    assertThat(feed(file, "--dry-run")).isEqualTo(ExitCode.BAD.number());
    assertThat(err.toString())
        .contains(file + ", line 2: unknown-label", file + ", line 3: malformed-json");
  }

  @Test
  void flagsOfOneKindOfFileAreRefusedWithAnother() throws IOException {
    Path lines = write("events.jsonl", "{}\n");
    assertThat(feed(lines, "--delay", "5m")).isEqualTo(ExitCode.USAGE.number());
    assertThat(err.toString()).contains("--delay goes with a CSV");
    Path flights = write("flights.csv", "date,delay,distance,origin,destination\n");
    assertThat(feed(flights, "--as", "x")).isEqualTo(ExitCode.USAGE.number());
    assertThat(err.toString()).contains("--as, --first-time and --take-over go with data of");
  }

  @Test
  void aJobThatDoesNotRunIsNamed() throws IOException {
    try (CannedFlink flink = CannedFlink.start()) {
      flink.tell("/jobs/overview", "{\"jobs\":[]}");
      String rest = flink.addresses().get(0).toString();
      assertThat(feed(write("e.jsonl", "{}"), "--job", "shop", "--rest", rest))
          .isEqualTo(ExitCode.REFUSED.number());
      assertThat(err.toString()).contains("there is no job (shop)", "[SLU-NO-JOB]");
    }
  }

  @Test
  void theSettingsOfTheRunningJobCount() throws IOException {
    String outcome =
        "{\"type\":\"outcome\",\"id\":\"1\",\"key\":\"k\",\"time\":1,\"label\":\"of-the-job\"}\n";
    try (CannedFlink flink = CannedFlink.start()) {
      String id = "0123456789abcdef0123456789abcdef";
      flink
          .tell(
              "/jobs/overview",
              "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"shop\",\"state\":\"RUNNING\",\"start-time\":0}]}"
                  .formatted(id))
          .tell(
              "/jobs/" + id + "/config",
              "{\"execution-config\":{\"user-config\":{\"sluice-version\":\"1\","
                  + "\"sluice-fact-of-another-release\":\"x\","
                  + "\"sluice.model.labels\":\"of-the-job,other\"}}}");
      String rest = flink.addresses().get(0).toString();
      assertThat(feed(write("e.jsonl", outcome), "--job", "shop", "--rest", rest, "--dry-run"))
          .as(err.toString())
          .isZero();
    }
  }

  @Test
  void aMissingFileIsNamed() throws IOException {
    assertThat(feed(folder.resolve("none.csv"))).isEqualTo(ExitCode.REFUSED.number());
    assertThat(err.toString()).contains("there is no file " + folder.resolve("none.csv"));
  }

  @Test
  void aPipeOrDeviceIsRefused() throws IOException {
    assertThat(feed(Path.of("/dev/null"), "--dry-run")).isEqualTo(ExitCode.REFUSED.number());
    assertThat(err.toString()).contains("/dev/null is no regular file");
  }

  /** Opening one would wait for a writer, for ever; a mapping says what the file is unread. */
  @Test
  void aPipeIsRefusedThoughAMappingNamesItsColumns() throws Exception {
    Path pipe = folder.resolve("sales.csv");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Path mapping = write("columns.json", MAPPING);
    int code =
        assertTimeoutPreemptively(
            Duration.ofSeconds(60), () -> feed(pipe, "--dry-run", "--mapping", mapping.toString()));
    assertThat(code).isEqualTo(ExitCode.REFUSED.number());
    assertThat(err.toString())
        .contains(pipe + " is no regular file, as a pipe is none")
        .contains("could not be fed on where a run ended: save it as a file");
  }

  @Test
  void aJobOfAnotherKafkaClusterIsNotFed() throws IOException {
    try (CannedFlink flink = CannedFlink.start();
        CannedBroker broker = CannedBroker.start().topic("sluice.events", new CannedLog())) {
      String id = "0123456789abcdef0123456789abcdef";
      flink
          .tell(
              "/jobs/overview",
              "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"shop\",\"state\":\"RUNNING\",\"start-time\":0}]}"
                  .formatted(id))
          .tell(
              "/jobs/" + id + "/config",
              ("{\"execution-config\":{\"user-config\":{\"sluice-version\":\"1\","
                      + "\"sluice-kafka-cluster-id\":\"another\",\"sluice.model.labels\":\"yes,no\","
                      + "\"sluice.kafka.bootstrap-servers\":\"%s\"}}}")
                  .formatted(broker.servers()));
      String rest = flink.addresses().get(0).toString();
      assertThat(feed(write("e.jsonl", "{}"), "--job", "shop", "--rest", rest))
          .as(err.toString())
          .isEqualTo(ExitCode.REFUSED.number());
      assertThat(err.toString())
          .contains("nothing was fed", "cluster (canned)", "(another)", "[SLU-BROKERS]");
      assertThat(broker.asked()).doesNotContain(ApiKeys.FETCH.name(), ApiKeys.PRODUCE.name());
    }
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private int feed(Path file, String... more) throws IOException {
    Path settings =
        write(
            "sluice.yaml", "sluice.model.labels: yes,no\nsluice.features.declared: price:number\n");
    List<String> line =
        new ArrayList<>(List.of("feed", file.toString(), "--settings", settings.toString()));
    line.addAll(List.of(more));
    return ListedCodes.execute(
        Sluice.commandLine(ToolServices.real())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true)),
        line.toArray(String[]::new));
  }
}
