package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.CannedFlink;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/**
 * Every verb that asks brokers asks the given ones, wherever they are given. The addresses of this
 * test can't be one, so that Kafka's client shows them at once and connects to no broker.
 */
class EveryVerbsBrokersTest {

  private static final String ID = "0123456789abcdef0123456789abcdef";
  private static final String SAVEPOINT = "src/test/resources/golden/savepoint-flink-2.2";
  private static final String OF_THE_CONTEXT = "of-the-context";
  private static final String OF_THE_FLAG = "of-the-flag";
  private static final String EVENT =
      "{\"type\":\"outcome\",\"id\":\"1\",\"key\":\"k\",\"time\":1,\"label\":\"late\"}\n";

  /** Of each verb that asks brokers, a line that makes it ask; R is a receipt, S its savepoint. */
  private static final SortedMap<String, String> LINES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("stop", "j --grace 1s --dry-run"),
              Map.entry("guard", ""), // see the test of its policy
              Map.entry("drill", "j --grace 1s --dry-run --jar pom.xml"),
              Map.entry("verify", "R"),
              Map.entry(
                  "resume",
                  "R --print --sluice.features.width 16 --sluice.topics.events snapshot.events"),
              Map.entry(
                  "rollback",
                  "R --sluice.features.width 16 --sluice.topics.events snapshot.events"),
              Map.entry("audit", "--savepoint S --events snapshot.events"),
              Map.entry("score", ""),
              Map.entry("train", "--from-topics --output D"),
              Map.entry("replay", ""),
              Map.entry("dead-letters", "j"),
              Map.entry("feed", "E"),
              Map.entry("init", "x --csv C --label l --key k --directory D --create-topics"),
              Map.entry("transactions list", ""),
              Map.entry("transactions abort", "--older-than 20m --dry-run"),
              Map.entry("control pause", ""),
              Map.entry("control resume", ""),
              Map.entry("control promote", "--uri u --version 2 --sha256 " + "a".repeat(64)),
              Map.entry("control confirm", "--version 2"),
              Map.entry("control drop", "--version 2"),
              Map.entry("control serve", "champion"),
              Map.entry("control reset", "--every-key"),
              Map.entry("control forget", "--key k")));

  /** They ask Flink or read the journal. */
  private static final Set<String> ASK_NO_BROKERS =
      Set.of("list", "history", "wait", "version", "status", "inspect");

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final String home = System.getProperty("user.home");
  private CannedFlink flink;
  private String rest = "";

  @BeforeEach
  void start() throws IOException {
    System.setProperty("user.home", folder.toString());
    flink = CannedFlink.start();
    rest = flink.addresses().get(0).toString();
    new Contexts(Contexts.file(Map.of()), "", new TreeMap<>())
        .with(new Context("prod", Map.of("rest", rest, "bootstrap-servers", OF_THE_CONTEXT)))
        .using("prod")
        .write();
    runs();
  }

  @AfterEach
  void end() {
    flink.close();
    System.setProperty("user.home", home);
  }

  static Set<String> verbs() {
    Set<String> all = new TreeSet<>();
    collect("", Sluice.commandLine(ToolServices.real()), all);
    return all;
  }

  static Stream<String> verbsThatAsk() {
    return verbs().stream().filter(verb -> !ASK_NO_BROKERS.contains(verb));
  }

  /** Every verb that takes the brokers. */
  private static void collect(String name, CommandLine command, Set<String> all) {
    if (command.getCommandSpec().optionsMap().keySet().contains("--context")) {
      all.add(name);
    }
    command
        .getSubcommands()
        .forEach((sub, verb) -> collect(name.isEmpty() ? sub : name + " " + sub, verb, all));
  }

  @Test
  void everyVerbIsInOneOfTheTables() {
    Set<String> tables = new TreeSet<>(LINES.keySet());
    tables.addAll(ASK_NO_BROKERS);
    assertThat(verbs()).as("a verb that connects: say here how it asks").isEqualTo(tables);
  }

  @ParameterizedTest
  @MethodSource("verbsThatAsk")
  void theBrokersOfTheContextInUseAreAsked(String verb) throws IOException {
    assertThat(asked(verb, "--rest", rest)).contains(OF_THE_CONTEXT).doesNotContain(":9092");
  }

  @ParameterizedTest
  @MethodSource("verbsThatAsk")
  void theBrokersOfTheFlagGoBeforeThose(String verb) throws IOException {
    assertThat(asked(verb, "--rest", rest, "--bootstrap-servers", OF_THE_FLAG))
        .contains(OF_THE_FLAG)
        .doesNotContain(OF_THE_CONTEXT);
  }

  @ParameterizedTest
  @MethodSource("verbsThatAsk")
  void aSettingOneByOneIsAFlag(String verb) throws IOException {
    assertThat(
            asked(verb, "--rest", rest, "--sluice.kafka.bootstrap-servers", OF_THE_FLAG + "-too"))
        .contains(OF_THE_FLAG + "-too")
        .doesNotContain(OF_THE_CONTEXT);
  }

  private String asked(String verb, String... flags) throws IOException {
    List<String> line = new ArrayList<>(List.of(verb.split(" ")));
    String arguments =
        Objects.requireNonNull(LINES.get(verb), verb)
            .replace("R", receipt().toString())
            .replace("S", folder.resolve("savepoint").toString())
            .replace("E", Files.writeString(folder.resolve("e.jsonl"), EVENT).toString())
            .replace("C", Files.writeString(folder.resolve("c.csv"), "l,k\na,b\nb,b\n").toString())
            .replace("D", folder.resolve("x").toString());
    line.addAll(Stream.of(arguments.split(" ")).filter(word -> !word.isEmpty()).toList());
    line.addAll(List.of("--journal", folder.resolve("stops").toString()));
    line.addAll(List.of(flags));
    CommandLine tool =
        Sluice.commandLine(ToolServices.real())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true));
    if (verb.equals("guard")) { // it would wait for a signal
      line.add("j");
      tool.parseArgs(line.toArray(String[]::new));
      GuardCommand guard =
          (GuardCommand)
              Objects.requireNonNull(tool.getSubcommands().get(verb)).getCommandSpec().userObject();
      return guard.options.policy(false).settings().toString();
    }
    ListedCodes.execute(tool, line.toArray(String[]::new));
    return err.toString() + out;
  }

  private void runs() {
    String job = "/jobs/" + ID;
    flink
        .tell(
            "/jobs/overview",
            "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"j\",\"state\":\"RUNNING\",\"start-time\":0}]}"
                .formatted(ID))
        .tell(job + "/status", "{\"status\":\"RUNNING\"}")
        .tell(
            job,
            "{\"state\":\"RUNNING\",\"now\":1,\"vertices\":[{\"id\":\"v\",\"name\":\"Source: "
                + "events\",\"parallelism\":1,\"status\":\"RUNNING\"}]}")
        .tell(
            job + "/config",
            "{\"execution-config\":{\"user-config\":{\"sluice-version\":\"1\",\"sluice.kafka.bootstrap-servers\":\"127.0.0.1:9092\"}}}")
        .tell(
            job + "/checkpoints",
            "{\"latest\":{\"completed\":{\"id\":7,\"latest_ack_timestamp\":0,\"external_path\":\"file:/c/chk-7\"}},\"history\":[]}")
        .tell(job + "/checkpoints/config", "{\"interval\":1000,\"timeout\":1000}")
        .tell("/jobmanager/config", "[]")
        .tell("/config", "{\"flink-version\":\"2.2.1\",\"features\":{\"web-submit\":true}}");
  }

  private Path receipt() throws IOException {
    Path savepoint = folder.resolve("savepoint");
    Files.createDirectories(savepoint);
    try (Stream<Path> files = Files.list(Path.of(SAVEPOINT))) {
      for (Path file : files.toList()) {
        Files.copy(file, savepoint.resolve(file.getFileName()));
      }
    }
    Path file = folder.resolve("receipt.json");
    Instant noon = Instant.parse("2026-11-22T12:00:00Z");
    ReceiptFile.write(
        file,
        new Receipt(
            Receipt.VERSION,
            "sluice",
            StopResult.Kind.PROVED,
            noon,
            noon,
            new Receipt.Job(ID, "j", "2.2.1", "1", 2, new TreeMap<>(), "", new TreeMap<>(), ""),
            new Receipt.Snapshot(
                savepoint.toUri().toString(), "savepoint", 1, "canonical", false, 0, List.of()),
            new TreeMap<>(),
            List.of(),
            null,
            List.of(),
            List.of(),
            List.of(),
            new Receipt.Resume("sluice resume x", "flink run x"),
            List.of(),
            false,
            List.of()),
        ReceiptKeys.NONE);
    return file;
  }
}
