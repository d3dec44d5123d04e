package dev.sluice.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ledger.Partition;
import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedLog;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Counting by Kafka's own consumer, in Kafka's own log format. */
class CommittedRecordsTest {

  private static final Partition ZERO = new Partition("events", 0);
  private static final Partition ONE = new Partition("events", 1);
  private static final int MOST = 6;

  /** Partition 0 holds records at 0-2, 4, 9-10; markers at 3, 5, 8, 11; aborted ones at 6, 7. */
  @ParameterizedTest
  @CsvSource({
    "11,0", // a marker
    "10,1", "5,2", // a marker, two aborted records, their marker
    "4,3", "0,6"
  })
  void onlyWhatAReaderIsGivenCounts(long from, long expected) throws Exception {
    try (CannedBroker broker = CannedBroker.start().topic("events", log(), new CannedLog())) {
      assertThat(count(broker, Map.of(ZERO, from), Map.of(ZERO, 12L))).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @CsvSource({"6,6", "7,14"})
  void ofMoreThanAreCountedTheOffsetsAre(int transactions, long expected) throws Exception {
    CannedLog one = new CannedLog();
    for (int i = 0; i < transactions; i++) {
      one.committed(1);
    }
    try (CannedBroker broker = CannedBroker.start().topic("events", log(), one)) {
      assertThat(count(broker, Map.of(ONE, 0L), Map.of(ONE, one.end()))).isEqualTo(expected);
    }
  }

  @Test
  void allPartitionsCountTogether() throws Exception {
    try (CannedBroker broker =
        CannedBroker.start().topic("events", log(), new CannedLog().records(3))) {
      assertThat(count(broker, Map.of(ZERO, 5L), Map.of(ZERO, 12L, ONE, 3L))).isEqualTo(5);
    }
  }

  private static CannedLog log() {
    return new CannedLog().committed(3).committed(1).aborted(2).committed(2);
  }

  private static long count(CannedBroker broker, Map<Partition, Long> from, Map<Partition, Long> to)
      throws Exception {
    return new CommittedRecords(broker.client(), Duration.ofSeconds(10))
        .count(new TreeMap<>(from), new TreeMap<>(to), MOST);
  }
}
