package dev.sluice.tool.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.codec.Headers;
import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedFlink;
import dev.sluice.support.CannedLog;
import dev.sluice.support.Eventually;
import dev.sluice.tool.events.FileEvent;
import dev.sluice.tool.services.HandSetClock;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.SimpleRecord;
import org.junit.jupiter.api.Test;

/** The course of a demo run, against a JobManager and a broker with given answers. */
class FeedRunTest {

  private static final String FIRST = "1".repeat(32);
  private static final String SECOND = "2".repeat(32);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final StringWriter said = new StringWriter();
  private final ExecutorService running = Executors.newSingleThreadExecutor();

  @Test
  void aJobManagerThatIsGoneIsWaitedForAndItsJobFollowed() throws Exception {
    try (CannedFlink flink = CannedFlink.start();
        CannedBroker broker =
            CannedBroker.start()
                .topic("events", new CannedLog())
                .topic("evaluations", new CannedLog())) {
      runs(flink, FIRST, 1);
      FeedRun run =
          new FeedRun(ToolServices.real(), settings(flink, broker), new PrintWriter(said, true));
      Feeder feeder = new Feeder(broker.client(), "events");
      Future<FeedRun.Ended> asAsked =
          running.submit(() -> run.run(feeder, Collections.emptyIterator()));
      awaitSaid("events/s");
      flink.elects(Integer.MAX_VALUE);
      awaitSaid("answered /jobs/" + FIRST + " with 503");
      awaitSaid("; what is fed to events waits there");
      int asked = flink.asked().size();
      Eventually.until("it asks on", LIMIT, () -> flink.asked().size() > asked + 1);
      assertThat(asAsked.isDone()).isFalse();

      flink.forget("/jobs/" + FIRST); // a JobManager without high availability has lost it
      runs(flink, SECOND, 2);
      flink.elects(0);
      awaitSaid("It continues as job " + SECOND);
      run.stop();
      assertThat(asAsked.get(LIMIT.toSeconds(), TimeUnit.SECONDS).asRequested())
          .as("ended as asked")
          .isTrue();
      assertThat(said.toString().split("waits there", -1)).as("it is said once").hasSize(2);
    } finally {
      running.shutdownNow();
    }
  }

  @Test
  void withoutAJobItEndsWithTheData() throws Exception {
    try (CannedBroker broker = CannedBroker.start().topic("events", new CannedLog())) {
      FeedRun run =
          new FeedRun(
              ToolServices.real(),
              new FeedRun.Settings(
                  broker.client(),
                  new FeedRun.Topics("events", "evaluations", "group"),
                  null,
                  new FeedRun.Pacing(0, null, false),
                  0),
              new PrintWriter(said, true));
      List<FileEvent> events =
          IntStream.range(0, 3)
              .mapToObj(i -> new FileEvent(i, "r-" + i, "k", i, new byte[] {'{', '}'}))
              .toList();
      Feeder feeder =
          new Feeder(broker.client(), "events", new Feed("sales.csv", "sales-", Set.of()));
      assertThat(run.run(feeder, events.iterator())).isEqualTo(new FeedRun.Ended(true, false));
      assertThat(said.toString()).isEqualTo("Fed 3 events in all, the data is at its end.\n");
      assertThat(broker.asked()).contains(ApiKeys.PRODUCE.name());
    } finally {
      running.shutdownNow();
    }
  }

  @Test
  void aSecondRunSaysThatItFedNothing() throws Exception {
    FileEvent event = new FileEvent(1, "r-1", "k", 1, new byte[] {'{', '}'});
    Header mark = new RecordHeader(Headers.FEED, Headers.bytes("sales.csv/1"));
    SimpleRecord held = new SimpleRecord(1, event.keyBytes(), event.json(), new Header[] {mark});
    try (CannedBroker broker = CannedBroker.start().topic("events", new CannedLog().record(held))) {
      FeedRun.Settings settings =
          new FeedRun.Settings(
              broker.client(),
              new FeedRun.Topics("events", "evaluations", "group"),
              null,
              new FeedRun.Pacing(0, null, false),
              0);
      new FeedRun(ToolServices.real(), settings, new PrintWriter(said, true))
          .run(
              new Feeder(broker.client(), "events", new Feed("sales.csv", "", Set.of())),
              List.of(event).iterator());
      assertThat(said.toString())
          .isEqualTo(
              "Fed 0 events, 1 in all with those of earlier runs, the data is at its end.\n");
    } finally {
      running.shutdownNow();
    }
  }

