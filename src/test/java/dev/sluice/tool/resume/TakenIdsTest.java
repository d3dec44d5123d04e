package dev.sluice.tool.resume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.CannedBroker;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.broker.SinkWriters;
import java.io.IOException;
import java.time.Duration;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which transactional ids are compared, and what is said of the others. */
class TakenIdsTest {

  private static final int SOME = 10;

  private CannedBroker broker;
  private Brokers brokers;
  private SinkWriters writers;

  @BeforeEach
  void start() throws Exception {
    broker = CannedBroker.start();
    brokers = new Brokers(broker.client(), Duration.ofSeconds(5));
    writers = brokers.writers("copy");
  }

  @AfterEach
  void stop() throws IOException {
    brokers.close();
    broker.close();
  }

  @Test
  void fewIdsAreAllCompared() throws Exception {
    TakenIds ids = TakenIds.at(writers, 4, 9, SOME);
    assertThat(ids.unseen()).isEmpty();
    for (int number = 1; number <= 10; number++) {
      made(number);
      assertThat(ids.since()).as("id %s", number).isPresent();
    }
  }

  @Test
  void eachGapIsNamedAsItIs() throws Exception {
    TakenIds ids = TakenIds.at(writers, 50, 99, SOME);
    assertThat(ids.unseen())
        .hasValue(
            "Not compared were the transactional ids from copy-0-1 to copy-0-50, which only a copy takes that has "
                + "not made checkpoint 50 yet, and from copy-0-56 to copy-0-95: a copy on another Flink cluster that "
                + "takes one of these, and has written nothing, was not seen. Make sure that none runs");
    made(50);
    made(56);
    made(95);
    assertThat(ids.since()).isEmpty();
    made(55);
    assertThat(ids.since()).hasValueSatisfying(text -> assertThat(text).contains("copy-0-55"));
  }

  /** The next of a job that has made its newest checkpoint is one of the last. */
  @Test
  void ofFewIdsSinceTheSnapshotThoseBeforeItAreCompared() throws Exception {
    TakenIds ids = TakenIds.at(writers, 98, 99, SOME);
    assertThat(ids.unseen())
        .hasValueSatisfying(
            text ->
                assertThat(text)
                    .contains(
                        "ids from copy-0-1 to copy-0-90, which only a copy takes that has not"));
    made(100);
    assertThat(ids.since()).isPresent();
  }

  @Test
  void aGapThatEndsPastTheSnapshotIsOfAnyCopy() throws Exception {
    TakenIds ids = TakenIds.at(writers, 0, 99, SOME);
    assertThat(ids.unseen())
        .hasValueSatisfying(
            text ->
                assertThat(text)
                    .contains("ids from copy-0-6 to copy-0-95: a copy on another Flink cluster")
                    .doesNotContain("made checkpoint"));
  }

  /** A broker takes no request of any length, and answers none of them in no time. */
  @Test
  void manyIdsAreAskedForInPortions() throws Exception {
    made(4_999);
    TakenIds ids = TakenIds.at(writers, 2_500, 4_999, TakenIds.MOST);
    assertThat(broker.asked())
        .filteredOn(ApiKeys.DESCRIBE_TRANSACTIONS.name()::equals)
        .as("questions for 5,000 ids")
        .hasSize(5);
    assertThat(ids.unseen()).isEmpty();
    made(1);
    assertThat(ids.since()).isPresent();
  }

  private void made(long number) {
    broker.transaction("copy-0-" + number, 7, 0, "Empty");
  }
}
