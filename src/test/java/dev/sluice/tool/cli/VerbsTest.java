package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedFlink;
import dev.sluice.support.OutputSchema;
import dev.sluice.support.StrictJson;
import dev.sluice.tool.receipt.OlderModels;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import picocli.CommandLine;

/** The verbs that only read, against a JobManager with given answers. */
class VerbsTest {

  private static final String ID = "0123456789abcdef0123456789abcdef";
  private static final String JOB = "/jobs/" + ID;
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
  private static final String SAVEPOINT = "src/test/resources/golden/savepoint-flink-2.2";

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final String home = System.getProperty("user.home");
  private String command = "";
  private CannedFlink flink;

  @BeforeEach
  void start() throws IOException {
    System.setProperty("user.home", folder.toString());
    flink = CannedFlink.start().tell("/config", "{\"flink-version\":\"2.2.1\"}");
  }

  @AfterEach
  void end() {
    flink.close();
    System.setProperty("user.home", home);
  }

  @Test
  void theJobsAreListedWithWhatIsOurs() {
    runs("RUNNING", "127.0.0.1:1");
    assertThat(json(0, "list").path("jobs").path(0).path("transactionalIdPrefix").asText())
        .isEqualTo("mine");
    runs("FINISHED", "127.0.0.1:1");
    assertThat(json(0, "list").path("jobs")).isEmpty();
    assertThat(json(0, "list", "--all").path("jobs")).hasSize(1);
    assertThat(text(0, "list")).contains("--all");
  }

  @Test
  void statusShowsParallelismAndTheCheckpointsPlace() throws IOException {
    try (ServerSocket broker = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      runs("RUNNING", "127.0.0.1:" + broker.getLocalPort());
      assertThat(text(0, "status", "j"))
          .contains(
              "Parallelism 3",
              "Checkpoint  7, at ",
              ", file:/c/chk-7",
              "Saved       file:/s/sp-6",
              "Waiting     5 inputs");
      assertThat(json(0, "status", "j").path("lastSavepoint").asText()).isEqualTo("file:/s/sp-6");
      assertThat(json(0, "status", "j").path("lag").asLong(-1)).isEqualTo(5);
    }
  }

  /** Another tenant of the cluster may name its job as it likes. */
  @Test
  void aNameOfOthersIsNotObeyedByATerminal() {
    flink.tell(
        "/jobs/overview",
        "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"a\\u001b[2J\\u202e\\nb\",\"state\":\"FAILED\",\"start-time\":0}]}"
            .formatted(ID));
    flink
        .tell(JOB + "/checkpoints", "{\"latest\":{\"completed\":null},\"history\":[]}")
        .tell(JOB + "/config", "{\"jid\":\"%s\",\"name\":\"j\"}".formatted(ID))
        .tell(
            JOB + "/exceptions",
            "{\"exceptionHistory\":{\"entries\":[{\"stacktrace\":\"java.io.IOException: x\\u001b[31m\"}]}}");
    assertThat(text(0, "list", "--all")).contains("a?[2J??b").doesNotContain("\u001b");
    assertThat(text(1, "stop", "j", "--grace", "1s"))
        .contains("knows a?[2J??b")
        .doesNotContain("\u001b");
    assertThat(text(0, "status", ID)).contains("a?[2J??b", "x?[31m").doesNotContain("\u001b");
    assertThat(json(0, "list", "--all").path("jobs").path(0).path("name").asText())
        .as("for programs, as it is")
        .isEqualTo("a\u001b[2J\u202e\nb");
  }

  @Test
  void whatWaitsIsNotKnownWhileTheBrokersAreAway() throws IOException {
    int port;
    try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = gone.getLocalPort();
    }
    runs("RUNNING", "127.0.0.1:" + port);
    assertThat(text(0, "status", "j"))
        .contains("Waiting     not known: its brokers at 127.0.0.1:" + port)
        .doesNotContain("5 inputs");
    assertThat(json(0, "status", "j").path("lag").isNull()).isTrue();
  }

  @Test
  void whatWaitsIsNotKnownWhileTheJobRestarts() {
    runs("RESTARTING", "127.0.0.1:1");
    assertThat(text(0, "status", "j"))
        .contains("Waiting     not known: not all of its tasks run")
        .contains("Reason      IOException: disk full")
        .doesNotContain("5 inputs");
  }

