package dev.sluice.tool.feed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.codec.Headers;
import dev.sluice.ledger.Partition;
import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedLog;
import dev.sluice.support.Eventually;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.events.FileEvent;
import dev.sluice.tool.events.GrowingEvents;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A feed that has a name, and a topic of one partition. */
class FeederTest {

  private static final String NAME = "100%.csv";

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private CannedBroker broker;

  @BeforeEach
  void start() throws IOException {
    broker = CannedBroker.start();
  }

  @AfterEach
  void end() throws IOException {
    thread.shutdownNow();
    broker.close();
  }

  /** Otherwise the topic has younger events and not this one, and its marks do not show it. */
  @Test
  void nothingIsSentBehindAnEventThatWasRefused() {
    broker.topic("events", new CannedLog());
    broker.fail(ApiKeys.PRODUCE, Errors.TOPIC_AUTHORIZATION_FAILED, 1);
    Properties oneByOne = broker.client();
    oneByOne.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1");
    assertThatThrownBy(
            () -> run(new Feeder(oneByOne, "events", new Feed(NAME, "", Set.of())), 50_000))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("did not acknowledge an event");
    assertThat(broker.asked()).containsOnlyOnce(ApiKeys.PRODUCE.name());
  }

  @Test
  void aTopicThatLacksAnEventIsRefused() {
    broker.topic("events", held(new CannedLog(), 1, 2, 4));
    assertThatThrownBy(() -> run(9))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("event 4 of (100%.csv) comes behind event 2 in events/0")
        .hasMessageContaining("1 in between are missing")
        .hasMessageContaining("new topic");
    assertNothingSent();
  }

  @Test
  void aTopicThatLacksTheFirstEventIsRefused() {
    broker.topic("events", held(new CannedLog().records(1), 2, 3));
    assertThatThrownBy(() -> run(9))
        .hasMessageContaining("event 2 of (100%.csv) comes behind event 0 in events/0");
    assertNothingSent();
  }

  @Test
  void aTopicThatHoldsAnEventTwiceIsRefused() {
    broker.topic("events", held(new CannedLog(), 1, 2, 2));
    assertThatThrownBy(() -> run(9))
        .hasMessageContaining("event 2 of (100%.csv) comes behind event 2 in events/0")
        .hasMessageContaining("fed twice");
    assertNothingSent();
  }

  @Test
  void whatRetentionHasDeletedIsNotMissing() throws IOException {
    broker.topic("events", held(CannedLog.beginningAt(7), 5, 6));
    Feeder feeder = run(8);
    assertThat(feeder.inTopic()).isEqualTo(8);
    assertThat(feeder.fed()).isEqualTo(2);
    assertThat(broker.asked()).contains(ApiKeys.PRODUCE.name());
  }

  /** As of a replay that was killed: what is behind it may be of a run that was killed, too. */
  @Test
  void eventsBehindAnOpenTransactionAreNotFedAgain() {
    broker.topic("events", held(new CannedLog().open(1), 1, 2));
    assertThatThrownBy(() -> run(2))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(
            "events of (100%.csv) are behind a transaction that is open in events/0")
        .hasMessageContaining("nothing was fed");
    assertNothingSent();
  }

  @Test
  void theEndOfSuchATransactionIsAwaited() throws Exception {
    broker.topic("events", held(new CannedLog().open(1), 1, 2));
    broker.openTransaction("replay", 1, 0, 1, "events", 0);
    Feeder feeder = new Feeder(broker.client(), "events", feed(NAME), Duration.ofMinutes(1));
    Future<Feeder> running = thread.submit(() -> run(feeder, 2));
    Eventually.until(
        "it waits", LIMIT, () -> broker.asked().stream().filter("FETCH"::equals).count() > 2);
    try (Brokers brokers = new Brokers(broker.client(), LIMIT)) {
      brokers.abort("replay");
    }
    assertThat(running.get().exhausted()).isTrue();
    assertNothingSent();
  }

  @Test
  void anOpenTransactionWithNoneBehindItIsNotAwaited() throws IOException {
    broker.topic("events", held(new CannedLog(), 1, 2).open(3));
    assertThat(run(2).exhausted()).isTrue();
    assertNothingSent();
  }

