package dev.sluice.tool.feed;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.Eventually;
import dev.sluice.support.cluster.CommandResult;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.tool.broker.CommittedTopic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A CSV of one's own, from the file to its answers, by the tool's commands alone. */
class OwnDataIT {

  private static final String JOB = "own-data";
  private static final int ROWS = 2_000;

  @TempDir Path folder;

  private final LocalCluster cluster = LocalCluster.shared();

  @Test
  void rowsAreFedOnceAndAnsweredWhateverTheStops() throws Exception {
    Path january = csv("january.csv", ROWS);
    Path directory = folder.resolve("job");
    String settings = directory.resolve("sluice.yaml").toString();
    JsonNode made =
        cluster
            .sluice(
                "init",
                JOB,
                "--csv",
                january.toString(),
                "--label",
                "sold",
                "--key",
                "store",
                "--time",
                "at",
                "--directory",
                directory.toString(),
                "--create-topics",
                "-o",
                "json")
            .requireSuccess()
            .json();
    assertThat(made.path("createdTopics")).hasSize(7);
    assertThat(made.path("keys").asInt()).isEqualTo(5);
    Path first = champion("first.tribuo", lines(january).toString());
    cluster
        .flink(
            "run",
            "-d",
            "target/sluice-job.jar",
            "--settings",
            settings,
            "--sluice.champion.uri",
            first.toUri().toString())
        .requireSuccess();

    JsonNode part = feed(january, settings, "--to-row", "500").json();
    assertThat(part.path("events").asInt()).isEqualTo(1_000);
    assertThat(part.path("answered").asBoolean()).as(part.toString()).isTrue();
    assertThat(count("predictions")).isEqualTo(500);
    assertThat(count("evaluations")).isEqualTo(500);

    assertThat(feed(january, settings).json().path("events").asInt()).isEqualTo(2 * ROWS);
    assertThat(feed(january, settings).json().path("events").asInt()).isEqualTo(2 * ROWS);
    assertThat(count("events")).as("nothing twice").isEqualTo(2 * ROWS);
    assertThat(count("predictions")).isEqualTo(ROWS);

    Path next = refresh(settings, first);
    Path february = csv("february.csv", 300);
    assertThat(feed(february, settings).json().path("events").asInt()).isEqualTo(600);
    assertThat(count("evaluations")).isEqualTo(ROWS + 300);
    assertThat(count("dead-letters")).isZero();
    assertThat(withShadow()).as("of february, next to the champion").isEqualTo(300);
    control("confirm", "--version", "2", "--settings", settings);
    assertThat(next).isRegularFile();

    twoRunsOfOneNameFeedItOnce(settings);
    aDelayedFileThatGrowsIsContinued(settings);

    CommandResult other = feedAs(february, "january.csv", settings);
    assertThat(other.exitCode()).as(other.toString()).isEqualTo(1);
    assertThat(other.stderr()).contains("would repeat or skip events", "--as NAME");
    commandsGoToTheJobThatListens(settings);
  }

  /** A champion of what the job has evaluated predicts as its shadow. */
  private Path refresh(String settings, Path first) {
    Path next = folder.resolve("next.tribuo");
    JsonNode trained =
        cluster
            .sluice(
                "train",
                "--from-topics",
                "--since",
                "1h",
                "--like",
                first.toString(),
                "--output",
                next.toString(),
                "--settings",
                settings,
                "-o",
                "json")
            .requireSuccess()
            .json();
    assertThat(trained.path("examples").asInt()).as("%s", trained).isEqualTo(ROWS);
    assertThat(trained.path("heldOut").path("champion").path("accuracy").asDouble())
        .isGreaterThan(.9);
    control("promote", next.toString(), "--version", "2", "--shadow", "--settings", settings);
    return next;
  }

  private void control(String... arguments) {
    String[] line = new String[arguments.length + 1];
    line[0] = "control";
    System.arraycopy(arguments, 0, line, 1, arguments.length);
    assertThat(cluster.sluice(line).requireSuccess().stdout()).contains(": Accepted by job " + JOB);
  }

  private int withShadow() throws IOException {
    AtomicInteger count = new AtomicInteger();
    new CommittedTopic(cluster.kafkaClient(), JOB + ".evaluations")
        .read(
            record -> {
              String json = new String(record.value(), StandardCharsets.UTF_8);
              count.addAndGet(json.contains("\"shadow\":{\"version\":2,") ? 1 : 0);
            });
    return count.get();
  }

  /** Trained on events of a file. */
  private Path champion(String name, String events) {
    Path champion = folder.resolve(name);
    cluster
        .sluice("train", events, "--labels", "no,yes", "--output", champion.toString())
        .requireSuccess();
    return champion;
  }

