package dev.sluice.tool.cli;

import static dev.sluice.tool.cli.InspectedKeys.CANONICAL;
import static dev.sluice.tool.cli.InspectedKeys.CHECKPOINT;
import static dev.sluice.tool.cli.InspectedKeys.GOLDEN;
import static dev.sluice.tool.cli.InspectedKeys.write;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.control.ControlState;
import dev.sluice.event.Command.Part;
import dev.sluice.support.CannedFlink;
import dev.sluice.support.OutputSchema;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One key of a savepoint, and of a checkpoint of a job that runs. */
class InspectKeyTest {

  private static final String ID = "0123456789abcdef0123456789abcdef";
  private static final String CHECKPOINTS = "/jobs/" + ID + "/checkpoints";
  private static final String JOBS =
      """
      {"jobs":[{"jid":"%s","name":"sluice","state":"RUNNING","start-time":1}]}"""
          .formatted(ID);

  @TempDir Path folder;

  private final InspectedKeys.Tool tool = new InspectedKeys.Tool();
  private final StringWriter out = tool.out();
  private final StringWriter err = tool.err();

  @Test
  void eventsOfTheKeyNameItsHashedColumns() throws Exception {
    String snapshot = write(folder, Map.of("LAS", 40));
    Path events = folder.resolve("events.jsonl");
    Files.writeString(
        events,
        line("LAS", "\"place\":\"p0\"")
            + line("LAS", "\"place\":\"p1\",\"x\":2.5")
            + line("LAX", "\"place\":\"p2\",\"elsewhere\":1")
            + "no event\n");
    JsonNode json =
        tool.json("inspect", snapshot, "--key", "LAS", "--names", events.toString(), "-o", "json");
    OutputSchema.require("inspect", json);
    List<String> named = new ArrayList<>();
    json.path("features")
        .findValues("names")
        .forEach(names -> names.forEach(n -> named.add(n.asText())));
    assertThat(named).containsExactlyInAnyOrder("place=p0", "place=p1", "x");
    assertThat(json.path("unnamedColumns")).hasSize(json.path("features").size() - 3);
    assertThat(err.toString()).contains("line 4");

    assertThat(tool.execute("inspect", snapshot, "--key", "LAS", "--names", events.toString()))
        .isZero();
    assertThat(out.toString())
        .contains("x (number ", "place=p1 (hashed ", ", no known name")
        .contains("columns have none in this key's 2 observations of " + events)
        .doesNotContain("elsewhere", "place=p2");

    assertThat(tool.execute("inspect", snapshot, "--key", "LAS")).isZero();
    assertThat(out.toString()).contains("columns have none: a snapshot keeps the champion's alone");
  }

  @Test
  void eventsOfOtherKeysNameNothing() throws Exception {
    String snapshot = write(folder, Map.of("LAS", 4));
    Path events = folder.resolve("events.jsonl");
    Files.writeString(events, line("LAX", "\"x\":1"));
    assertThat(tool.execute("inspect", snapshot, "--key", "LAS", "--names", events.toString()))
        .isOne();
    assertThat(err.toString()).contains("no observation of the key (LAS)", events.toString());
    String absent = folder.resolve("absent").toString();
    assertThat(tool.execute("inspect", snapshot, "--key", "LAS", "--names", absent)).isOne();
    assertThat(err.toString()).contains("there is no file " + absent);
  }

  @Test
  void damagedModelIsSaidToBeSo() throws Exception {
    String snapshot = InspectedKeys.damaged(folder, "LAS");
    assertThat(tool.execute("inspect", snapshot, "--key", "LAS")).isZero();
    assertThat(out.toString())
        .contains("Damaged      challengers[0].weights[0][0] is NaN")
        .doesNotContain("Blend");
    JsonNode json = tool.json("inspect", snapshot, "--key", "LAS", "-o", "json");
    OutputSchema.require("inspect", json);
    assertThat(json.path("fault").asText()).isEqualTo("challengers[0].weights[0][0] is NaN");
    assertThat(json.has("features")).isFalse();
  }

  @Test
  void whatCommandsHavePausedIsSaid() throws Exception {
    ControlState orders = new ControlState();
    orders.pause(Part.LEARNING, null);
    orders.pause(Part.SCORING, "LAS");
    String snapshot =
        write(folder, Map.of("LAS", 2, "LAX", 2), new HashMapStateBackend(), orders, CANONICAL);
    assertThat(tool.execute("inspect", snapshot, "--key", "LAS")).isZero();
    assertThat(out.toString()).contains("Paused       learning of every key, scoring of this key");
    assertThat(tool.execute("inspect", snapshot, "--key", "LAX")).isZero();
    assertThat(out.toString()).contains("Paused       learning of every key\n");
    JsonNode json = tool.json("inspect", snapshot, "--key", "LAX", "-o", "json");
    OutputSchema.require("inspect", json);
    assertThat(json.at("/paused/learning").asText()).isEqualTo("every-key");
    assertThat(json.at("/paused/scoring").asText()).isEqualTo("none");

    assertThat(tool.execute("inspect", write(folder, Map.of("LAS", 2)), "--key", "LAS")).isZero();
    assertThat(out.toString()).contains("Paused       nothing");
  }

