package dev.sluice.enrich;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Event;
import dev.sluice.event.Event.Malformed;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Reason;
import dev.sluice.state.SluiceTypes;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What earlier runs left waiting for lookups leaves first, once, and is stored no more. */
@SuppressWarnings("try") // Flink's harness declares close() to throw any exception
@Timeout(60)
class PassOnTest {

  private static final TypeSerializer<Event> EVENTS =
      SluiceTypes.EVENT.createSerializer(new SerializerConfigImpl());

  private static final int MAX_PARALLELISM = 128;

  @Test
  void whatWaitedInFlinksOwnOperatorLeavesFirst() throws Exception {
    OperatorSubtaskState old = WaitingFixtures.earlier(1, 0, event(0, 1), event(0, 2), event(0, 3));

    OperatorSubtaskState later = passesOn(new PassOn.Earlier(), old, 1, 2, 3);
    passesOn(new PassOn.Earlier(), later);
  }

  @Test
  void eachSubtaskGetsBackItsOwnWithTheParallelismOfThen() throws Exception {
    OperatorSubtaskState old =
        AbstractStreamOperatorTestHarness.repackageState(
            WaitingFixtures.earlier(2, 0, event(0, 1), event(0, 2)),
            WaitingFixtures.earlier(2, 1, event(1, 3), event(1, 4)));

    assertThat(restored(new PassOn.Earlier(), old, 2, 2, 0)).containsExactly(1L, 2L);
    assertThat(restored(new PassOn.Earlier(), old, 2, 2, 1)).containsExactly(3L, 4L);
  }

  @Test
  void whatWaitedIsPassedOnOnceWhereLookupsAreOff() throws Exception {
    OperatorSubtaskState old = WaitingFixtures.now(1, 0, event(0, 1), event(0, 2), event(0, 3));

    OperatorSubtaskState later = passesOn(new PassOn.Off(), old, 1, 2, 3);
    passesOn(new PassOn.Off(), later);
  }

  @Test
  void itLeavesFromOneSubtaskForEachPartitionAtAnyParallelism() throws Exception {
    OperatorSubtaskState old =
        AbstractStreamOperatorTestHarness.repackageState(
            WaitingFixtures.now(2, 0, event(0, 1), event(1, 1), event(0, 2), event(1, 2)),
            WaitingFixtures.now(2, 1, event(2, 1), event(2, 2)));
    for (int parallelism = 1; parallelism <= 5; parallelism++) {
      List<Long> all = new ArrayList<>();
      for (int i = 0; i < parallelism; i++) {
        all.addAll(restored(new PassOn.Off(), old, 2, parallelism, i));
      }
      assertThat(all).as("parallelism %s", parallelism).hasSize(6).containsOnly(1L, 2L);
    }
    // As KafkaSourceEnumerator deals the partitions of "events" out to three.
    int first = (("events".hashCode() * 31) & Integer.MAX_VALUE) % 3;
    for (int i = 0; i < 3; i++) {
      assertThat(restored(new PassOn.Off(), old, 2, 3, i)).containsExactly(1L, 2L);
      assertThat(origins(new PassOn.Off(), old, 2, 3, i))
          .extracting(Origin::partition)
          .containsOnly(Math.floorMod(i - first, 3));
    }
  }

  @Test
  void aJobThatNeverLookedUpStoresNothing() throws Exception {
    for (PassOn operator : List.of(new PassOn.Earlier(), new PassOn.Off())) {
      try (Harness harness = new Harness(operator, 1, 0)) {
        harness.open();
        harness.processElement(event(0, 1), 1);

        assertThat(harness.extractOutputValues()).hasSize(1);
        assertThat(harness.snapshot(1, 1).hasState()).isFalse();
      }
    }
  }

  /** Restores, lets one event more through, and returns the next snapshot. */
  private static OperatorSubtaskState passesOn(
      PassOn operator, OperatorSubtaskState snapshot, long... expected) throws Exception {
    try (Harness harness = new Harness(operator, 1, 0)) {
      harness.initializeState(snapshot);
      harness.open();
      harness.processElement(event(0, 9), 9);
      List<Long> offsets = new ArrayList<>();
      for (long offset : expected) {
        offsets.add(offset);
      }
      offsets.add(9L);
      assertThat(harness.extractOutputValues())
          .extracting(event -> event.raw().origin().offset())
          .containsExactlyElementsOf(offsets);
      return harness.snapshot(2, 2);
    }
  }

  private static List<Long> restored(
      PassOn operator, OperatorSubtaskState snapshot, int before, int after, int subtask)
      throws Exception {
    return origins(operator, snapshot, before, after, subtask).stream()
        .map(Origin::offset)
        .toList();
  }

  private static List<Origin> origins(
      PassOn operator, OperatorSubtaskState snapshot, int before, int after, int subtask)
      throws Exception {
    try (Harness harness = new Harness(operator, after, subtask)) {
      harness.initializeState(
          AbstractStreamOperatorTestHarness.repartitionOperatorState(
              snapshot, MAX_PARALLELISM, before, after, subtask));
      harness.open();
      return harness.extractOutputValues().stream().map(event -> event.raw().origin()).toList();
    }
  }

  private static Event event(int partition, long offset) {
    RawRecord raw =
        new RawRecord(
            new Origin("events", partition, offset), offset, "k".getBytes(UTF_8), new byte[0]);
    return new Malformed(raw, Reason.BAD_FIELD, "bad");
  }

  private static final class Harness extends OneInputStreamOperatorTestHarness<Event, Event> {

    Harness(PassOn operator, int parallelism, int subtask) throws Exception {
      super(operator, MAX_PARALLELISM, parallelism, subtask);
      config.setupNetworkInputs(EVENTS);
      config.serializeAllConfigs();
      setup(EVENTS);
    }
  }
}
