package dev.sluice.tool.cli;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.codec.EventDecoder;
import dev.sluice.event.Event;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.settings.JobSettings;
import dev.sluice.settings.SettingsSource;
import dev.sluice.support.OutputSchema;
import dev.sluice.support.StrictJson;
import dev.sluice.tool.events.CsvMapping;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InitCommandTest {

  private static final String CSV =
      """
      row,at,store,price,sky,sold
      1,2001-01-01 08:00:00,s1,2.5,clear,yes
      2,2001-01-01 09:00:00,s2,,"rain \"\"heavy\"\"",no
      3,2001-01-01 10:00:00,s1,3,clear,no
      """;

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void theJobReadsItsSettings() throws IOException {
    assertThat(init(CSV, "--time", "at", "--without", "row")).as(err.toString()).isZero();
    JobSettings job = settings();
    assertThat(job.jobName()).isEqualTo("shop");
    assertThat(job.kafka().bootstrapServers()).isEqualTo("b:1");
    assertThat(job.kafka().groupId()).isEqualTo("shop");
    assertThat(job.sink().transactionalIdPrefix()).isEqualTo("shop");
    assertThat(job.topics().all()).hasSize(7).allMatch(topic -> topic.startsWith("shop."));
    assertThat(job.model().labels()).containsExactly("no", "yes");
    assertThat(String.valueOf(job.input().rules().declared())).isEqualTo("price:number, sky:text");
    assertThat(job.input().toleranceMs()).as("the rows are old").isGreaterThan(366L * 86_400_000);
  }

  @Test
  void theSampleIsOfEventsThatTheJobTakes() throws IOException {
    assertThat(init(CSV, "--time", "at")).isZero();
    JobSettings job = settings();
    EventDecoder decoder = new EventDecoder(job.model().labels(), job.input().rules());
    List<String> lines = Files.readAllLines(made("sample.jsonl"));
    assertThat(lines).hasSize(6);
    for (String line : lines) {
      byte[] key = StrictJson.object(line).path("key").asText().getBytes(StandardCharsets.UTF_8);
      byte[] value = line.getBytes(StandardCharsets.UTF_8);
      assertThat(decoder.decode(new RawRecord(new Origin("t", 0, 0), -1, key, value)))
          .isNotInstanceOf(Event.Malformed.class);
    }
  }

  @Test
  void onlyTheOwnerReadsTheSample() throws IOException {
    assertThat(init(CSV)).as(err.toString()).isZero();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made("sample.jsonl"))))
        .isEqualTo("rw-------");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sluice.yaml", "sample.jsonl", "columns.json", "topics.sh"})
  void aLinkThatWaitsForAPartIsNotFollowed(String name) throws IOException {
    Path other = Files.writeString(folder.resolve("other"), "kept");
    Files.createDirectories(made(name).resolveSibling(""));
    Files.createSymbolicLink(made(name + ".part"), other);
    assertThat(init(CSV)).as(err.toString()).isZero();
    assertThat(other).hasContent("kept");
  }

  @Test
  void itSaysWhatComesNext() throws IOException {
    assertThat(init(CSV, "--time", "at")).isZero();
    assertThat(out.toString())
        .contains("3 rows, 2 keys in column store, from 2001-01-01T08:00:00Z")
        .contains("learns   sold: no, yes", "numbers  row, price", "texts    sky")
        .contains("    sh " + made("topics.sh"))
        .contains("No topics were created", "kafka-topics.sh", "init --create-topics --force")
        .contains("    flink run -d target/sluice-job.jar --settings " + made("sluice.yaml"))
        .contains("    sluice feed " + folder.resolve("shop.csv"))
        .contains("--job shop");
  }

  @Test
  void manyNumbersAreValuesUnlessNamedAsLabels() throws IOException {
    StringBuilder csv = new StringBuilder("store,price,sold\n");
    IntStream.range(0, 30).forEach(i -> csv.append("s,1,").append(i).append('\n'));
    assertThat(init(csv.toString())).as(err.toString()).isZero();
    assertThat(out.toString())
        .contains(
            "learns   the values of sold (more than 20 different numbers; if they are labels,")
        .contains("name them with --labels)");
    out.getBuffer().setLength(0);
    assertThat(init(csv.toString(), "--force", "--regression")).isZero();
    assertThat(out.toString()).contains("learns   the values of sold\n");
    String labels = IntStream.range(0, 30).mapToObj(Integer::toString).collect(joining(","));
    assertThat(init(csv.toString(), "--force", "--labels", labels)).isZero();
    assertThat(settings().model().labels()).hasSize(30);
  }

  @Test
  void theResultIsAsItsSchemaSays() throws IOException {
    assertThat(init(CSV, "-o", "json")).isZero();
    JsonNode json = StrictJson.object(out.toString());
    OutputSchema.require("init", json);
    assertThat(json.path("features").path("price").asText()).isEqualTo("number");
    assertThat(json.path("first").isNull()).isTrue();
  }

  @Test
  void nothingIsReplacedWithoutBeingTold() throws IOException {
    Files.createDirectories(made("x").getParent());
    Files.writeString(made("columns.json"), "mine");
    assertThat(init(CSV)).isEqualTo(ExitCode.REFUSED.number());
    assertThat(err.toString()).contains("columns.json is there already", "--force");
    assertThat(Files.readString(made("columns.json"))).isEqualTo("mine");
    assertThat(made("sluice.yaml")).doesNotExist();
    assertThat(init(CSV, "--force")).isZero();
    assertThat(CsvMapping.read(made("columns.json")).roles().key()).isEqualTo("store");
  }

  @Test
  void aRefusedTableLeavesNoFile() throws IOException {
    assertThat(init("store,sold\ns1,same\ns2,same\n")).isEqualTo(ExitCode.REFUSED.number());
    assertThat(err.toString()).contains("--label (sold)");
    assertThat(made("x").getParent()).doesNotExist();
  }

  @Test
  void manyCategoriesGetAWiderVector() throws IOException {
    StringBuilder csv = new StringBuilder("store,sold,sku\n");
    for (int i = 0; i < 600; i++) {
      csv.append("s,").append(i % 2).append(",sku").append(i % 300).append('\n');
    }
    assertThat(init(csv.toString())).isZero();
    assertThat(Files.readString(made("sluice.yaml"))).contains("sluice.features.width: \"512\"");
    assertThat(settings().model().labels()).containsExactly("0", "1");
  }

  @Test
  void numbersAreLearnedAsValues() throws IOException {
    assertThat(init("store,sold,p\na,1.5,2\nb,2.5,3\n", "--regression")).isZero();
    assertThat(settings().model().labels()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"a,b\"|column (a,b) can't be named in settings",
        "\"x\"\": y\"|ok",
        "\"# \u001b[2J 'q' \\ {}\"|ok",
        "sluice.job.name|ok"
      })
  void aColumnsNameIsNoSetting(String column, String result) throws IOException {
    int code = init("store,sold,%s\na,1,2\nb,2,3\n".formatted(column));
    if (result.equals("ok")) {
      assertThat(code).as(err.toString()).isZero();
      assertThat(settings().jobName()).isEqualTo("shop");
      assertThat(CsvMapping.read(made("columns.json")).features()).hasSize(1);
    } else {
      assertThat(code).isEqualTo(ExitCode.REFUSED.number());
      assertThat(err.toString()).contains(result, "--without");
    }
  }

  @Test
  void labelsThatSettingsCannotNameAreRefused() throws IOException {
    assertThat(init("store,sold\na,\"x,y\"\nb,z\n")).isEqualTo(ExitCode.REFUSED.number());
    assertThat(err.toString()).contains("label (x,y) can't be named");
  }

  private JobSettings settings() {
    return JobSettings.of(
        SettingsSource.read(new String[] {"--settings", made("sluice.yaml").toString()}, null));
  }

  private Path made(String file) {
    return folder.resolve("made").resolve(file);
  }

  private int init(String csv, String... more) throws IOException {
    Path file = Files.writeString(folder.resolve("shop.csv"), csv);
    List<String> line = new ArrayList<>(List.of("init", "shop", "--csv", file.toString()));
    line.addAll(List.of("--label", "sold", "--key", "store", "--bootstrap-servers", "b:1"));
    line.addAll(List.of("--directory", folder.resolve("made").toString()));
    Stream.of(more).forEach(line::add);
    return ListedCodes.execute(
        Sluice.commandLine(ToolServices.real())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true)),
        line.toArray(String[]::new));
  }
}
