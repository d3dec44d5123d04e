package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.CannedFlink;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stop whose journal fails, or records another run, at a JobManager with Flink's answers. */
class FlinkStopTest {

  private static final String ID = "0123456789abcdef0123456789abcdef";
  private static final Duration SOON = Duration.ofSeconds(5);

  @TempDir Path folder;

  private Path stops = Path.of("");
  private CannedFlink flink;

  @BeforeEach
  void startFlink() throws IOException {
    stops = folder.resolve("stops");
    flink = CannedFlink.start();
  }

  @AfterEach
  void stopFlink() {
    flink.close();
  }

  @Test
  void aJournalThatCanNoLongerBeWrittenDoesNotHideThatTheJobIsSaved() throws Exception {
    flink.tell(
        "/jobs/" + ID + "/savepoints/" + ID,
        "{\"status\":{\"id\":\"COMPLETED\"},\"operation\":{\"location\":\"file:/s\"}}");
    List<String> messages = new ArrayList<>();
    StopLog log = new StopLog(event -> messages.add(event.text()), Clock.systemUTC());
    try (Journal journal = Journal.open(stops, ID, SOON, Time.system())) {
      Files.delete(stops.resolve(ID + ".lock"));
      Files.delete(stops);
      FlinkStop stop =
          new FlinkStop(
              policy(),
              new JobManager(flink.addresses(), SOON),
              log,
              journal,
              entry(),
              new Grace(SOON, log, Time.system()));
      assertThat(stop.run())
          .isEqualTo(new FlinkStopResult.Saved("file:/s", FlinkStopResult.JobEnd.FINISHED, ""));
    }
    assertThat(messages).anyMatch(text -> text.contains("can't write down"));
  }

  @Test
  void anEarlierRunsReceiptIsNoAnswerForAJobThatRunsUnderTheSameId() throws Exception {
    flink.tell(
        "/jobs/overview",
        "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"flights\",\"state\":\"RUNNING\",\"start-time\":0}]}"
            .formatted(ID));
    try (Journal journal = Journal.open(stops, ID, SOON, Time.system())) {
      journal.write(entry().over(stops.resolve("receipt-flights-01234567.json")));
    }
    StopResult outcome = GracefulStop.start(ToolServices.real(), policy(), event -> {}).get();
    assertThat(outcome.kind()).isEqualTo(StopResult.Kind.NOTHING_CHANGED);
    assertThat(flink.asked()).as("it is checked").contains("GET /jobs/" + ID + "/status");
  }

  private StopPolicy policy() {
    return new StopPolicy(
        "flights",
        flink.addresses(),
        null,
        false,
        false,
        Duration.ofSeconds(1),
        OnTimeout.FAIL,
        SOON,
        null,
        stops,
        Map.of(),
        null,
        List.of(),
        ReceiptKeys.NONE);
  }

  private static Journal.Entry entry() {
    return new Journal.Entry(
        1,
        new JobFacts(ID, "flights", "2.2.1", "1", 2, new TreeMap<>(), new TreeMap<>(), null, ""),
        ID,
        "2026-11-22T12:00:00Z",
        null,
        false,
        false,
        null,
        null,
        null,
        0,
        null,
        null,
        null);
  }
}
