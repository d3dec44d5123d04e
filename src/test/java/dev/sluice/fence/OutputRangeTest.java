package dev.sluice.fence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.Partition;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OutputRangeTest {

  private static final Partition P0 = new Partition("predictions", 0);
  private static final Partition P1 = new Partition("predictions", 1);

  @Test
  void readsFromTheNotedEndToTheEnd() {
    OutputRange range =
        share(Map.of(P0, 10L, P1, 20L), Map.of(P0, 0L, P1, 0L), Map.of(P0, 15L, P1, 20L));

    assertThat(range.from()).containsEntry(P0, 10L).containsEntry(P1, 20L);
    assertThat(range.to()).containsEntry(P0, 15L).containsEntry(P1, 20L);
    assertThat(range.problems()).isEmpty();
  }

  @Test
  void aPartitionThatIsNewIsReadFromItsBeginning() {
    OutputRange range = share(Map.of(P0, 10L), Map.of(P0, 0L, P1, 0L), Map.of(P0, 15L, P1, 7L));

    assertThat(range.from()).containsEntry(P1, 0L);
    assertThat(range.problems()).isEmpty();
  }

  @Test
  void recordsThatRetentionHasDeletedAreAProblem() {
    OutputRange range = share(Map.of(P0, 10L), Map.of(P0, 11L), Map.of(P0, 15L));

    assertThat(range.problems())
        .singleElement()
        .asString()
        .contains("predictions/0", "10", "below 11");
  }

  @Test
  void whatWasDeletedBelowTheNoteIsNone() {
    assertThat(share(Map.of(P0, 10L), Map.of(P0, 10L), Map.of(P0, 10L)).problems()).isEmpty();
  }

  @Test
  void aTopicThatEndsBeforeTheNoteWasMadeAnew() {
    OutputRange range = share(Map.of(P0, 10L), Map.of(P0, 0L), Map.of(P0, 9L));

    assertThat(range.problems()).singleElement().asString().contains("ends at 9", "created again");
  }

  @Test
  void everyPartitionIsReadByExactlyOneSubtask() {
    SortedMap<Partition, Long> ends = new TreeMap<>();
    for (String topic : new String[] {"predictions", "evaluations", "dead-letters"}) {
      for (int i = 0; i < 16; i++) {
        ends.put(new Partition(topic, i), 1L);
      }
    }
    for (int subtasks = 1; subtasks <= 7; subtasks++) {
      int read = 0;
      for (int i = 0; i < subtasks; i++) {
        read += OutputRange.share(i, subtasks, note(Map.of()), ends, ends).to().size();
      }
      assertThat(read).isEqualTo(ends.size());
    }
  }

  private static OutputRange share(
      Map<Partition, Long> noted, Map<Partition, Long> beginnings, Map<Partition, Long> ends) {
    return OutputRange.share(0, 1, note(noted), new TreeMap<>(beginnings), new TreeMap<>(ends));
  }

  private static FenceNote note(Map<Partition, Long> ends) {
    return new FenceNote("0".repeat(32), 3, 2, true, new TreeMap<>(ends), new TreeMap<>());
  }
}
