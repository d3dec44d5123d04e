package dev.sluice.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A release with newer formats resumes from the snapshot of an older one, never the reverse. */
class FormatUpgradeHarnessTest {

  private static final int KEYS = 12;

  enum Backend {
    HEAP,
    ROCKSDB;

    StateBackend create() {
      return this == HEAP ? new HashMapStateBackend() : new EmbeddedRocksDBStateBackend();
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theSameReleaseFindsItsStateIntact(Backend backend) throws Exception {
    OperatorSubtaskState snapshot = release1(backend, null, "stored");

    release1(backend, snapshot, "intact");
  }

  @ParameterizedTest
  @EnumSource
  void aLaterReleaseFindsTheStateOfAnEarlierOneIntact(Backend backend) throws Exception {
    OperatorSubtaskState written1 = release1(backend, null, "stored");

    OperatorSubtaskState written2 = release2(backend, written1, "intact");

    release2(backend, written2, "intact");
  }

  @ParameterizedTest
  @EnumSource
  void anEarlierReleaseRefusesTheStateOfALaterOne(Backend backend) throws Exception {
    OperatorSubtaskState written2 = release2(backend, null, "stored");

    assertThatThrownBy(() -> release1(backend, written2, "intact"))
        .hasStackTraceContaining("StateMigrationException");
  }

  private static OperatorSubtaskState release1(
      Backend backend, @Nullable OperatorSubtaskState restored, String expected) throws Exception {
    return run(backend, restored, new ModelStateSerializer(), new PendingSerializer(), expected);
  }

  private static OperatorSubtaskState release2(
      Backend backend, @Nullable OperatorSubtaskState restored, String expected) throws Exception {
    return run(backend, restored, new LaterVersion.Models(), new LaterVersion.Pendings(), expected);
  }

  /** Restores, sends every key once, expects the same answer from all, takes a snapshot. */
  @SuppressWarnings(
      "try") // the harness's close() declares InterruptedException; no thread interrupts
  private static OperatorSubtaskState run(
      Backend backend,
      @Nullable OperatorSubtaskState restored,
      TypeSerializer<ModelState> models,
      TypeSerializer<Pending> pendings,
      String expected)
      throws Exception {
    try (var harness =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(new StoredSamples(models, pendings)),
            key -> key,
            Types.INT,
            128,
            1,
            0)) {
      harness.setStateBackend(backend.create());
      if (restored != null) {
        harness.initializeState(restored);
      }
      harness.open();
      for (int key = 0; key < KEYS; key++) {
        harness.processElement(key, key);
      }
      List<String> answers = IntStream.range(0, KEYS).mapToObj(k -> k + " " + expected).toList();
      assertThat(harness.extractOutputValues()).containsExactlyElementsOf(answers);
      return harness.snapshot(1, 1);
    }
  }
}
