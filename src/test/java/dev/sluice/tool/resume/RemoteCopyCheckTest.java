package dev.sluice.tool.resume;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedFlink;
import dev.sluice.support.CannedLog;
import dev.sluice.support.GoldenReceipt;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.broker.SinkWriters;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.resume.ResumeOutcome.Finding;
import dev.sluice.tool.savepoint.GoldenSavepoint;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.services.ToolServices;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a resume sees of a copy elsewhere that has no transaction open at that moment. */
class RemoteCopyCheckTest {

  @TempDir Path folder;

  private final List<String> messages = new CopyOnWriteArrayList<>();
  private Runnable meanwhile = () -> {};
  private CannedFlink flink;
  private CannedBroker broker;
  private long saved;
  private Path file = Path.of("");

  @BeforeEach
  void start() throws Exception {
    broker = CannedBroker.start();
    for (String topic : List.of("c", "p", "e", "d", "l", "g")) {
      broker.topic(topic, new CannedLog().records(0));
    }
    broker.topic("snapshot.events", new CannedLog().records(641), new CannedLog().records(186));
    flink =
        CannedFlink.start()
            .tell("/jobs/overview", "{\"jobs\":[]}")
            .tell("/jobmanager/config", "[]");
    Snapshot snapshot =
        Snapshot.open(GoldenSavepoint.copyTo(folder.resolve("savepoint")).toString());
    saved = snapshot.checkpointId();
    ObjectNode json = GoldenReceipt.withoutSettings(snapshot);
    ((ObjectNode) json.path("job").path("flink")).put("execution.checkpointing.interval", "500 ms");
    file = Files.createDirectory(folder.resolve("stops")).resolve("receipt-one.json");
    GoldenReceipt.write(file, json, ReceiptKeys.NONE);
  }

  @AfterEach
  void stop() throws Exception {
    flink.close();
    broker.close();
  }

  /** The job that made the snapshot took its next id with it, and no job has since. */
  @Test
  void afterAStopNothingIsWatched() throws Exception {
    made(saved + 1, 0);
    assertThat(look().isGood()).isTrue();
    assertThat(messages).noneMatch(text -> text.contains("whether one still does"));
  }

  @Test
  void aCopyThatHasNothingToWriteIsFoundByItsIds() throws Exception {
    made(saved + 2, 0);
    meanwhile = () -> made(saved + 3, 0);
    assertThat(look().refusals())
        .singleElement()
        .asString()
        .contains("copy-0-" + (saved + 3), "was made")
        .endsWith("[SLU-RESUME-COPY-WRITES]");
  }

  /** One that has just begun has taken the id of the stopped job once more. */
  @Test
  void aCopyBetweenTwoTransactionsIsFoundByItsNext() throws Exception {
    made(saved + 1, 1);
    meanwhile = () -> broker.openTransaction("copy-0-" + (saved + 1), 7, 1, 1_000, "p", 0);
    assertThat(look().refusals()).singleElement().asString().contains("began at 1970");
  }

  /** It made the id after the next when it was restored, and takes that at its first checkpoint. */
  @Test
  void aCopyThatWasJustRestoredIsFoundByTheIdThatItTakesAgain() throws Exception {
    made(saved + 1, 2);
    made(saved + 2, 0);
    meanwhile = () -> made(saved + 2, 1);
    assertThat(look().refusals())
        .singleElement()
        .asString()
        .contains("copy-0-" + (saved + 2), "was taken again")
        .endsWith("[SLU-RESUME-COPY-WRITES]");
  }

  /** After a rollback the ids of the checkpoints that were given up are used once more. */
  @Test
  void aCopyAmongKnownIdsIsFoundByTheOneThatItTakesAgain() throws Exception {
    for (int i = 1; i <= 40; i++) {
      made(saved + i, 0);
    }
    meanwhile = () -> made(saved + 5, 1);
    assertThat(look().refusals()).singleElement().asString().contains("copy-0-" + (saved + 5));
  }

  /** A copy of this very snapshot that has made 200 checkpoints since the job was taken back. */
  @Test
  void aCopyInTheMiddleOfManyKnownIdsIsFound() throws Exception {
    for (int i = 1; i <= 400; i++) {
      made(saved + i, 0);
    }
    meanwhile = () -> made(saved + 200, 1);
    assertThat(look().refusals())
        .singleElement()
        .asString()
        .contains("copy-0-" + (saved + 200), "was taken again")
        .endsWith("[SLU-RESUME-COPY-WRITES]");
  }

  /** Negative control: with nothing taken meanwhile there is nothing to say of them. */
  @Test
  void hundredsOfIdsAreAllCompared() throws Exception {
    made(saved + 400, 0);
    Finding finding = look();
    assertThat(finding.refusals()).isEmpty();
    assertThat(finding.notes()).noneMatch(note -> note.contains("compared"));
  }

  /** As of a resume that failed, and is tried again. */
  @Test
  void aRunThatHasEndedIsNoCopy() throws Exception {
    made(saved + 2, 0);
    Finding finding = look();
    assertThat(finding.refusals()).isEmpty();
    assertThat(finding.notes()).noneMatch(note -> note.contains("was not seen"));
    assertThat(messages)
        .filteredOn(text -> text.contains("whether one still does"))
        .singleElement()
        .asString()
        .contains(
            "no transaction of prefix (copy) is open",
            "since checkpoint " + saved,
            "up to copy-0-" + (saved + 2));
  }

  /** After days brokers forget ids that were used first, and know later ones. */
  @Test
  void idsThatBrokersHaveForgottenAreNoSignOfRest() throws Exception {
    made(saved + 40, 0);
    meanwhile = () -> made(saved + 41, 0);
    assertThat(look().refusals()).singleElement().asString().contains("copy-0-" + (saved + 41));
  }

  /**
   * A user who takes a job back to an older snapshot has stopped the run that has continued since.
   */
  @Test
  void aRunThatWasStoppedJustNowIsKnown() throws Exception {
    made(saved + 2, 0);
    Properties client = new Properties();
    client.put("bootstrap.servers", broker.servers());
    try (Brokers brokers = new Brokers(client, Duration.ofSeconds(5))) {
      SinkWriters writers = brokers.writers("copy");
      assertThat(writers.haveGoneOnSince(saved)).isTrue();
      assertThat(writers.haveGoneOnSince(saved + 1)).isFalse();
      assertThat(brokers.writers("other").haveGoneOnSince(saved)).isFalse();
    }
  }

  private void made(long number, int epoch) {
    broker.transaction("copy-0-" + number, 7, epoch, "Empty");
  }

  private void heard(String text) {
    messages.add(text);
    if (text.contains("whether one still does")) {
      meanwhile.run();
    }
  }

  private Finding look() throws Exception {
    ResumePolicy policy =
        new ResumePolicy(
            file.toString(),
            flink.addresses(),
            folder.resolve("job.jar"),
            2,
            false,
            "copy",
            false,
            Map.of(
                "sluice.kafka.bootstrap-servers", broker.servers(),
                "sluice.features.width", "16",
                "sluice.topics.events", "snapshot.events",
                "sluice.topics.control", "c",
                "sluice.topics.predictions", "p",
                "sluice.topics.evaluations", "e",
                "sluice.topics.deferred", "d",
                "sluice.topics.dead-letters", "l",
                "sluice.topics.control-log", "g"),
            Map.of(),
            folder.resolve("stops"),
            Duration.ofSeconds(5),
            List.of(),
            ReceiptKeys.NONE);
    return new Resume(ToolServices.real(), policy, this::heard).run(true).finding();
  }
}