  /** As of a run that was killed, whose transaction the next run aborts. */
  @Test
  void anotherRunOfTheNameIsFencedBeforeTheTopicIsRead() throws IOException {
    broker.topic("events", held(new CannedLog(), 1, 2));
    run(3);
    List<String> asked = broker.asked();
    assertThat(asked.indexOf(ApiKeys.INIT_PRODUCER_ID.name()))
        .isNotNegative()
        .isLessThan(asked.indexOf(ApiKeys.FETCH.name()));
    assertThat(asked).contains(ApiKeys.END_TXN.name());
    assertThat(asked.lastIndexOf(ApiKeys.PRODUCE.name()))
        .isLessThan(asked.lastIndexOf(ApiKeys.END_TXN.name()));
  }

  @Test
  void aRunThatIsFencedSaysSo() {
    broker.topic("events", new CannedLog());
    broker.fail(ApiKeys.PRODUCE, Errors.INVALID_PRODUCER_EPOCH, 100);
    assertThatThrownBy(() -> run(9))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("another run has begun to feed (100%.csv) to events")
        .hasMessageContaining("nothing is fed twice");
    assertThat(broker.asked()).doesNotContain("END_TXN");
  }

  /** No reader passes it, so a job's committed offset stays in front. */
  @Test
  void itsEndIsBehindItsLastEventAndNotBehindAMarker() throws IOException {
    broker.topic("events", held(new CannedLog(), 1, 2).committed(1));
    Feeder feeder = run(2);
    assertThat(feeder.ends()).isEqualTo(Map.of(new Partition("events", 0), 2L));
    assertThat(Answered.isRead(feeder.ends(), Map.of(new Partition("events", 0), 2L))).isTrue();
    assertThat(Answered.isRead(feeder.ends(), Map.of(new Partition("events", 0), 1L))).isFalse();
    assertThat(Answered.isRead(feeder.ends(), Map.of())).isFalse();
  }

  @Test
  void aFileWhoseRowsWouldGetTheIdsOfAnotherIsRefused() {
    broker.topic("events", new CannedLog().record(rows("sales.csv", 1)));
    assertThatThrownBy(() -> run(rows("sales.csv.gz"), 2))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("events holds (sales.csv), and the rows of (sales.csv.gz) would get")
        .hasMessageContaining("the same ids (sales-0, ...)")
        .hasMessageContaining("--as sales.csv")
        .hasMessageContaining("--as NAME");
    assertNothingSent();
  }

  /** Otherwise two such files could be fed at once, each before the other is seen. */
  @Test
  void filesThatWouldShareTheirIdsShareTheFence() {
    assertThat(FeedProducer.transactionalId("t", rows("sales.csv.gz")))
        .isEqualTo(FeedProducer.transactionalId("t", rows("sales.csv")));
    assertThat(FeedProducer.transactionalId("t", feed("sales.jsonl")))
        .as("of one name whatever the ids are")
        .isEqualTo(FeedProducer.transactionalId("t", rows("sales.jsonl")))
        .isNotEqualTo(FeedProducer.transactionalId("u", feed("sales.jsonl")));
  }

  @Test
  void aFileOfAnEarlierReleaseThatSharesItsIdsIsContinued() throws IOException {
    broker.topic(
        "events",
        new CannedLog().record(rows("sales.csv", 1)).record(marked("sales.csv.gz", event(1), 1)));
    assertThat(run(rows("sales.csv.gz"), 1).exhausted()).isTrue();
    assertNothingSent();
  }

  @Test
  void eventsWithIdsOfTheirOwnAreNoRowsOfAnother() throws IOException {
    broker.topic("events", new CannedLog().record(rows("sales.csv", 1)));
    assertThat(run(feed("sales.jsonl"), 2).exhausted()).isTrue();
    broker.topic("events", held(new CannedLog(), 1));
    assertThat(run(new Feed("100%.csv.gz", "100%-", Set.of()), 2).inTopic()).isEqualTo(2);
  }

  @Test
  void whereAFileEndedBeforeIsReadFromTheTopic() throws IOException {
    CannedLog log = held(new CannedLog(), 1);
    for (int count : List.of(2, 3)) {
      SimpleRecord fed = marked(event(count), count);
      Header end = new RecordHeader(Headers.FEED_END, Headers.bytes("" + 20 * count));
      log.record(new SimpleRecord(1, fed.key(), fed.value(), new Header[] {fed.headers()[0], end}));
    }
    broker.topic("events", log);
    Growing events =
        new Growing(IntStream.rangeClosed(1, 3).mapToObj(FeederTest::event).iterator());
    new Feeder(broker.client(), "events", feed(NAME)).run(events, 0, () -> false);
    assertThat(events.ends).containsExactly(40L, 60L);
    assertNothingSent();
  }

