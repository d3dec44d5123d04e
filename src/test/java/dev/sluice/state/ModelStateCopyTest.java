package dev.sluice.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Features;
import dev.sluice.event.ServedBy;
import dev.sluice.features.FeatureEncoder;
import dev.sluice.model.ModelState;
import dev.sluice.support.ModelStates;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
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

  private static final Features NUMBER =
      new Features(new String[] {"x"}, new String[1], new double[] {1});

  static Stream<Consumer<ModelState>> changes() {
    return Stream.of(
        state -> ModelStates.change(state, 0, all -> all.weights()[1][8] = 99),
        state -> ModelStates.change(state, 0, all -> all.accumulators()[1][0][0] = 99),
        state -> FeatureEncoder.championFirst(List.of(), 8).encode(NUMBER, state.scaler, false),
        state -> state.target.count = 99,
        state -> state.target.mean = 99,
        state -> state.target.variance = 99,
        state -> state.mixture.shares[0] = 99,
        state -> state.mixture.weights[0][1] = 99,
        state -> state.mixture.scale = 99,
        state -> state.mixture.outcomes = 99,
        state -> state.predictions = 99,
        state -> state.updates = 99,
        state -> state.refusedUpdates = 99,
        state -> state.evaluations = 99,
        state -> state.championLossSum = 99,
        state -> state.challengerLossSum = 99,
        state -> state.lossWeight = 99,
        state -> state.evaluationsBefore = 99,
        state -> state.generation = 99,
        state -> state.begun = 99,
        state -> state.target.first = new double[] {99},
        state -> state.lastEventMs = 99,
        state -> state.drift.count = 99,
        state -> state.drift.mean = 99,
        state -> state.drift.variance = 99,
        state -> state.drift.sum = 99,
        state -> state.drift.minimum = 99,
        state -> state.drift.alarms = 99,
        state -> state.best = ServedBy.CHALLENGER);
  }

  @Test
  void theTimeCanBeTakenOutOfStoredBytes() throws IOException {
    ModelState timed = Samples.modelStates()[4];
    ModelState untimed = serializer.copy(timed);
    untimed.lastEventMs = ModelState.UNKNOWN;
    byte[] without = Bytes.write(serializer, untimed);

    assertThat(ModelStateSerializer.withoutTime(Bytes.write(serializer, timed))).isEqualTo(without);
    assertThat(ModelStateSerializer.withoutTime(without)).isEqualTo(without);
  }
}