  @Test
  void theRateOfAnEarlierReleasesModelIsUnknown() throws Exception {
    JsonNode keys = tool.json("inspect", GOLDEN, "--keys", "-o", "json");
    String key = keys.at("/keys/0/key").asText();
    JsonNode json = tool.json("inspect", GOLDEN, "--key", key, "-o", "json");
    assertThat(json.at("/challengers/0/learningRate").isNull()).isTrue();
    assertThat(tool.execute("inspect", GOLDEN, "--key", key)).isZero();
    assertThat(out.toString()).contains("an unknown learning rate").doesNotContain("rate 0.05");
    assertThat(json.at("/features/0/importance").asDouble()).as("of its start").isPositive();
  }

  @Test
  void aCheckpointOfARunningJobIsFoundByItsName() throws Exception {
    String first = Files.createDirectory(folder.resolve("chk-6")).toString();
    String newest =
        write(
            folder,
            Map.of("LAS", 7),
            new EmbeddedRocksDBStateBackend(true),
            new ControlState(),
            CHECKPOINT);
    AtomicInteger asked = new AtomicInteger();
    try (CannedFlink flink = CannedFlink.start()) {
      flink
          .tell("/jobs/overview", JOBS)
          .tell(CHECKPOINTS, checkpoints(6, first))
          .when(
              "GET " + CHECKPOINTS,
              body -> {
                if (asked.getAndIncrement() == 1) {
                  flink.tell(CHECKPOINTS, checkpoints(7, newest));
                }
              });
      assertThat(tool.execute(ofCheckpoint(flink))).as(err.toString()).isZero();
      assertThat(out.toString()).contains("7 predictions");
      assertThat(err.toString()).contains("checkpoint 6 was replaced by 7");

      flink.tell(CHECKPOINTS, checkpoints(8, "<checkpoint-not-externally-addressable>"));
      assertThat(tool.execute(ofCheckpoint(flink))).isOne();
      assertThat(err.toString())
          .contains("checkpoint 8", "lies in no directory", "checkpointing.dir");
      flink.tell(CHECKPOINTS, "{\"latest\":{\"completed\":null},\"history\":[]}");
      assertThat(tool.execute(ofCheckpoint(flink))).isOne();
      assertThat(err.toString()).contains("no checkpoint yet");
      flink.tell("/jobs/overview", "{\"jobs\":[]}");
      assertThat(tool.execute(ofCheckpoint(flink))).isOne();
      assertThat(err.toString()).contains("there is no job (sluice)");
    }
  }

  @Test
  void aCheckpointWhoseFilesVanishedIsExplained() throws Exception {
    String checkpoint =
        write(
            folder,
            Map.of("LAS", 7),
            new EmbeddedRocksDBStateBackend(true),
            new ControlState(),
            CHECKPOINT);
    assertThat(tool.execute("inspect", checkpoint, "--keys")).as(err.toString()).isZero();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.endsWith("_metadata")) {
          Files.delete(file);
        }
      }
    }
    assertThat(tool.execute("inspect", checkpoint, "--keys")).isOne();
    assertThat(err.toString()).contains("missing", "deletes its checkpoints", "--checkpoint JOB");
    assertThat(out.toString()).isEmpty();
    assertThat(tool.execute("inspect", folder.resolve("chk-6").toString())).isOne();
    assertThat(err.toString()).contains("nothing is there", "deletes its checkpoints");
  }

  /** Asked again it would be refused again. */
  @Test
  void aCheckpointThatAnotherMachineHoldsIsNoCauseToTryAgain() throws Exception {
    try (CannedFlink flink = CannedFlink.start()) {
      flink
          .tell("/jobs/overview", JOBS)
          .tell(CHECKPOINTS, checkpoints(6, "file://host/data/chk-6"));
      assertThat(tool.execute(ofCheckpoint(flink))).isOne();
      assertThat(err.toString())
          .contains("file://host/data/chk-6", "names a host (host)")
          .contains("file:///data/chk-6", "file:///host/data/chk-6")
          .doesNotContain("again");
    }
  }

  private static String[] ofCheckpoint(CannedFlink flink) {
    String rest = flink.addresses().get(0).toString();
    return new String[] {"inspect", "--checkpoint", "sluice", "--key", "LAS", "--rest", rest};
  }

  private static String checkpoints(int id, String uri) {
    return """
        {"latest":{"completed":{"id":%s,"latest_ack_timestamp":1,"external_path":"%s"}},"history":[]}"""
        .formatted(id, uri);
  }

  /** An observation in a file of events. */
  private static String line(String key, String features) {
    return """
        {"type":"observation","id":"i","key":"%s","time":"2001-01-01T00:01:00Z","features":{%s}}
        """
        .formatted(key, features);
  }
}
