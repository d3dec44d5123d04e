package dev.sluice.tool.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ledger.PendingTransaction;
import dev.sluice.support.CannedBroker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two transactions of a savepoint that one producer wrote, one after the other. */
class FatesOfOneNameTest {

  @Test
  void eachHasItsOwnFate() throws Exception {
    PendingTransaction earlier = new PendingTransaction("flights-0-7", 5, 0);
    PendingTransaction later = new PendingTransaction("flights-0-7", 5, 1);
    try (CannedBroker broker =
            CannedBroker.start().transaction("flights-0-7", 5, 2, "CompleteCommit");
        Brokers brokers = new Brokers(broker.client(), Duration.ofSeconds(20))) {
      assertThat(brokers.fates(List.of(earlier, later)))
          .isEqualTo(Map.of(earlier, Fate.FENCED, later, Fate.COMMITTED));
    }
  }
}