  @Test
  void anotherRunIsLeftAloneUnlessItShallBeTakenOver() throws Exception {
    Feed sales = new Feed("sales.csv", "", Set.of());
    String id = FeedProducer.transactionalId("events", sales);
    HandSetClock clock = new HandSetClock();
    try (CannedBroker broker = CannedBroker.start().topic("events", new CannedLog())) {
      broker.openTransaction(id, 7, 3, 0, "events", 0);
      clock.at(Duration.ofMillis(300), () -> broker.openTransaction(id, 7, 3, 300, "events", 0));
      assertThatThrownBy(() -> feedOne(broker, clock, sales))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another run feeds (sales.csv) to events");
      assertThat(broker.asked()).doesNotContain(ApiKeys.INIT_PRODUCER_ID.name());
      int before = broker.asked().size();
      feedOne(broker, clock, new Feed("sales.csv", "", Set.of(Feed.Claim.TAKE_OVER)));
      List<String> asked = broker.asked();
      assertThat(asked.subList(before, asked.size()))
          .contains(ApiKeys.INIT_PRODUCER_ID.name(), ApiKeys.PRODUCE.name())
          .doesNotContain(ApiKeys.DESCRIBE_TRANSACTIONS.name());
    } finally {
      running.shutdownNow();
    }
  }

  private void feedOne(CannedBroker broker, HandSetClock clock, Feed feed) throws Exception {
    FeedRun.Settings settings =
        new FeedRun.Settings(
            broker.client(),
            new FeedRun.Topics("events", "evaluations", "group"),
            null,
            new FeedRun.Pacing(0, null, false),
            0);
    new FeedRun(clock.services(), settings, new PrintWriter(said, true))
        .run(
            new Feeder(broker.client(), "events", feed),
            List.of(new FileEvent(1, "r-1", "k", 1, new byte[] {'{', '}'})).iterator());
  }

  @Test
  void aFileThatBreaksOffEndsTheRun() throws Exception {
    try (CannedBroker broker = CannedBroker.start().topic("events", new CannedLog())) {
      FeedRun run =
          new FeedRun(
              ToolServices.real(),
              new FeedRun.Settings(
                  broker.client(),
                  new FeedRun.Topics("events", "evaluations", "group"),
                  null,
                  new FeedRun.Pacing(0, null, false),
                  0),
              new PrintWriter(said, true));
      Iterator<FileEvent> broken =
          Stream.<FileEvent>generate(
                  () -> {
                    throw new UncheckedIOException(new IOException("x.csv: line 7 is torn"));
                  })
              .iterator();
      assertThatThrownBy(
              () ->
                  run.run(
                      new Feeder(broker.client(), "events", new Feed("x.csv", "x-", Set.of())),
                      broken))
          .isInstanceOf(IOException.class)
          .hasMessage("x.csv: line 7 is torn");
    } finally {
      running.shutdownNow();
    }
  }

  private void awaitSaid(String words) {
    Eventually.until("it says: " + words, LIMIT, () -> said.toString().contains(words));
  }

  private static void runs(CannedFlink flink, String job, int start) {
    flink
        .tell(
            "/jobs/overview",
            "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"j\",\"state\":\"RUNNING\",\"start-time\":%s}]}"
                .formatted(job, start))
        .tell(
            "/jobs/" + job,
            "{\"name\":\"j\",\"state\":\"RUNNING\",\"start-time\":%s,\"vertices\":[]}"
                .formatted(start))
        .tell("/jobs/" + job + "/checkpoints", "{\"latest\":{\"completed\":null},\"history\":[]}");
  }

  /** A terminal's line is refreshed each second. */
  private static FeedRun.Settings settings(CannedFlink flink, CannedBroker broker) {
    return new FeedRun.Settings(
        broker.client(),
        new FeedRun.Topics("events", "evaluations", "group"),
        new FeedRun.Job(flink.addresses(), FIRST),
        new FeedRun.Pacing(1, null, true),
        200);
  }
}
