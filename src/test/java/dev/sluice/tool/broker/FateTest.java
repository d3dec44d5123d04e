package dev.sluice.tool.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ledger.PendingTransaction;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FateTest {

  private static final long PRODUCER = 7;
  private static final int EPOCH = 4;

  @ParameterizedTest
  @CsvSource({
    "COMPLETE_COMMIT, 4, COMMITTED", // transaction.version 1
    "COMPLETE_COMMIT, 5, COMMITTED", // transaction.version 2 raises the epoch
    "COMPLETE_COMMIT, 6, FENCED", // another producer's
    "COMPLETE_ABORT, 4, ABORTED",
    "COMPLETE_ABORT, 5, ABORTED", // by timeout
    "COMPLETE_ABORT, 6, FENCED",
    "EMPTY, 4, FENCED",
    "EMPTY, 6, FENCED", // initTransactions of another producer
    "ONGOING, 4, OPEN",
    "ONGOING, 5, FENCED", // another one of the same producer
    "PREPARE_COMMIT, 4, ENDING",
    "PREPARE_COMMIT, 5, ENDING",
    "PREPARE_ABORT, 5, ENDING",
    "PREPARE_EPOCH_FENCE, 5, ENDING",
    "PREPARE_COMMIT, 6, FENCED",
    "COMPLETE_COMMIT, 3, EXPIRED", // brokers that have forgotten
    "UNKNOWN, 4, EXPIRED"
  })
  void fateFollowsStateAndEpoch(TransactionState state, int epoch, Fate fate) {
    assertThat(fate(state, PRODUCER, epoch)).isEqualTo(fate);
  }

  @ParameterizedTest
  @EnumSource(TransactionState.class)
  void anotherProducersTransactionTellsNothingOfOurs(TransactionState state) {
    for (int epoch = 0; epoch < 10; epoch++) {
      assertThat(fate(state, PRODUCER + 1, epoch)).isEqualTo(Fate.EXPIRED);
    }
  }

  @ParameterizedTest
  @EnumSource(TransactionState.class)
  void onlyACompleteCommitIsCommitted(TransactionState state) {
    for (int epoch = 0; epoch < 10; epoch++) {
      if (fate(state, PRODUCER, epoch) == Fate.COMMITTED) {
        assertThat(state).isEqualTo(TransactionState.COMPLETE_COMMIT);
        assertThat(epoch).isBetween(EPOCH, EPOCH + 1);
      }
    }
  }

  @Test
  void codesAreLowerCase() {
    assertThat(Fate.COMMITTED.code()).isEqualTo("committed");
  }

  private static Fate fate(TransactionState state, long producerId, int epoch) {
    TransactionDescription found =
        new TransactionDescription(
            1, state, producerId, epoch, 60_000, OptionalLong.empty(), Set.of());
    return Fate.of(new PendingTransaction("sluice-0-1", PRODUCER, EPOCH), found);
  }
}