  @Test
  void rowsWithoutALineEndAreReadFromTheTopic() throws IOException {
    SimpleRecord fed = marked(event(1), 1);
    CannedLog log = new CannedLog();
    for (String mark : List.of("17/0123456789abcdef", "x/0123456789abcdef", "18/0")) {
      Header open = new RecordHeader(Headers.FEED_OPEN_ROW, Headers.bytes(mark));
      Header count = new RecordHeader(Headers.FEED, Headers.bytes(NAME + "/" + (log.end() + 1)));
      log.record(new SimpleRecord(1, fed.key(), fed.value(), new Header[] {count, open}));
    }
    broker.topic("events", log);
    Growing events =
        new Growing(IntStream.of(1, 1, 1).mapToObj(FeederTest::event).toList().iterator());
    new Feeder(broker.client(), "events", feed(NAME)).run(events, 0, () -> false);
    assertThat(events.marks).isEqualTo(Map.of(17L, "17/0123456789abcdef"));
  }

  /** Remembers where its file is said to have ended. */
  private static final class Growing implements GrowingEvents {
    private final Iterator<FileEvent> events;
    private final SortedSet<Long> ends = new TreeSet<>();
    private final Map<Long, String> marks = new TreeMap<>();

    Growing(Iterator<FileEvent> events) {
      this.events = events;
    }

    @Override
    public void endedAt(SortedSet<Long> rows) {
      ends.addAll(rows);
    }

    @Override
    public void wereOpen(Map<Long, String> rows) {
      marks.putAll(rows);
    }

    @Override
    public boolean hasNext() {
      return events.hasNext();
    }

    @Override
    public FileEvent next() {
      return events.next();
    }
  }

  private static Feed feed(String name) {
    return new Feed(name, "", Set.of());
  }

  private static Feed rows(String name) {
    return new Feed(name, Feed.idPrefix(name), Set.of());
  }

  /** A record of a row. */
  private static SimpleRecord rows(String name, int count) {
    byte[] json = "{\"id\":\"sales-%s\"}".formatted(count).getBytes(UTF_8);
    Header mark = new RecordHeader(Headers.FEED, Headers.bytes(name + "/" + count));
    return new SimpleRecord(1, "k".getBytes(UTF_8), json, new Header[] {mark});
  }

  @Test
  void anEventMayBeAsLongAsTheJobTakes() throws IOException {
    broker.topic("events", new CannedLog());
    byte[] json = "{\"a\":\"%s\"}".formatted("x".repeat(2 << 20)).getBytes(UTF_8);
    Feeder feeder = new Feeder(broker.client(), "events", new Feed(NAME, "", Set.of()));
    feeder.run(List.of(new FileEvent(1, "r-1", "k", 1, json)).iterator(), 0, () -> false);
    assertThat(feeder.exhausted()).isTrue();
  }

  @Test
  void aFileThatGrewInAnotherOrderIsExplained() {
    broker.topic("events", new CannedLog().record(marked(event(7), 1)));
    assertThatThrownBy(() -> run(9))
        .hasMessageContaining("event 1 of events/0 is not event r-1 of the data")
        .hasMessageContaining("--delay", "--from-row")
        .hasMessageContaining("the name (100%.csv)")
        .hasMessageContaining("--as NAME");
    assertNothingSent();
  }

  private void assertNothingSent() {
    assertThat(broker.asked()).doesNotContain(ApiKeys.PRODUCE.name());
  }

  private Feeder run(int events) throws IOException {
    return run(feed(NAME), events);
  }

  private Feeder run(Feed feed, int events) throws IOException {
    return run(new Feeder(broker.client(), "events", feed, Duration.ZERO), events);
  }

  private static Feeder run(Feeder feeder, int events) throws IOException {
    feeder.run(
        IntStream.rangeClosed(1, events).mapToObj(FeederTest::event).iterator(), 0, () -> false);
    return feeder;
  }

  private static FileEvent event(int count) {
    return new FileEvent(count, "r-" + count, "k", count, ("{" + count + "}").getBytes(UTF_8));
  }

  private static CannedLog held(CannedLog log, int... counts) {
    IntStream.of(counts).forEach(count -> log.record(marked(event(count), count)));
    return log;
  }

  private static SimpleRecord marked(FileEvent event, int count) {
    return marked(NAME, event, count);
  }

  private static SimpleRecord marked(String name, FileEvent event, int count) {
    Header mark = new RecordHeader(Headers.FEED, Headers.bytes(name + "/" + count));
    return new SimpleRecord(event.timeMs(), event.keyBytes(), event.json(), new Header[] {mark});
  }
}
