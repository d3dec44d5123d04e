package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Features;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Target;
import dev.sluice.state.Uids;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.runtime.state.BackendBuildingException;
import org.apache.flink.runtime.state.DefaultOperatorStateBackendBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FeatureWatchTest {

  private static final long NOW_MS = 1_800_000_000_000L;
  private static final long DAY_MS = 86_400_000;

  private final OperatorStateStore store = store();
  private FeatureWatch watch = watch(store);

  @Test
  void whatTheFirstObservationsBringIsKnown() {
    assertThat(watch.look(numbers("a", "b"))).matches(FeatureWatchTest::isNothing);
    assertThat(watch.look(numbers("c"))).matches(FeatureWatchTest::isNothing);
    warmUp(watch, "a", "b");
    assertThat(watch.look(numbers("a", "c"))).matches(FeatureWatchTest::isNothing);
  }

  @Test
  void aLaterNameIsCountedUntilItHasComeAThousandTimes() {
    warmUp(watch, "temperature");

    for (int i = 0; i < FeatureWatch.KNOWN_AFTER; i++) {
      assertThat(watch.look(numbers("temprature")).newFeature).as("%s times", i).isTrue();
    }
    assertThat(watch.look(numbers("temprature"))).matches(FeatureWatchTest::isNothing);
    assertThat(watch.look(numbers("temperature"))).matches(FeatureWatchTest::isNothing);
  }

  @Test
  void aNumberThatBecomesATextIsAnotherTypeAmongTheFirstEventsToo() {
    watch.look(numbers("temperature"));

    FeatureWatch.Findings text = watch.look(observation("temperature", "70.5"));
    assertThat(text.otherType).isTrue();
    assertThat(text.newFeature).isFalse();

    warmUp(watch, "temperature");
    assertThat(watch.look(observation("temperature", "70.5")).otherType).isTrue();
    assertThat(watch.look(numbers("temperature"))).matches(FeatureWatchTest::isNothing);
  }

  @Test
  void aTimeFarFromTheRecordsIsCountedForBothHalves() {
    assertThat(watch.look(at(NOW_MS / 1000)).farTime).isTrue();
    assertThat(watch.look(at(NOW_MS - DAY_MS)).farTime).isFalse();
    assertThat(watch.look(at(NOW_MS + DAY_MS + 1)).farTime).isTrue();
    Outcome outcome = new Outcome(raw(), "f", "LAS", NOW_MS / 1000, new Target.Label("late"));
    assertThat(watch.look(outcome).farTime).isTrue();
  }

  @Test
  void aRestoreKnowsWhatAllSubtasksKnewAndRaisesNoFalseAlarm() throws Exception {
    OperatorStateStore other = store();
    FeatureWatch second = watch(other);
    warmUp(watch, "a");
    warmUp(second, "b");
    watch.look(numbers("c"));
    watch.snapshot(true);
    second.snapshot(false);

    OperatorStateStore both = store();
    bytes(both).addAll(stored(store));
    bytes(both).addAll(stored(other));
    FeatureWatch restored = watch(both);

    assertThat(restored.look(numbers("a", "b"))).matches(FeatureWatchTest::isNothing);
    assertThat(restored.look(numbers("c")).newFeature).as("not known yet").isTrue();
    assertThat(restored.look(numbers("d")).newFeature)
        .as("the first observations of the job are over")
        .isTrue();
  }

  @Test
  void itsMemoryIsBounded() throws Exception {
    for (int i = 0; i < 3 * FeatureWatch.MOST_NAMES; i++) {
      watch.look(numbers("feature-" + i));
    }
    watch.snapshot(false);

    assertThat(stored(store)).hasSize(1);
    assertThat(stored(store).get(0)).hasSizeLessThan(FeatureWatch.MOST_NAMES * 20);
    assertThat(watch.look(numbers("one more"))).matches(FeatureWatchTest::isNothing);
  }

  @Test
  void ofLongNamesFewerAreRemembered() throws Exception {
    for (int i = 0; i < FeatureWatch.MOST_NAMES; i++) {
      watch.look(numbers("\u20ac".repeat(200) + i));
    }
    watch.snapshot(false);

    assertThat(stored(store).get(0))
        .hasSizeBetween(FeatureWatch.MOST_BYTES / 2, FeatureWatch.MOST_BYTES * 11 / 10);
    assertThat(watch.look(numbers("one more"))).matches(FeatureWatchTest::isNothing);
  }

  /** Otherwise a snapshot would grow with the square of the parallelism. */
  @Test
  void aRestoredSubtaskWritesWhatItLearnedAndTheFirstOneTheRest() throws Exception {
    for (int i = 0; i < 500; i++) {
      watch.look(numbers("feature-" + i));
    }
    watch.snapshot(true);
    List<byte[]> before = stored(store);
    OperatorStateStore all = store();
    for (int subtask = 0; subtask < 4; subtask++) {
      OperatorStateStore own = store();
      bytes(own).addAll(before);
      FeatureWatch restored = watch(own);
      restored.look(numbers("new-" + subtask));
      restored.snapshot(subtask == 0);
      bytes(all).addAll(stored(own));
    }

    assertThat(stored(all).stream().mapToInt(one -> one.length).sum())
        .isLessThan(before.get(0).length + 200);
    FeatureWatch next = watch(all);
    assertThat(next.look(numbers("feature-7"))).matches(FeatureWatchTest::isNothing);
    for (int subtask = 0; subtask < 4; subtask++) {
      for (int i = 1; i < FeatureWatch.KNOWN_AFTER; i++) {
        assertThat(next.look(numbers("new-" + subtask)).newFeature).isTrue();
      }
      assertThat(next.look(numbers("new-" + subtask)))
          .as("it had come once before")
          .matches(FeatureWatchTest::isNothing);
    }
  }

  /** Never changed: another format needs another number, and this one is still read. */
  @Test
  void theFirstFormatIsReadAndWritten() throws Exception {
    String golden = "01" + "0000000000000064" + "00000001" + "0001" + "61" + "03e8" + "0002";
    OperatorStateStore old = store();
    bytes(old).add(HexFormat.of().parseHex(golden));

    FeatureWatch restored = watch(old);

    assertThat(restored.look(numbers("a"))).matches(FeatureWatchTest::isNothing);
    assertThat(restored.look(numbers("b")).newFeature).isTrue();
    restored = watch(old);
    restored.snapshot(true);
    assertThat(HexFormat.of().formatHex(stored(old).get(0))).isEqualTo(golden);
  }

  @Test
  void whatCanNotBeReadIsForgotten() throws Exception {
    for (String bad : List.of("", "02", "0100", "01000000000000006400000001ffff")) {
      OperatorStateStore damaged = store();
      bytes(damaged).add(HexFormat.of().parseHex(bad));

      assertThat(watch(damaged).look(numbers("a"))).as(bad).matches(FeatureWatchTest::isNothing);
    }
  }

  private static void warmUp(FeatureWatch watch, String... names) {
    for (int i = 0; i < FeatureWatch.FIRST; i++) {
      assertThat(watch.look(numbers(names))).matches(FeatureWatchTest::isNothing);
    }
  }

  private static boolean isNothing(FeatureWatch.Findings findings) {
    return !findings.newFeature && !findings.otherType && !findings.farTime;
  }

  private static FeatureWatch watch(OperatorStateStore store) {
    try {
      return new FeatureWatch(store, DAY_MS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static OperatorStateStore store() {
    try {
      return new DefaultOperatorStateBackendBuilder(
              FeatureWatchTest.class.getClassLoader(),
              new ExecutionConfig(),
              false,
              List.of(),
              new CloseableRegistry())
          .build();
    } catch (BackendBuildingException e) {
      throw new AssertionError(e);
    }
  }

  private static ListState<byte[]> bytes(OperatorStateStore store) throws Exception {
    return store.getUnionListState(
        new ListStateDescriptor<>(
            Uids.FEATURES_STATE, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
  }

  private static List<byte[]> stored(OperatorStateStore store) throws Exception {
    List<byte[]> all = new ArrayList<>();
    bytes(store).get().forEach(all::add);
    return all;
  }

  private static Observation numbers(String... names) {
    return observation(
        new Features(
            names,
            new @Nullable String[names.length],
            IntStream.range(0, names.length).mapToDouble(i -> i).toArray()),
        NOW_MS);
  }

  private static Observation observation(String name, String text) {
    return observation(
        new Features(new String[] {name}, new @Nullable String[] {text}, new double[1]), NOW_MS);
  }

  private static Observation at(long timeMs) {
    return observation(new Features(new String[0], new @Nullable String[0], new double[0]), timeMs);
  }

  private static Observation observation(Features features, long timeMs) {
    return new Observation(raw(), "f", "LAS", timeMs, features);
  }

  private static RawRecord raw() {
    return new RawRecord(new Origin("sluice.events", 0, 1), NOW_MS, null, null);
  }
}
