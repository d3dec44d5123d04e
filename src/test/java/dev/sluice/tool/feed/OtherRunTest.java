package dev.sluice.tool.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedLog;
import dev.sluice.tool.services.HandSetClock;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which runs of a feed's name are seen before they are fenced. */
class OtherRunTest {

  private static final Feed SALES = new Feed("sales.csv", "sales-", Set.of());
  private static final String ID = FeedProducer.transactionalId("events", SALES);

  private final HandSetClock clock = new HandSetClock();
  private CannedBroker broker;

  @BeforeEach
  void start() throws IOException {
    broker = CannedBroker.start().topic("events", new CannedLog());
  }

  @AfterEach
  void end() throws IOException {
    broker.close();
  }

  @Test
  void aRunWhoseTransactionsFollowOneAnotherIsLeftAlone() {
    open(0);
    clock.at(Duration.ofMillis(400), () -> broker.transaction(ID, 7, 3, "CompleteCommit"));
    clock.at(Duration.ofMillis(600), () -> open(600));
    assertRefused();
  }

  @Test
  void aRunBetweenTwoTransactionsIsLeftAlone() {
    broker.transaction(ID, 7, 3, "CompleteCommit");
    clock.at(Duration.ofMillis(300), () -> open(300));
    assertRefused();
  }

  @Test
  void aRunThatIsSlowIsLeftAlone() {
    open(0);
    clock.at(Duration.ofSeconds(4), () -> broker.transaction(ID, 7, 3, "PrepareCommit"));
    clock.at(Duration.ofMillis(4_500), () -> broker.transaction(ID, 7, 4, "CompleteCommit"));
    clock.at(Duration.ofMillis(5_300), () -> broker.openTransaction(ID, 7, 4, 0, "events", 0));
    assertRefused();
  }

  @Test
  void aRunThatEndsMeanwhileIsFollowed() throws Exception {
    open(0);
    clock.at(Duration.ofSeconds(2), () -> broker.transaction(ID, 7, 3, "CompleteCommit"));
    assertThat(look()).isEmpty();
    assertThat(clock.passed()).isBetween(Duration.ofSeconds(3), Duration.ofMillis(3_500));
  }

  @Test
  void aRunThatWasKilledIsFollowedAfterSeconds() throws Exception {
    open(0);
    assertThat(look())
        .hasValueSatisfying(
            said -> assertThat(said).contains("(sales.csv)", "events", "was killed"));
    assertThat(clock.passed()).isBetween(OtherRun.STANDSTILL, Duration.ofMillis(5_200));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Empty", "CompleteAbort"})
  void whatHasLeftNothingOpenIsNotWaitedFor(String state) throws Exception {
    broker.transaction(ID, 7, 3, state);
    assertThat(look()).isEmpty();
    assertThat(clock.passed()).isZero();
  }

  @Test
  void aNameThatWasNeverFedIsNotWaitedFor() throws Exception {
    assertThat(look()).isEmpty();
    assertThat(clock.passed()).isZero();
  }

  private void open(long sinceMs) {
    broker.openTransaction(ID, 7, 3, sinceMs, "events", 0);
  }

  private Optional<String> look() throws Exception {
    return new OtherRun(clock.services(), broker.client(), "events", SALES).requireNone();
  }

  private void assertRefused() {
    assertThatThrownBy(this::look)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nothing was fed: another run feeds (sales.csv) to events")
        .hasMessageContaining("--take-over");
    assertThat(broker.asked())
        .as("the other run is not fenced")
        .doesNotContain(ApiKeys.INIT_PRODUCER_ID.name());
  }
}