  @Test
  void withoutFlinkTheJournalTells() throws IOException {
    write("receipt-j-1.json", 1, List.of());
    String silent = "http://127.0.0.1:1";
    assertThat(text(10, "status", "j", "--rest", silent, "--journal", journal()))
        .contains("not known", "does not answer", "[SLU-NO-ANSWER]", "receipt-j-1.json", "proved");
    JsonNode json = json(10, "status", "j", "--rest", silent, "--journal", journal());
    assertThat(json.path("state").asText()).isEqualTo("UNKNOWN");
    assertThat(json.path("outcome").asText()).isEqualTo("proved");
    assertThat(text(10, "status", "other", "--rest", silent, "--journal", journal()))
        .doesNotContain("receipt");
  }

  @Test
  void aJobThatFlinkHasForgottenIsToldByTheJournal() throws IOException {
    write(
        "receipt-j-1.json",
        1,
        List.of(
            new Receipt.Resumption(NOON, "f".repeat(32), 2, 0L, 0, Receipt.Resumption.State.RUNS)));
    flink.tell("/jobs/overview", "{\"jobs\":[]}");
    assertThat(text(1, "status", "j"))
        .contains("[SLU-NO-JOB]", "receipt-j-1.json", "--latest j", "f".repeat(32));
  }

  /** The receipt's own command would take a job back that was resumed since. */
  @Test
  void statusNamesOneCommandThatResumesWhatIsNewest() throws IOException {
    flink.tell("/jobs/overview", "{\"jobs\":[]}");
    write("receipt-new.json", 1, List.of());
    Path file = Path.of(journal(), "receipt-new.json");
    assertThat(resumedBy(1, "j")).isEqualTo("sluice resume " + file + " --settings s.yaml");
    for (Receipt.Resumption.State state : Receipt.Resumption.State.values()) {
      Files.delete(file);
      String name = "receipt-%s.json".formatted(state.code());
      write(name, 1, List.of(new Receipt.Resumption(NOON, "f".repeat(32), 2, 0L, 0, state)));
      file = Path.of(journal(), name);
      assertThat(resumedBy(1, "j"))
          .as(state.code())
          .isEqualTo("sluice resume --latest j --settings s.yaml");
    }
    runs("FINISHED", "127.0.0.1:1"); // Flink still reports the run that was stopped.
    flink.tell(
        "/jobs/overview",
        "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"j\",\"state\":\"FINISHED\",\"start-time\":%s}]}"
            .formatted(ID, NOON.toEpochMilli()));
    entry(file);
    assertThat(resumedBy(0, ID)).isEqualTo("sluice resume --latest j --settings s.yaml");
  }

  /** The journal may be mounted elsewhere than where the stop was, or be a link to it. */
  @Test
  void theCommandReachesTheStopsClusterWhereverTheReceiptLies() throws IOException {
    flink.tell("/jobs/overview", "{\"jobs\":[]}");
    command =
        "sluice resume '/at the stop/it'\\''s/r.json' --context prod --rest https://prod:8081";
    write(
        "receipt-far.json",
        1,
        List.of(
            new Receipt.Resumption(NOON, "f".repeat(32), 2, 0L, 0, Receipt.Resumption.State.RUNS)));
    assertThat(resumedBy(1, "j"))
        .isEqualTo("sluice resume --latest j --context prod --rest https://prod:8081");
  }

  /** 'resume --latest' looks in the journal alone. */
  @Test
  void theCommandOfAReceiptThatLiesElsewhereIsNamedToo() throws IOException {
    Path elsewhere = Files.createDirectories(folder.resolve("else")).resolve("r.json");
    command = "sluice resume " + elsewhere + " --settings s.yaml";
    write(
        "receipt-moved.json",
        1,
        List.of(
            new Receipt.Resumption(
                NOON, "f".repeat(32), 2, 0L, 0, Receipt.Resumption.State.ASKED)));
    Files.move(Path.of(journal(), "receipt-moved.json"), elsewhere);
    runs("FINISHED", "127.0.0.1:1");
    flink.tell(
        "/jobs/overview",
        "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"j\",\"state\":\"FINISHED\",\"start-time\":%s}]}"
            .formatted(ID, NOON.toEpochMilli()));
    entry(elsewhere);
    assertThat(json(0, "status", ID).path("resume").asText())
        .isEqualTo("sluice resume --latest j --settings s.yaml");
    assertThat(text(0, "status", ID))
        .contains("Resume      sluice resume --latest j --settings s.yaml\n", command + "\n");
  }

