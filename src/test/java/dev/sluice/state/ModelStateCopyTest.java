package dev.sluice.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.event.ServedBy;
import dev.sluice.features.ScalerState;
import dev.sluice.model.ModelState;
import java.io.IOException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ModelStateCopyTest {

  private final ModelStateSerializer serializer = new ModelStateSerializer();

  @ParameterizedTest
  @MethodSource("changes")
  void aCopyDoesNotFollowItsOriginal(Consumer<ModelState> change) {
    ModelState original = Samples.modelStates()[0];
    ModelState copy = serializer.copy(original);
    assertThat(SameValue.same(copy, original)).isTrue();

    change.accept(original);

    assertThat(SameValue.same(copy, original)).isFalse();
    assertThat(SameValue.same(copy, Samples.modelStates()[0])).isTrue();
  }

  static Stream<Consumer<ModelState>> changes() {
    return Stream.of(
        state -> state.weights[1][8] = 99,
        state -> state.accumulators[1][0][0] = 99,
        state -> state.scaler.count[0] = 99,
        state -> state.scaler.mean[0] = 99,
        state -> state.scaler.m2[0] = 99,
        state -> state.predictions = 99,
        state -> state.updates = 99,
        state -> state.refusedUpdates = 99,
        state -> state.evaluations = 99,
        state -> state.championLossSum = 99,
        state -> state.challengerLossSum = 99,
        state -> state.lossWeight = 99,
        state -> state.evaluationsBefore = 99,
        state -> state.generation = 99,
        state -> state.lastEventMs = 99,
        state -> state.drift.count = 99,
        state -> state.drift.mean = 99,
        state -> state.drift.sum = 99,
        state -> state.drift.minimum = 99,
        state -> state.drift.alarms = 99,
        state -> state.best = ServedBy.CHALLENGER);
  }

  @Test
  void aModelThatKnowsNoTimeTakesNoByteForIt() throws IOException {
    ModelState timed = Samples.modelStates()[4];
    ModelState untimed = serializer.copy(timed);
    untimed.lastEventMs = ModelState.UNKNOWN;
    byte[] with = Bytes.write(serializer, timed);
    byte[] without = Bytes.write(serializer, untimed);

    assertThat(with).hasSize(without.length + Long.BYTES);
    assertThat(ModelStateSerializer.withoutTime(with)).isEqualTo(without);
    assertThat(ModelStateSerializer.withoutTime(without)).isSameAs(without);
  }

  @Test
  void aRaggedMatrixIsNotWritten() {
    ModelState ragged =
        new ModelState(
            new double[][] {{1, 2}, {3}},
            new double[0][][],
            new ScalerState(0),
            ServedBy.CHALLENGER);

    assertThatThrownBy(() -> serializer.serialize(ragged, new DataOutputSerializer(64)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("one shape");
  }
}
