package dev.sluice.ledger;

import static dev.sluice.ledger.OriginSetTest.set;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Origin;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FenceTest {

  private static final Origin FIVE = new Origin("t", 0, 5);
  private static final Origin SIX = new Origin("t", 0, 6);
  private static final Origin BEYOND = new Origin("t", 1, 1L << 33);

  @Test
  void everythingPassesAtAFirstStart() {
    Fence fence = new Fence(0, new OriginSet(), true, Map.of());

    assertThat(fence.passes(FIVE)).isTrue();
    assertThat(fence.suppressed()).isZero();
    assertThat(fence.snapshot(1)).containsExactly(new OpenInterval(1, set(FIVE)));
  }

  @Test
  void whatIsAheadIsSuppressedEachTimeAndNeverNoted() {
    Fence fence = new Fence(3, set(FIVE, BEYOND), true, Map.of());

    assertThat(fence.passes(FIVE)).isFalse();
    assertThat(fence.passes(BEYOND)).isFalse();
    assertThat(fence.passes(SIX)).isTrue();
    assertThat(fence.passes(FIVE)).isFalse();
    assertThat(fence.suppressed()).isEqualTo(3);
    assertThat(fence.snapshot(4)).containsExactly(new OpenInterval(4, set(SIX)));
  }

  @Test
  void anIntervalStaysOpenUntilItsSnapshotOrALaterOneIsSettled() {
    Fence fence = new Fence(0, new OriginSet(), true, Map.of());
    fence.passes(FIVE);
    fence.snapshot(1);
    fence.passes(SIX);
    OpenInterval first = new OpenInterval(1, set(FIVE));
    OpenInterval third = new OpenInterval(3, set(SIX));

    assertThat(fence.snapshot(3)).containsExactly(first, third);
    fence.settled(2);
    assertThat(fence.snapshot(4)).containsExactly(third);
    fence.settled(4);
    assertThat(fence.snapshot(5)).isEmpty();
    assertThat(fence.settledId()).isEqualTo(4);
  }

  @Test
  void anOldNoticeDoesNotTurnTheSettledIdBack() {
    Fence fence = new Fence(7, new OriginSet(), true, Map.of());
    fence.settled(6);

    assertThat(fence.settledId()).isEqualTo(7);
  }

  @Test
  void withoutTrackingNothingIsNotedButAheadIsSuppressed() {
    Fence fence = new Fence(3, set(FIVE), false, Map.of());

    assertThat(fence.passes(FIVE)).isFalse();
    assertThat(fence.passes(SIX)).isTrue();
    assertThat(fence.snapshot(4)).isEmpty();
  }

  @Test
  void passedIsTheHighestThatWasAnsweredOrSuppressedOrPassedBefore() {
    Fence fence =
        new Fence(3, set(SIX), true, Map.of(new Partition("t", 0), 4L, new Partition("u", 0), 9L));
    assertThat(fence.passed())
        .isEqualTo(Map.of(new Partition("t", 0), 4L, new Partition("u", 0), 9L));
    fence.passes(SIX);
    fence.passes(FIVE);

    assertThat(fence.passed())
        .isEqualTo(Map.of(new Partition("t", 0), 6L, new Partition("u", 0), 9L));
    assertThat(new Fence(3, set(SIX), true, Map.of()).passed()).isEmpty();
  }
}