  /** The only command that status names, to people and to programs. */
  private String resumedBy(int code, String job) {
    String reported = json(code, "status", job).path("resume").asText();
    String text = text(code, "status", job);
    assertThat(text.split("sluice resume", -1)).as(text).hasSize(2);
    assertThat(text).contains("Resume      " + reported + "\n");
    return reported;
  }

  @Test
  void theHistoryIsTheJournalsTheNewestFirst() throws IOException {
    write("receipt-a.json", 1, List.of());
    write(
        "receipt-b.json",
        5,
        List.of(
            new Receipt.Resumption(NOON, "f".repeat(32), 2, 0L, 0, Receipt.Resumption.State.RUNS)));
    Files.writeString(Path.of(journal(), "receipt-c.json"), "{");
    JsonNode json = json(0, "history");
    assertThat(json.path("stops").findValuesAsText("receipt"))
        .extracting(file -> Path.of(file).getFileName().toString())
        .containsExactly("receipt-b.json", "receipt-a.json");
    assertThat(json.path("stops").path(0).path("resumedAs").path(0).asText())
        .isEqualTo("f".repeat(32));
    assertThat(json.path("passedOver")).hasSize(1);
    assertThat(json(0, "history", "other").path("stops")).isEmpty();
    assertThat(text(0, "history", "j")).contains("proved", "resumed as", "passed over");
  }

  @Test
  void theHistoryTellsEveryResumption() throws IOException {
    List<Receipt.Resumption> all = new ArrayList<>();
    for (Receipt.Resumption.State state : Receipt.Resumption.State.values()) {
      all.add(
          new Receipt.Resumption(NOON, state.code().substring(0, 1).repeat(32), 2, 0L, 0, state));
    }
    write("receipt-a.json", 1, all);
    assertThat(text(0, "history"))
        .contains(
            "perhaps resumed as " + "a".repeat(32),
            "resumed as " + "s".repeat(32) + " (not seen to make progress)",
            ", resumed as " + "r".repeat(32));
    JsonNode stop = json(0, "history").path("stops").path(0);
    assertThat(stop.path("resumedAs")).as("those that Flink took").hasSize(2);
    assertThat(stop.path("resumptions").findValuesAsText("state"))
        .containsExactly("asked", "submitted", "runs");
  }

  /** Its receipt is the stop's in everything but the models. */
  @Test
  void theHistoryTellsOlderModelsFromAStop() throws IOException {
    write("receipt-a.json", 1, List.of());
    Path file = Path.of(journal(), "receipt-a.json");
    ObjectNode json = (ObjectNode) StrictJson.object(Files.readString(file));
    json.putArray("warnings").add(OlderModels.warning("file:/older", "file:/newest"));
    Files.writeString(Path.of(journal(), "receipt-b.json"), json.toString());
    JsonNode stops = json(0, "history").path("stops");
    assertThat(stops.findValuesAsText("kind"))
        .containsExactlyInAnyOrder("stop", "models-only rollback");
    assertThat(stops.findValuesAsText("modelsFrom")).containsExactly("file:/older");
    assertThat(text(0, "history").lines().filter(line -> line.contains("receipt-b.json")))
        .singleElement()
        .asString()
        .contains("models-only rollback", "models of file:/older, not a stop")
        .doesNotContain("proved");
  }

  @ParameterizedTest
  @CsvSource({
    "RUNNING,running,0",
    "RUNNING,checkpoint,0",
    "RUNNING,over,4",
    "RUNNING,stopped,4",
    "FINISHED,over,0",
    "FAILED,running,9",
    "FAILED,checkpoint,9",
    "CANCELED,stopped,9",
  })
  void waitTellsWhetherItHasCome(String state, String wanted, int code) {
    runs(state, "127.0.0.1:1");
    JsonNode json = json(code, "wait", "j", "--for", wanted, "--timeout", "1s");
    assertThat(json.path("exitCode").asInt()).isEqualTo(code);
    assertThat(json.path("state").asText()).isEqualTo(state);
  }

