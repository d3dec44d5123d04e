package dev.sluice.tool.replay;

import static dev.sluice.tool.replay.ReplayOffsets.Books.COMPLETE;
import static dev.sluice.tool.replay.ReplayOffsets.Books.PARTIAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.kafka.Partitions;
import dev.sluice.ledger.Partition;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;

/** From where replayed records are searched for, and when that is not known. */
class ScanRangeTest {

  private static final Partition INPUT = new Partition("events", 0);
  private static final Partition DEFERRED = new Partition("deferred", 0);

  @Test
  void aMarkThatTheInputStillReachesIsWhereToLook() throws Exception {
    assertThat(from(look(10, 90, 20), marks(40), false)).isEqualTo(40);
    assertThat(from(look(40, 90, 40), marks(40), true)).isEqualTo(40);
  }

  @Test
  void withoutAMarkTheTimeOfTheOldestDeferredRecordTells() throws Exception {
    assertThat(from(look(0, 90, 20), ReplayOffsets.NONE, false)).isEqualTo(20);
    assertThat(from(look(10, 90, 20), ReplayOffsets.NONE, false)).isEqualTo(20);
    assertThat(from(look(0, 90, -1), ReplayOffsets.NONE, false))
        .as("nothing is so young")
        .isEqualTo(90);
    assertThat(from(look(0, 90, 0), ReplayOffsets.NONE, false)).isZero();
  }

  @Test
  void aMarkBelowWhatIsDeletedCountsAsNone() throws Exception {
    assertThat(from(look(50, 90, 60), marks(40), false)).isEqualTo(60);
    assertThatThrownBy(() -> from(look(50, 90, 50), marks(40), false))
        .isInstanceOf(IOException.class);
  }

  /** However long ago the last run was: what is not settled was not replayed. */
  @Test
  void completeBooksTellWhereTheHeadersAreDeleted() throws Exception {
    ReplayOffsets complete =
        new ReplayOffsets(map(DEFERRED, 5L), new TreeMap<>(), map(INPUT, 40L), COMPLETE);
    assertThat(from(look(50, 90, 50), complete, false)).isEqualTo(90);
    assertThat(from(look(10, 90, 50), complete, false)).as("there to be read").isEqualTo(40);
    ReplayOffsets ofAnotherInput =
        new ReplayOffsets(
            map(DEFERRED, 5L), new TreeMap<>(), map(new Partition("more", 0), 40L), COMPLETE);
    assertThatThrownBy(() -> from(look(50, 90, 50), ofAnotherInput, false))
        .as("runs did not have this input")
        .isInstanceOf(IOException.class);
  }

  @Test
  void whereReplayedRecordsMayBeDeletedNothingIsGuessed() throws Exception {
    assertThatThrownBy(() -> from(look(10, 90, 10), ReplayOffsets.NONE, false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("events/0 below 10 are deleted")
        .hasMessageContaining("and none was")
        .hasMessageContaining("--first-time");
    assertThat(from(look(10, 90, 10), ReplayOffsets.NONE, true)).isEqualTo(90);
  }

  /** Given twice, the flag would repeat what the first run has done. */
  @Test
  void theFirstTimeIsNotBelievedWhereMarksTellOtherwise() {
    assertThatThrownBy(() -> from(look(50, 90, 50), marks(40), true))
        .isInstanceOf(IOException.class);
  }

  @Test
  void marksCountOnlyIfTheyTellOfEveryDeferredPartition() {
    SortedMap<Partition, Long> ends = map(DEFERRED, 8L, new Partition("deferred", 1), 3L);
    SortedMap<Partition, Long> committed = map(DEFERRED, 5L, INPUT, 40L);
    assertThat(ReplayOffsets.of(group(committed), map(), ends).isNone()).isTrue();
    ReplayOffsets reported =
        ReplayOffsets.of(group(committed), map(new Partition("deferred", 1), 3L), ends);
    assertThat(reported.books()).as("as an earlier tool commits them").isEqualTo(PARTIAL);
    assertThat(reported.settled()).isEqualTo(map(DEFERRED, 5L));
    assertThat(reported.lookFrom()).isEqualTo(map(INPUT, 40L));
    assertThat(reported.offsets()).hasSize(2);
  }

  @Test
  void marksBeyondATopicThatWasMadeAnewCountAsNone() {
    assertThat(ReplayOffsets.of(group(map(DEFERRED, 9L)), map(), map(DEFERRED, 8L)).isNone())
        .isTrue();
    assertThat(ReplayOffsets.of(group(map(DEFERRED, 8L)), map(), map(DEFERRED, 8L)).isNone())
        .isFalse();
  }

  @Test
  void marksOfALaterVersionCountAsNone() {
    for (String metadata : List.of("replay2;complete;", "replay1;complete;x", "of another tool")) {
      SortedMap<Partition, OffsetAndMetadata> committed =
          new TreeMap<>(Map.of(DEFERRED, new OffsetAndMetadata(5, metadata)));
      assertThat(ReplayOffsets.of(committed, map(), map(DEFERRED, 8L)).isNone())
          .as(metadata)
          .isTrue();
    }
  }

  @Test
  void whatIsLeftIsReadFromAndTheRestIsSettled() {
    OffsetRanges ranges = new OffsetRanges();
    List.of(2L, 3L, 7L, 4L, 40L).forEach(ranges::add);
    ReplayOffsets marks =
        new ReplayOffsets(
            map(DEFERRED, 50L), new TreeMap<>(Map.of(DEFERRED, ranges)), map(INPUT, 9L), COMPLETE);
    SortedMap<Partition, OffsetAndMetadata> committed = new TreeMap<>();
    marks.offsets().forEach((p, offset) -> committed.put(Partitions.of(p), offset));
    assertThat(committed.get(DEFERRED))
        .isEqualTo(new OffsetAndMetadata(50, "replay1;complete;2+3,2+1,w+1"));

    ReplayOffsets read = ReplayOffsets.of(committed, map(DEFERRED, 3L), map(DEFERRED, 60L));
    assertThat(read.books()).isEqualTo(COMPLETE);
    assertThat(read.readFrom()).as("2 is deleted").isEqualTo(map(DEFERRED, 3L));
    assertThat(LongStream.range(3, 60).filter(at -> !read.isSettled(DEFERRED, at)).boxed())
        .containsExactlyElementsOf(
            LongStream.concat(LongStream.of(3, 4, 7, 40), LongStream.range(50, 60))
                .boxed()
                .toList());
  }

  private static SortedMap<Partition, OffsetAndMetadata> group(SortedMap<Partition, Long> offsets) {
    SortedMap<Partition, OffsetAndMetadata> committed = new TreeMap<>();
    offsets.forEach((p, offset) -> committed.put(p, new OffsetAndMetadata(offset)));
    return committed;
  }

  private static long from(ScanRange look, ReplayOffsets marks, boolean firstTime)
      throws IOException {
    return look.from(marks, firstTime, "deferred").getOrDefault(INPUT, -1L);
  }

  private static ScanRange look(long beginning, long end, long since) {
    return new ScanRange(map(INPUT, beginning), map(INPUT, end), map(INPUT, since));
  }

  private static ReplayOffsets marks(long lookFrom) {
    return new ReplayOffsets(map(DEFERRED, 5L), new TreeMap<>(), map(INPUT, lookFrom), PARTIAL);
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
