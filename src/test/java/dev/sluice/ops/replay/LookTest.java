package dev.sluice.ops.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.ledger.Partition;
import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** From where replayed records are looked for, and when nobody can tell. */
class LookTest {

  private static final Partition INPUT = new Partition("events", 0);
  private static final Partition DEFERRED = new Partition("deferred", 0);

  @Test
  void aMarkThatTheInputStillReachesIsWhereToLook() throws Exception {
    assertThat(from(look(10, 90, 20), marks(40), false)).isEqualTo(40);
    assertThat(from(look(40, 90, 40), marks(40), true)).isEqualTo(40);
  }

  @Test
  void withoutAMarkTheTimeOfTheOldestDeferredRecordTells() throws Exception {
    assertThat(from(look(0, 90, 20), Marks.NONE, false)).isEqualTo(20);
    assertThat(from(look(10, 90, 20), Marks.NONE, false)).isEqualTo(20);
    assertThat(from(look(0, 90, -1), Marks.NONE, false)).as("nothing is so young").isEqualTo(90);
    assertThat(from(look(0, 90, 0), Marks.NONE, false)).isZero();
  }

  @Test
  void aMarkBelowWhatIsDeletedCountsAsNone() throws Exception {
    assertThat(from(look(50, 90, 60), marks(40), false)).isEqualTo(60);
    assertThatThrownBy(() -> from(look(50, 90, 50), marks(40), false))
        .isInstanceOf(IOException.class);
  }

  @Test
  void whereReplayedRecordsMayBeDeletedNothingIsGuessed() throws Exception {
    assertThatThrownBy(() -> from(look(10, 90, 10), Marks.NONE, false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("events/0 below 10 are deleted")
        .hasMessageContaining("and none was")
        .hasMessageContaining("--first-time");
    assertThat(from(look(10, 90, 10), Marks.NONE, true)).isEqualTo(90);
  }

  /** Said twice, the flag would double what the first run has done. */
  @Test
  void theFirstTimeIsNotBelievedWhereMarksTellOtherwise() {
    assertThatThrownBy(() -> from(look(50, 90, 50), marks(40), true))
        .isInstanceOf(IOException.class);
  }

  @Test
  void marksCountOnlyIfTheyTellOfEveryDeferredPartition() {
    SortedMap<Partition, Long> ends = map(DEFERRED, 8L, new Partition("deferred", 1), 3L);
    SortedMap<Partition, Long> committed = map(DEFERRED, 5L, INPUT, 40L);
    assertThat(Marks.of(committed, map(), ends).isNone()).isTrue();
    Marks told = Marks.of(committed, map(new Partition("deferred", 1), 3L), ends);
    assertThat(told.settled()).isEqualTo(map(DEFERRED, 5L));
    assertThat(told.lookFrom()).isEqualTo(map(INPUT, 40L));
    assertThat(told.offsets()).hasSize(2);
  }

  @Test
  void marksBeyondATopicThatWasMadeAnewCountAsNone() {
    assertThat(Marks.of(map(DEFERRED, 9L), map(), map(DEFERRED, 8L)).isNone()).isTrue();
    assertThat(Marks.of(map(DEFERRED, 8L), map(), map(DEFERRED, 8L)).isNone()).isFalse();
  }

  private static long from(Look look, Marks marks, boolean firstTime) throws IOException {
    return look.from(marks, firstTime, "deferred").getOrDefault(INPUT, -1L);
  }

  private static Look look(long beginning, long end, long since) {
    return new Look(map(INPUT, beginning), map(INPUT, end), map(INPUT, since));
  }

  private static Marks marks(long lookFrom) {
    return new Marks(map(DEFERRED, 5L), map(INPUT, lookFrom));
  }

  private static SortedMap<Partition, Long> map() {
    return new TreeMap<>();
  }

  private static SortedMap<Partition, Long> map(Partition one, long offset) {
    return new TreeMap<>(Map.of(one, offset));
  }

  private static SortedMap<Partition, Long> map(
      Partition one, long offset, Partition other, long itsOffset) {
    return new TreeMap<>(Map.of(one, offset, other, itsOffset));
  }
}
