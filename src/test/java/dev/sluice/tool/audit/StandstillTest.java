package dev.sluice.tool.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ledger.Partition;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class StandstillTest {

  private static final Partition ZERO = new Partition("events", 0);
  private static final Partition ONE = new Partition("events", 1);

  @Test
  void aJobThatHasReadNothingSinceStands() {
    Standstill stands = of(Map.of(ZERO, 7L, ONE, 0L), Map.of(ZERO, 7L), Map.of(ZERO, 9L, ONE, 0L));
    assertThat(stands.objection()).isEmpty();
    assertThat(stands.isAsCommitted()).isTrue();
  }

  @Test
  void aStopWhoseOffsetsWereNotReportedStandsButDoesNotShowIt() {
    Standstill stands = of(Map.of(ZERO, 7L), Map.of(ZERO, 5L), Map.of(ZERO, 9L));
    assertThat(stands.objection()).isEmpty();
    assertThat(stands.isAsCommitted()).isFalse();
  }

  @Test
  void aGroupThatHasComeFurtherIsOfAJobThatWasStartedAgain() {
    assertThat(of(Map.of(ZERO, 7L), Map.of(ZERO, 8L), Map.of(ZERO, 9L)).objection())
        .hasValueSatisfying(
            why -> assertThat(why).contains("events/0", "to 8 since", "started again"));
    assertThat(
            of(Map.of(ZERO, 7L), Map.of(ZERO, 7L, ONE, 1L), Map.of(ZERO, 9L, ONE, 1L)).objection())
        .as("a partition that is new")
        .isPresent();
  }

  @Test
  void topicsThatEndBelowItAreOfOtherBrokers() {
    assertThat(of(Map.of(ZERO, 7L), Map.of(), Map.of(ZERO, 6L)).objection())
        .hasValueSatisfying(
            why -> assertThat(why).contains("at 7 of events/0", "ends at 6", "other brokers"));
    assertThat(of(Map.of(ZERO, 7L), Map.of(), Map.of()).objection())
        .hasValueSatisfying(why -> assertThat(why).contains("ends at nothing"));
  }

  /** It has been started again and has not completed a checkpoint yet. */
  @Test
  void openTransactionsAreOfAJobThatMayRun() {
    SortedMap<Partition, Long> at = new TreeMap<>(Map.of(ZERO, 7L));
    assertThat(new Standstill(at, at, new TreeMap<>(Map.of(ZERO, 9L)), true).objection())
        .hasValueSatisfying(why -> assertThat(why).contains("are open", "--receipt"));
  }

  private static Standstill of(
      Map<Partition, Long> stoppedAt, Map<Partition, Long> committed, Map<Partition, Long> ends) {
    return new Standstill(
        new TreeMap<>(stoppedAt), new TreeMap<>(committed), new TreeMap<>(ends), false);
  }
}