  /** The rows of a CSV as events. */
  private Path lines(Path csv) throws IOException {
    StringBuilder events = new StringBuilder();
    for (String row : Files.readAllLines(csv).stream().skip(1).limit(500).toList()) {
      String[] cells = row.split(",", -1);
      String same =
          "\"id\":\"%s\",\"key\":\"%s\",\"time\":%s000".formatted(cells[0], cells[1], cells[0]);
      events.append("{\"type\":\"observation\",%s,\"features\":".formatted(same));
      events.append("{\"price\":%s,\"sku\":\"%s\"}}\n".formatted(cells[2], cells[3]));
      events.append("{\"type\":\"outcome\",%s,\"label\":\"%s\"}\n".formatted(same, cells[4]));
    }
    return Files.writeString(folder.resolve(csv.getFileName() + ".jsonl"), events);
  }

  private void twoRunsOfOneNameFeedItOnce(String settings) throws Exception {
    Path march = csv("march.csv", 500);
    int before = count("events");
    CompletableFuture<CommandResult> slow =
        CompletableFuture.supplyAsync(
            () -> cluster.sluice("feed", march.toString(), "--settings", settings, "--rate", "50"));
    Eventually.until(
        "the slow run feeds", Duration.ofMinutes(1), () -> countNow("events") > before + 50);
    CommandResult refused = cluster.sluice("feed", march.toString(), "--settings", settings);
    assertThat(refused.exitCode()).as(refused.toString()).isEqualTo(1);
    assertThat(refused.stderr()).contains("another run feeds (march.csv)", "--take-over");
    assertThat(slow).as("the slow run goes on").isNotDone();
    assertThat(feed(march, settings, "--take-over").json().path("answered").asBoolean()).isTrue();
    CommandResult fenced = slow.get(1, TimeUnit.MINUTES);
    assertThat(fenced.exitCode()).as(fenced.toString()).isEqualTo(1);
    assertThat(fenced.stderr()).contains("another run has begun to feed (march.csv)");
    assertThat(count("events")).as("nothing twice, nothing missing").isEqualTo(before + 1_000);
  }

  private void aDelayedFileThatGrowsIsContinued(String settings) throws IOException {
    int before = count("evaluations");
    for (int rows : new int[] {100, 101, 250}) {
      Path april = csv("april.csv", rows);
      JsonNode fed = feed(april, settings, "--delay", "30m").json();
      assertThat(fed.path("events").asInt()).isEqualTo(2 * rows);
      assertThat(count("evaluations")).isEqualTo(before + rows);
    }
    assertThat(count("dead-letters")).isZero();
  }

  private int countNow(String topic) {
    try {
      return count(topic);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void commandsGoToTheJobThatListens(String settings) {
    CommandResult paused =
        cluster.sluice("control", "pause", "--settings", settings).requireSuccess();
    assertThat(paused.stdout()).contains("pause: Accepted by job " + JOB + " (");
    cluster
        .sluice("stop", JOB, "--savepointPath", folder.resolve("savepoints").toUri().toString())
        .requireSuccess();
    CommandResult unheard = cluster.sluice("control", "resume", "--settings", settings);
    assertThat(unheard.exitCode()).as(unheard.toString()).isEqualTo(1);
    assertThat(unheard.stderr()).contains("nothing was sent", "[SLU-CONTROL-NO-JOB]");
  }

  private CommandResult feed(Path file, String settings, String... more) {
    String[] line = {"feed", file.toString(), "--settings", settings, "--job", JOB, "--rate", "0"};
    String[] all = new String[line.length + more.length + 2];
    System.arraycopy(line, 0, all, 0, line.length);
    System.arraycopy(more, 0, all, line.length, more.length);
    all[all.length - 2] = "-o";
    all[all.length - 1] = "json";
    return cluster.sluice(all).requireSuccess();
  }

  private CommandResult feedAs(Path file, String name, String settings) {
    return cluster.sluice("feed", file.toString(), "--as", name, "--settings", settings);
  }

  private int count(String topic) throws IOException {
    AtomicInteger count = new AtomicInteger();
    new CommittedTopic(cluster.kafkaClient(), JOB + "." + topic)
        .read(record -> count.incrementAndGet());
    return count.get();
  }

  private Path csv(String name, int rows) throws IOException {
    StringBuilder csv = new StringBuilder("at,store,price,sku,sold\n");
    for (int i = 0; i < rows; i++) {
      csv.append(1_790_000_000L + i * 60L).append(",store-").append(i % 5).append(',');
      csv.append(5_000 + i % 97).append(",sku").append(i % 31).append(',');
      csv.append(i % 31 < 10 ? "yes" : "no").append('\n');
    }
    return Files.writeString(folder.resolve(name), csv);
  }
}
