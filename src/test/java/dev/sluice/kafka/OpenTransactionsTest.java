package dev.sluice.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.CannedBroker;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose open transactions a broker is asked for. */
class OpenTransactionsTest {

  /** A guard asks every few seconds, and a cluster may have thousands. */
  @Test
  void aBrokerThatCanTellNamesTheJobsOwnOnly() throws Exception {
    try (CannedBroker broker = broker()) {
      assertThat(ours(broker, "a.b")).containsExactly("a.b-0-1", "a.b-10-22");
      assertThat(asked(broker)).containsExactly("LIST_TRANSACTIONS a\\.b-[0-9]+-[0-9]+");
    }
  }

  @Test
  void ofABrokerBeforeKafka41AllAreAskedFor() throws Exception {
    try (CannedBroker broker = broker().beforePatterns()) {
      assertThat(ours(broker, "a.b")).containsExactly("a.b-0-1", "a.b-10-22");
      assertThat(asked(broker)).containsExactly("LIST_TRANSACTIONS null");
    }
  }

  @ParameterizedTest
  @CsvSource({"a.b,axb-0-1", "a,a-b-0-1", "a,ab-0-1", "a+(b),a+(b)x-0-1"})
  void anotherJobsAreNotOurs(String prefix, String other) throws Exception {
    for (boolean older : List.of(false, true)) {
      try (CannedBroker broker =
          CannedBroker.start()
              .transaction(other, 1, 0, "Ongoing")
              .transaction(prefix + "-3-4", 2, 0, "Ongoing")) {
        if (older) {
          broker.beforePatterns();
        }
        assertThat(ours(broker, prefix)).containsExactly(prefix + "-3-4");
      }
    }
  }

  private static CannedBroker broker() throws Exception {
    return CannedBroker.start()
        .transaction("a.b-0-1", 1, 0, "Ongoing")
        .transaction("a.b-10-22", 2, 0, "Ongoing")
        .transaction("a.b-0-2", 3, 0, "CompleteCommit")
        .transaction("axb-0-1", 4, 0, "Ongoing")
        .transaction("a.b-c-0-1", 5, 0, "Ongoing");
  }

  private static List<String> ours(CannedBroker broker, String prefix) throws Exception {
    try (Admin admin = Admin.create(broker.client())) {
      return new OpenTransactions(admin, prefix)
          .ours(Set.of(TransactionState.ONGOING)).stream()
              .map(TransactionListing::transactionalId)
              .toList();
    }
  }

  private static List<String> asked(CannedBroker broker) {
    return broker.asked().stream().filter(one -> one.startsWith("LIST_TRANSACTIONS")).toList();
  }
}