  @Test
  void waitForAFlinkThatDoesNotAnswerIsToTryAgain() {
    assertThat(
            text(
                10,
                "wait",
                "j",
                "--for",
                "over",
                "--timeout",
                "1s",
                "--rest",
                "http://127.0.0.1:1"))
        .contains("[SLU-NO-ANSWER]");
  }

  @ParameterizedTest
  @CsvSource({
    // what Flink says; whether the stop's receipt is written, whether the job was resumed; the code
    "silent,true,false,10",
    "forgotten,true,false,10",
    "silent,true,true,10",
    "silent,false,false,10",
    "forgotten,false,false,10",
  })
  void waitForAStopNamesAnOlderReceiptAndIsNotAnsweredByIt(
      String says, boolean receipt, boolean resumed, int code) throws IOException {
    write(
        "receipt-j-1.json",
        1,
        resumed
            ? List.of(new Receipt.Resumption(NOON, ID, 2, 0L, 0, Receipt.Resumption.State.RUNS))
            : List.of());
    entry(receipt ? Path.of(journal(), "receipt-j-1.json") : null);
    Path entry = Path.of(journal(), ID + ".json");
    String addresses = "\"http://127.0.0.1:1\", \"%s\"".formatted(flink.addresses().get(0));
    Files.writeString(
        entry,
        Files.readString(entry)
            .replace("{\"version\"", "{\"rest\": [" + addresses + "], \"version\""));
    flink.tell("/jobs/overview", "{\"jobs\":[]}");
    List<String> line =
        new ArrayList<>(List.of("wait", "j", "--for", "stopped", "--timeout", "1s"));
    if (says.equals("silent")) {
      line.addAll(List.of("--rest", "http://127.0.0.1:1"));
    }
    assertThat(text(code, line.toArray(String[]::new)))
        .contains("[SLU-NO-ANSWER]")
        .matches(text -> text.contains("receipt-j-1.json") == receipt)
        .matches(text -> text.contains("was resumed since") == resumed);
  }

  @Test
  void aJournalThatIsAFileIsNoEmptyOne() throws IOException {
    String file = Files.writeString(folder.resolve("file"), "").toString();
    assertThat(text(1, "history", "--journal", file)).contains(file, "no directory");
  }

  @ParameterizedTest
  @ValueSource(strings = {"stop", "drill"})
  void aReceiptOfAnotherStopIsNotWrittenOver(String verb) throws IOException {
    write("receipt-old.json", 1, List.of());
    String old = Path.of(journal(), "receipt-old.json").toString();
    String before = Files.readString(Path.of(old));
    String[] line = {verb, "j", "--receipt", old, "--rest", "http://127.0.0.1:1", "--grace", "1s"};
    assertThat(text(2, line)).contains(old, "of another stop");
    entry(Path.of(old)); // now it is the last stop's: a stop that continues writes it again
    assertThat(text(10, line)).contains("does not answer");
    assertThat(Path.of(old)).hasContent(before);
    Files.writeString(folder.resolve("notes"), "mine");
    line[3] = folder.resolve("notes").toString();
    assertThat(text(1, line)).contains("notes is no receipt");
  }

