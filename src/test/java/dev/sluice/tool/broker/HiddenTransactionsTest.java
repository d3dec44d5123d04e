package dev.sluice.tool.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.ledger.Partition;
import dev.sluice.ledger.PendingTransaction;
import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedLog;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is reported to a user who may not describe the transactions in question. */
class HiddenTransactionsTest {

  private CannedBroker broker;
  private Brokers brokers;

  @BeforeEach
  void openATransaction() throws Exception {
    broker =
        CannedBroker.start()
            .transaction("flights-0-7", 5, 1, "Ongoing")
            .topic("answers", new CannedLog().committed(3));
    brokers = new Brokers(broker.client(), Duration.ofSeconds(20));
  }

  @AfterEach
  void end() throws Exception {
    brokers.close();
    broker.close();
  }

  @Test
  void whoMayDescribeThemSeesThem() throws Exception {
    assertThat(brokers.open("flights"))
        .extracting(Brokers.OpenTransaction::transactionalId)
        .containsExactly("flights-0-7");
    assertThat(brokers.open("others")).isEmpty();
  }

  @Test
  void whoMayNotIsToldSoInPlaceOfNone() {
    broker.hideTransactions();
    assertHidden(() -> brokers.open("flights"));
    assertHidden(() -> brokers.openSince("flights"));
    assertHidden(() -> brokers.live("flights"));
    assertHidden(() -> brokers.fates(List.of(new PendingTransaction("flights-0-7", 5, 1))));
  }

  /** A right for some of the job's ids, or a refusal for others. */
  @Test
  void whoMaySeeSomeAloneIsToldSo() {
    broker.transaction("flights-1-7", 6, 1, "Ongoing").hideTransactions("flights-1");
    assertHidden(() -> brokers.open("flights"));
    assertHidden(() -> brokers.live("flights"));
  }

  @Test
  void ofAllSubtasksIsAskedInOneRequest() throws Exception {
    brokers.open("flights");
    assertThat(broker.asked()).filteredOn("DESCRIBE_TRANSACTIONS"::equals).hasSize(1);
  }

  /** What does not need the right is still reported. */
  @Test
  void theTopicsAreSeenAllTheSame() throws Exception {
    broker.hideTransactions();
    assertThat(brokers.stableEnds(List.of("answers"))).containsKey(new Partition("answers", 0));
  }

  private static void assertHidden(ThrowingCallable question) {
    assertThatThrownBy(question)
        .isInstanceOf(IOException.class)
        .matches(e -> ((BrokerException) e).lasts(), "waiting does not help")
        .hasMessageContaining("operation Describe on the transactional ids")
        .hasMessageContaining("flights");
  }
}
