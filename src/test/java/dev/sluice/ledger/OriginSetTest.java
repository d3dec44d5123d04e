package dev.sluice.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Origin;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OriginSetTest {

  private static final long BEYOND = 1L << 32;

  @Test
  void anEmptySetHoldsNothing() {
    OriginSet empty = new OriginSet();

    assertThat(empty.isEmpty()).isTrue();
    assertThat(empty.size()).isZero();
    assertThat(empty.highest()).isEmpty();
    assertThat(empty.contains(new Origin("t", 0, 0))).isFalse();
    assertThat(empty).hasToString("none").isEqualTo(set()).hasSameHashCodeAs(set());
  }

  @Test
  void topicsPartitionsAndOffsetsAreAllToldApart() {
    OriginSet set = set(new Origin("t", 0, 5), new Origin("t", 2, BEYOND + 5));

    assertThat(set.size()).isEqualTo(2);
    assertThat(set.contains(new Origin("t", 0, 5))).isTrue();
    assertThat(set.contains(new Origin("t", 2, BEYOND + 5))).isTrue();
    assertThat(set.contains(new Origin("t", 2, 5))).isFalse();
    assertThat(set.contains(new Origin("t", 0, BEYOND + 5))).isFalse();
    assertThat(set.contains(new Origin("t", 1, 5))).isFalse();
    assertThat(set.contains(new Origin("t", 3, 5))).isFalse();
    assertThat(set.contains(new Origin("u", 0, 5))).isFalse();
    assertThat(set.highest())
        .isEqualTo(Map.of(new Partition("t", 0), 5L, new Partition("t", 2), BEYOND + 5));
  }

  @Test
  void rangesIncludeBothEndsAndMayCrossTwoToTheThirtyTwo() {
    OriginSet set = new OriginSet();
    set.addRange("t", 0, BEYOND - 2, BEYOND + 1);
    set.addRange("t", 0, 7, 7);

    assertThat(set.size()).isEqualTo(5);
    assertThat(set.ranges(9)).isEqualTo("t/0: 7, 4294967294-4294967297 (5)");
  }

  @Test
  void theHighestIsKnownAfterTheBucketAboveItWasEmptied() {
    OriginSet set = set(new Origin("t", 0, 5), new Origin("t", 0, BEYOND), new Origin("t", 0, 6));
    set.removeAll(set(new Origin("t", 0, BEYOND), new Origin("t", 0, 5), new Origin("u", 0, 1)));

    assertThat(set.highest()).isEqualTo(Map.of(new Partition("t", 0), 6L));
    assertThat(set).isEqualTo(set(new Origin("t", 0, 6)));
  }

  @Test
  void aSetMinusItselfIsEmpty() {
    OriginSet set = set(new Origin("t", 0, 5), new Origin("t", 0, BEYOND));
    set.removeAll(set);

    assertThat(set).isEqualTo(new OriginSet());
    assertThat(set.highest()).isEmpty();
  }

  @Test
  void aCopyAndAUnionAreSetsOfTheirOwn() {
    OriginSet one = set(new Origin("t", 0, 1));
    OriginSet copy = one.copy();
    OriginSet union = set(new Origin("u", 3, 9));
    union.addAll(one);
    one.add(new Origin("t", 0, 2));

    assertThat(copy.ranges(9)).isEqualTo("t/0: 1 (1)");
    assertThat(union.ranges(9)).isEqualTo("t/0: 1 (1); u/3: 9 (1)");
    assertThat(one.ranges(9)).isEqualTo("t/0: 1-2 (2)");
  }

  @Test
  void sizeAboveCountsWhatLiesAboveAnOffsetAndAllWithoutOne() {
    OriginSet set = set(new Origin("t", 0, 1), new Origin("t", 0, 2), new Origin("t", 1, 0));
    set.add(new Origin("t", 0, BEYOND));

    assertThat(set.sizeAbove(Map.of())).isEqualTo(4);
    assertThat(set.sizeAbove(Map.of(new Partition("t", 0), 1L))).isEqualTo(3);
    assertThat(set.sizeAbove(Map.of(new Partition("t", 0), 2L))).isEqualTo(2);
    assertThat(set.sizeAbove(Map.of(new Partition("t", 0), BEYOND))).isEqualTo(1);
    assertThat(set.sizeAbove(Map.of(new Partition("t", 0), BEYOND, new Partition("t", 1), 0L)))
        .isZero();
  }

  @Test
  void rangesNameTheFirstAndCountAll() {
    OriginSet set = set(new Origin("t", 0, 1), new Origin("t", 0, 3), new Origin("t", 0, 5));

    assertThat(set.ranges(3)).isEqualTo("t/0: 1, 3, 5 (3)");
    assertThat(set.ranges(2)).isEqualTo("t/0: 1, 3, … (3)");
    set.addRange("t", 0, 10, 1_009);
    assertThat(set.ranges(4)).isEqualTo("t/0: 1, 3, 5, 10-1009 (1,003)");
  }

  @Test
  void aHundredMillionNeighboursFitIntoAFewKilobytes() {
    OriginSet set = new OriginSet();
    set.addRange("t", 0, 0, 99_999_999);

    assertThat(set.size()).isEqualTo(100_000_000);
    assertThat(bytes(set.compress())).isLessThan(30_000);
  }

  @Test
  void aHundredMillionOffsetsTakeNoMoreThanABitEach() {
    OriginSet set = new OriginSet();
    for (long offset = 0; offset < 100_000_000; offset += 3) {
      set.add(new Origin("t", 0, offset));
    }

    assertThat(bytes(set.compress())).isLessThan(12_600_000);
  }

  private static long bytes(OriginSet set) {
    return set.partitions().values().stream()
        .mapToLong(offsets -> offsets.getLongSizeInBytes())
        .sum();
  }

  static OriginSet set(Origin... origins) {
    OriginSet set = new OriginSet();
    for (Origin origin : origins) {
      set.add(origin);
    }
    return set;
  }
}
