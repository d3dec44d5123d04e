package dev.sluice.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FenceNoteTest {

  private static final Partition P0 = new Partition("p", 0);
  private static final Partition P1 = new Partition("p", 1);

  @Test
  void aNoteAloneIsItsOwnMerger() {
    FenceNote note = note(4, true, Map.of(P0, 9L), Map.of(P1, 2L));

    assertThat(FenceNote.merge(List.of(note))).isEqualTo(note);
    assertThat(note.stableEnd(P0)).isEqualTo(9);
    assertThat(note.stableEnd(P1)).isZero();
  }

  @Test
  void theLowestEndsAndTheHighestPassedHoldForAll() {
    FenceNote merged =
        FenceNote.merge(
            List.of(
                note(4, true, Map.of(P0, 9L, P1, 3L), Map.of(P0, 1L)),
                note(3, true, Map.of(P0, 8L, P1, 1L << 33), Map.of(P0, 5L, P1, 2L))));

    assertThat(merged).isEqualTo(note(3, true, Map.of(P0, 8L, P1, 3L), Map.of(P0, 5L, P1, 2L)));
  }

  @Test
  void anOutputPartitionThatOneDidNotKnowCountsFromItsBeginning() {
    FenceNote knows = note(4, true, Map.of(P0, 9L), Map.of());
    FenceNote knowsOther = note(4, true, Map.of(P1, 9L), Map.of());

    for (List<FenceNote> order : List.of(List.of(knows, knowsOther), List.of(knowsOther, knows))) {
      assertThat(FenceNote.merge(order).stableEnds()).isEqualTo(Map.of(P0, 0L, P1, 0L));
    }
  }

  @Test
  void oneUntrackedSubtaskMakesAllUntracked() {
    FenceNote on = note(4, true, Map.of(), Map.of());
    FenceNote off = note(4, false, Map.of(), Map.of());

    assertThat(FenceNote.merge(List.of(on, off, on)).tracked()).isFalse();
    assertThat(FenceNote.merge(List.of(on, on)).tracked()).isTrue();
  }

  static FenceNote note(
      long settledId, boolean tracked, Map<Partition, Long> ends, Map<Partition, Long> passed) {
    return new FenceNote("job", 5, settledId, tracked, new TreeMap<>(ends), new TreeMap<>(passed));
  }
}
