package dev.sluice.tool.feed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.codec.Headers;
import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedLog;
import dev.sluice.tool.events.FileEvent;
import java.io.IOException;
import java.util.List;
import java.util.Properties;
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

  private CannedBroker broker;

  @BeforeEach
  void start() throws IOException {
    broker = CannedBroker.start();
  }

  @AfterEach
  void end() throws IOException {
    broker.close();
  }

  /** Otherwise the topic has younger events and not this one, and its marks do not show it. */
  @Test
  void nothingIsSentBehindAnEventThatWasRefused() {
    broker.topic("events", new CannedLog());
    broker.fail(ApiKeys.PRODUCE, Errors.TOPIC_AUTHORIZATION_FAILED, 1);
    Properties oneByOne = broker.client();
    oneByOne.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1");
    assertThatThrownBy(() -> run(new Feeder(oneByOne, "events", NAME, false), 50_000))
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
    assertThat(broker.asked()).contains(ApiKeys.PRODUCE.name());
  }

  /** As of a replay that runs, or was killed. */
  @Test
  void eventsBehindAnOpenTransactionAreNotFedAgain() throws IOException {
    broker.topic("events", held(new CannedLog().open(1), 1, 2));
    assertThat(run(2).exhausted()).isTrue();
    assertNothingSent();
  }

  @Test
  void anEventMayBeAsLongAsTheJobTakes() throws IOException {
    broker.topic("events", new CannedLog());
    byte[] json = "{\"a\":\"%s\"}".formatted("x".repeat(2 << 20)).getBytes(UTF_8);
    Feeder feeder = new Feeder(broker.client(), "events", NAME, false);
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
    return run(new Feeder(broker.client(), "events", NAME, false), events);
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
    Header mark = new RecordHeader(Headers.FEED, Headers.bytes(NAME + "/" + count));
    return new SimpleRecord(event.timeMs(), event.keyBytes(), event.json(), new Header[] {mark});
  }
}
