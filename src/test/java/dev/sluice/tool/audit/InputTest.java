package dev.sluice.tool.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import dev.sluice.tool.audit.Input.Span;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class InputTest {

  private static final Partition ZERO = new Partition("events", 0);
  private static final Partition ONE = new Partition("events", 1);

  @Test
  void judgesFromWhatIsLeftToTheBound() {
    Input input =
        Input.of(
            stopped(Map.of(ZERO, 80L)), offsets(Map.of(ZERO, 10L)), offsets(Map.of(ZERO, 99L)));

    assertThat(input.spans()).containsExactly(Map.entry(ZERO, new Span(10, 80, 99)));
    assertThat(input.judged()).containsExactly(Map.entry("events/0", "10-80"));
    assertThat(input.notes()).singleElement().asString().contains("below 10 are deleted");
  }

  @Test
  void aBoundBelowWhatIsLeftJudgesNothing() {
    Input input =
        Input.of(stopped(Map.of(ZERO, 5L)), offsets(Map.of(ZERO, 10L)), offsets(Map.of(ZERO, 99L)));

    assertThat(input.spans()).containsExactly(Map.entry(ZERO, new Span(10, 10, 99)));
  }

  @Test
  void aBoundBeyondTheEndMeansAnotherTopicOfTheSameName() {
    Input input =
        Input.of(stopped(Map.of(ZERO, 80L)), offsets(Map.of(ZERO, 0L)), offsets(Map.of(ZERO, 7L)));

    assertThat(input.spans()).containsExactly(Map.entry(ZERO, new Span(0, 7, 7)));
    assertThat(input.notes()).singleElement().asString().contains("created again");
  }

  @Test
  void aPartitionThatTheSnapshotDoesNotKnowIsJudgedToNothing() {
    SortedMap<Partition, Long> beginnings = offsets(Map.of(ZERO, 0L, ONE, 0L));
    SortedMap<Partition, Long> ends = offsets(Map.of(ZERO, 80L, ONE, 3L));
    Input input = Input.of(stopped(Map.of(ZERO, 80L)), beginnings, ends);

    assertThat(input.spans()).containsEntry(ONE, new Span(0, 0, 3));
    assertThat(input.notes())
        .singleElement()
        .asString()
        .startsWith("events/1: the snapshot does not know this partition");
  }

  @Test
  void aPartitionThatIsGoneIsNamed() {
    Input input =
        Input.of(
            stopped(Map.of(ZERO, 80L, ONE, 4L)),
            offsets(Map.of(ZERO, 0L)),
            offsets(Map.of(ZERO, 80L)));

    assertThat(input.notes()).containsExactly("events/1: there is no such partition any more");
  }

  @Test
  void aNegativeSourceOffsetStandsForTheBeginning() {
    assertThat(stopped(Map.of(ZERO, -2L)).to()).containsEntry(ZERO, 0L);
  }

  private static Bounds stopped(Map<Partition, Long> to) {
    return Bounds.ofSnapshot(offsets(to), new OriginSet());
  }

  private static SortedMap<Partition, Long> offsets(Map<Partition, Long> offsets) {
    return new TreeMap<>(offsets);
  }
}