  @Test
  void aTextThatQuotesACodeIsNoAnswerOfAnybody() {
    assertThat(text(1, "verify", "of-[SLU-NO-ANSWER]-others")).contains("nothing is there");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-o json", "-o=json", "-ojson", "--output-format json"})
  void wrongUsageIsAnObjectInJsonToo(String form) {
    List<String> line = new ArrayList<>(List.of("stop", "j", "--nope"));
    line.addAll(List.of(form.split(" ")));
    assertThat(execute(line)).isEqualTo(2);
    JsonNode json = StrictJson.object(out.toString());
    OutputSchema.require("error", json);
    assertThat(json.path("exitCode").asInt()).isEqualTo(2);
    assertThat(json.path("text").asText()).contains("--nope");
  }

  @Test
  void latestNeedsAJobAndNothingElse() {
    assertThat(text(2, "resume")).contains("--latest JOB");
    assertThat(text(2, "resume", "x", "--latest", "j")).contains("not both");
  }

  @Test
  void latestTakesTheReceiptOfTheLastStop() throws IOException {
    write("receipt-old.json", 1, List.of());
    write("receipt-new.json", 5, List.of());
    flink.tell("/jobs/overview", "{\"jobs\":[]}").tell("/jobmanager/config", "[]");
    assertThat(text(1, "resume", "--latest", "j", "--journal", journal()))
        .contains("the newest is " + Path.of(journal(), "receipt-new.json"));
  }

  @Test
  void latestTakesACheckpointOfTheRunSinceThen() throws IOException {
    write(
        "receipt-old.json",
        1,
        List.of(new Receipt.Resumption(NOON, ID, 2, 0L, 0, Receipt.Resumption.State.RUNS)));
    Path kept = folder.resolve("checkpoints").resolve(ID).resolve("chk-9");
    copy(Path.of(SAVEPOINT), kept);
    flink
        .tell("/jobs/overview", "{\"jobs\":[]}")
        .tell(
            "/jobmanager/config",
            "[{\"key\":\"execution.checkpointing.dir\",\"value\":\"%s\"}]"
                .formatted(folder.resolve("checkpoints").toUri()));
    assertThat(text(1, "resume", "--latest", "j", "--journal", journal()))
        .containsPattern("the newest is file:.*/checkpoints/" + ID + "/chk-9");
    Files.delete(kept.resolve("_metadata"));
    assertThat(text(1, "resume", "--latest", "j", "--journal", journal()))
        .contains("the newest is " + Path.of(journal(), "receipt-old.json"));
  }

  @Test
  void openTransactionsAreListedWithTheSavepointThatNamesThem() throws IOException {
    write("receipt-j.json", 1, List.of());
    runs("RUNNING", "127.0.0.1:1");
    try (CannedBroker broker =
        CannedBroker.start()
            .transaction("mine-0-1", 7, 3, "Ongoing")
            .transaction("mine-0-2", 8, 0, "Ongoing")
            .transaction("other-0-1", 9, 0, "Ongoing")) {
      String[] line = {
        "transactions", "list", "--prefix", "mine", "--bootstrap-servers", broker.servers()
      };
      JsonNode rows = json(0, line).path("transactions");
      assertThat(rows.findValuesAsText("transactionalId"))
          .containsExactlyInAnyOrder("mine-0-1", "mine-0-2");
      for (JsonNode row : rows) {
        boolean named = row.path("transactionalId").asText().equals("mine-0-1");
        assertThat(row.path("savepoint").asText("").endsWith("receipt-j.json/")).isEqualTo(named);
        assertThat(row.path("owner").asText()).contains("job (j)", ID);
      }
      assertThat(text(0, line)).contains("committed by the resume from", "mine-0-2  open");
    }
  }

  @Test
  void onlyOrphansWouldBeAborted() throws IOException {
    write("receipt-j.json", 1, List.of());
    flink.tell("/jobs/overview", "{\"jobs\":[]}").tell("/jobmanager/config", "[]");
    try (CannedBroker broker =
        CannedBroker.start()
            .transaction("mine-0-1", 7, 3, "Ongoing")
            .transaction("mine-0-2", 8, 0, "Ongoing")) {
      String[] line = {
        "transactions",
        "abort",
        "--prefix",
        "mine",
        "--id",
        "mine-0-1",
        "--id",
        "mine-0-2",
        "--dry-run",
        "--watch",
        "1s",
        "--bootstrap-servers",
        broker.servers()
      };
      JsonNode rows = json(1, line).path("transactions");
      assertThat(rows.findValuesAsText("outcome")).containsExactly("refused", "abortable");
      assertThat(rows.path(0).path("codes").path(0).path("code").asText())
          .isEqualTo("SLU-ABORT-NAMED");
      assertThat(rows.path(0).path("resume").asText()).endsWith("receipt-j.json");
      assertThat(text(1, line)).contains("mine-0-1  refused: ", "mine-0-2  would be aborted: ");
      assertThat(broker.asked()).doesNotContain("INIT_PRODUCER_ID");
      List<String> silent = new ArrayList<>(List.of(line));
      silent.addAll(List.of("--rest", "http://127.0.0.1:1"));
      assertThat(text(10, silent.toArray(String[]::new))).contains("[SLU-NO-ANSWER]");
    }
  }

  @Test
  void versionTellsFlinksToo() {
    assertThat(json(0, "version").path("flink").asText()).isEqualTo("2.2.1");
    assertThat(json(0, "version", "--rest", "http://127.0.0.1:1").path("flink").isNull()).isTrue();
  }

  @Test
  void versionRefusesNothingThatAContextOrTheEnvironmentSays() {
    json(0, "context", "set", "kaf", "--bootstrap-servers", "k:1");
    assertThat(execute(List.of("version", "--context", "kaf"))).as(err.toString()).isZero();
    assertThat(out.toString())
        .contains("sluice ", "flink  (not asked: ", "kaf names no JobManager");
    assertThat(execute(List.of("version", "--context", "nosuch"))).as(err.toString()).isZero();
    assertThat(out.toString()).contains("sluice ", "--context (nosuch) is none of the contexts");
    assertThat(execute(List.of("version", "--context", "kaf", "-o", "json"))).isZero();
    JsonNode json = StrictJson.object(out.toString());
    OutputSchema.require("version", json);
    assertThat(json.path("flink").isNull()).isTrue();
    assertThat(text(2, "version", "--rest", "nowhere")).contains("--rest");
  }

  @ParameterizedTest
  @ValueSource(strings = {"dead-letters j", "audit", "audit --receipt R --events snapshot.events"})
  void withoutAJobManagerTheBrokersAreAsked(String verb) throws IOException {
    write("receipt-j-1.json", 1, List.of());
    // It can't be an address: Kafka's client shows it at once and connects to no broker.
    json(0, "context", "set", "kaf", "--bootstrap-servers", "of-the-context");
    List<String> line =
        new ArrayList<>(
            List.of(verb.replace("R", Path.of(journal(), "receipt-j-1.json") + "").split(" ")));
    line.addAll(List.of("--context", "kaf", "--journal", journal()));
    assertThat(execute(line)).as(err.toString()).isOne();
    assertThat(err.toString()).contains("of-the-context");
  }

  @Test
  void transactionsAreListedWithoutAJobManager() throws IOException {
    try (CannedBroker broker = CannedBroker.start().transaction("mine-0-1", 7, 3, "Ongoing")) {
      json(0, "context", "set", "kaf", "--bootstrap-servers", broker.servers());
      List<String> line =
          new ArrayList<>(
              List.of("transactions list --prefix mine --context kaf --journal".split(" ")));
      line.add(journal());
      assertThat(execute(line)).as(err.toString()).isZero();
      assertThat(out.toString()).contains("mine-0-1", "of not known: no JobManager is named");
    }
  }

  @Test
  void contextsAreSetUsedAndShown() {
    json(0, "context", "set", "prod", "--rest", "http://a:1", "--settings", "/s.yaml");
    assertThat(json(0, "context", "show").path("name").asText()).isEqualTo("none");
    json(0, "context", "use", "prod");
    assertThat(json(0, "context", "show").path("places").path("rest").asText())
        .isEqualTo("http://a:1");
    assertThat(json(0, "context", "list").path("current").asText()).isEqualTo("prod");
    assertThat(text(1, "context", "use", "pord")).contains("[prod]");
  }

  @ParameterizedTest
  @CsvSource({
    "inspect," + SAVEPOINT,
    "inspect," + SAVEPOINT + " --keys",
    "lint,flink-conf",
  })
  void otherVerbsPrintWhatTheirSchemasSay(String verb, String arguments) {
    List<String> line = new ArrayList<>(List.of(verb));
    line.addAll(List.of(arguments.split(" ")));
    line.addAll(List.of("-o", "json"));
    assertThat(execute(line)).as(err.toString()).isIn(0, 1, 5);
    OutputSchema.require(verb, StrictJson.object(out.toString()));
  }

  @Test
  void yamlIsTheSameAsJson() {
    runs("RUNNING", "127.0.0.1:1");
    json(0, "list");
    String asJson = out.toString();
    assertThat(execute(with(List.of("list", "-o", "yaml")))).isZero();
    Load yaml = new Load(LoadSettings.builder().build());
    assertThat(out.toString()).startsWith("---");
    assertThat(yaml.loadFromString(out.toString())).isEqualTo(yaml.loadFromString(asJson));
  }

  @Test
  void textsOfYamlAreQuotedForReadersOfItsOldVersion() {
    json(0, "context", "set", "no", "--rest", "http://a:1");
    assertThat(execute(List.of("context", "show", "no", "-o", "yaml"))).isZero();
    assertThat(out.toString()).contains("\"no\"").doesNotContain(": no\n");
    assertThat(execute(with(List.of("history", "-o", "yaml")))).isZero();
    assertThat(out.toString()).contains("\"stops\": []");
  }

  @ParameterizedTest
  @CsvSource({
    "always,,false,true",
    "never,,true,false",
    "auto,,true,true",
    "auto,,false,false",
    "auto,1,true,false"
  })
  void coloursAreForTerminalsAndNotWithNoColor(
      String when, String noColor, boolean terminal, boolean coloured) {
    Console console = new Console();
    console.color = Console.Color.valueOf(when);
    assertThat(
            console.colours(
                Map.of("TERM", "xterm", "NO_COLOR", noColor == null ? "" : noColor), terminal))
        .isEqualTo(coloured);
  }

  @Test
  void quietSaysResultsAndErrorsOnly() {
    int code =
        execute(
            List.of(
                "stop",
                "j",
                "--grace",
                "1s",
                "--rest",
                "http://127.0.0.1:1",
                "--quiet",
                "--journal",
                journal()));
    assertThat(code).isEqualTo(10);
    assertThat(err.toString().lines()).allMatch(line -> line.contains("FAILED"));
    assertThat(out.toString()).contains("[SLU-NO-ANSWER]");
  }

  @Test
  void verboseSaysWhy() {
    assertThat(text(10, "list", "--rest", "http://127.0.0.1:1")).doesNotContain("\tat ");
    assertThat(text(10, "list", "--rest", "http://127.0.0.1:1", "-v"))
        .contains("UnansweredException", "\tat ");
  }

  static Stream<String> verbsWithAResult() {
    List<String> all = new ArrayList<>();
    Sluice.commandLine(ToolServices.real())
        .getSubcommands()
        .forEach((name, verb) -> collect(name, verb, all));
    return all.stream();
  }

  private static void collect(String name, CommandLine verb, List<String> all) {
    if (verb.getCommandSpec().optionsMap().containsKey("--output-format")) {
      all.add(name);
    }
    verb.getSubcommands().forEach((sub, command) -> collect(name + " " + sub, command, all));
  }

  @ParameterizedTest
  @MethodSource("verbsWithAResult")
  void everyVerbWithAResultHasASchemaThatIsPrinted(String verb) {
    List<String> line = new ArrayList<>(List.of("schema"));
    line.addAll(List.of(verb.split(" ")));
    assertThat(execute(line)).isZero();
    assertThat(
            StrictJson.object(out.toString().replaceAll("\\s*\n\\s*", " ")).path("title").asText())
        .startsWith("sluice " + verb.split(" ", -1)[0]);
  }

  private void runs(String state, String servers) {
    boolean all = state.equals("RUNNING");
    flink
        .tell(
            "/jobs/overview",
            "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"j\",\"state\":\"%s\",\"start-time\":0}]}"
                .formatted(ID, state))
        .tell(JOB + "/status", "{\"status\":\"%s\"}".formatted(state))
        .tell(
            JOB,
            ("{\"state\":\"%s\",\"now\":1,\"vertices\":[{\"id\":\"v\",\"name\":\"Source: "
                    + "events\",\"parallelism\":3,\"status\":\"%s\"}]}")
                .formatted(state, all ? "RUNNING" : "SCHEDULED"))
        .tell(
            JOB + "/config",
            "{\"execution-config\":{\"user-config\":{\"sluice-version\":\"1\",\"sluice.sink.transactional-id-prefix\":\"mine\",\"sluice.kafka.bootstrap-servers\":\"%s\"}}}"
                .formatted(servers))
        .tell(
            JOB + "/checkpoints",
            "{\"latest\":{\"completed\":{\"id\":7,\"latest_ack_timestamp\":0,\"external_path\":\"file:/c/chk-7\"},\"savepoint\":{\"external_path\":\"file:/s/sp-6\"}},\"history\":[]}")
        .tell(
            JOB + "/exceptions",
            "{\"exceptionHistory\":{\"entries\":[{\"stacktrace\":\"java.io.IOException: disk full\\n\\tat x\"}]}}")
        .tell(
            JOB + "/vertices/v/subtasks/metrics",
            "[{\"id\":\"0.Source.pendingRecords\",\"sum\":5}]");
  }

  private JsonNode json(int code, String... words) {
    List<String> line = with(List.of(words));
    line.addAll(List.of("-o", "json"));
    assertThat(execute(line)).as(err.toString() + out).isEqualTo(code);
    JsonNode json = StrictJson.object(out.toString());
    boolean two = words[0].equals("context") || words[0].equals("transactions");
    String verb = two ? words[0] + "-" + words[1] : words[0];
    OutputSchema.require(verb, json);
    return json;
  }

  private String text(int code, String... words) {
    assertThat(execute(with(List.of(words)))).as(err.toString() + out).isEqualTo(code);
    return err.toString() + out;
  }

  /** Where Flink and the journal are, unless the line says so. */
  private List<String> with(List<String> words) {
    List<String> line = new ArrayList<>(words);
    boolean reaches = !words.get(0).equals("context");
    if (reaches && !words.contains("--rest")) {
      line.addAll(List.of("--rest", flink.addresses().get(0).toString()));
    }
    if (reaches && !words.contains("--journal")) {
      line.addAll(List.of("--journal", journal()));
    }
    return line;
  }

  private int execute(List<String> line) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    CommandLine tool =
        Sluice.commandLine(ToolServices.real())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true));
    return ListedCodes.execute(Sluice.plain(tool), line.toArray(String[]::new));
  }

  private String journal() {
    return folder.resolve("stops").toString();
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  /** A stop in the journal, over if it has a receipt. */
  private void entry(@Nullable Path receipt) throws IOException {
    Files.writeString(
        Path.of(journal(), ID + ".json"),
        """
        {"version": 4, "triggerId": "t", "startedAt": "%s", "drain": false, "nativeFormat": false,
         "attempt": 0, "jobStartedAt": "%s", "savepoint": "file:/s", "receipt": %s,
         "job": {"id": "%s", "name": "j", "flinkVersion": "2.2.1", "version": "1", "parallelism": 1,
                 "settings": {}, "flink": {}}}
        """
            .formatted(NOON, NOON, receipt == null ? null : "\"" + receipt + "\"", ID));
  }

  private void write(String name, int hours, List<Receipt.Resumption> resumptions)
      throws IOException {
    Files.createDirectories(Path.of(journal()));
    Path savepoint = folder.resolve("savepoints").resolve(name);
    copy(Path.of(SAVEPOINT), savepoint);
    ReceiptFile.write(
        Path.of(journal(), name),
        new Receipt(
            Receipt.VERSION,
            "sluice",
            StopResult.Kind.PROVED,
            NOON,
            NOON.plusSeconds(hours * 3_600L),
            new Receipt.Job(ID, "j", "2.2.1", "1", 2, new TreeMap<>(), "", new TreeMap<>(), ""),
            new Receipt.Snapshot(
                savepoint.toUri().toString(), "savepoint", 1, "canonical", false, 0, List.of()),
            new TreeMap<>(),
            List.of(new Receipt.Transaction("mine-0-1", 7, 3, "open")),
            null,
            List.of(),
            List.of(),
            List.of(),
            new Receipt.Resume(
                command.isEmpty()
                    ? "sluice resume " + Path.of(journal(), name) + " --settings s.yaml"
                    : command,
                "flink run x"),
            resumptions,
            false,
            List.of()),
        ReceiptKeys.NONE);
  }
}
