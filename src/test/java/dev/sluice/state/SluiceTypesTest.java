package dev.sluice.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.control.ControlState;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.Event;
import dev.sluice.event.OutputRecord;
import dev.sluice.ledger.AnswerJournal;
import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.OpenInterval;
import dev.sluice.ledger.OriginSet;
import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import java.io.IOException;
import java.util.stream.Stream;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SluiceTypesTest {

  static Stream<TypeInformation<?>> types() {
    return Stream.of(
        SluiceTypes.EVENT,
        SluiceTypes.OUTPUT_RECORD,
        SluiceTypes.MODEL_STATE,
        SluiceTypes.PENDING,
        SluiceTypes.FENCE_NOTE,
        SluiceTypes.OPEN_INTERVAL,
        SluiceTypes.ORIGIN_SET,
        SluiceTypes.CONTROL_RECORD,
        SluiceTypes.STANDING_ORDERS,
        SluiceTypes.ANSWER_JOURNAL);
  }

  @Test
  void eachTypeIsSerialisedByItsOwnSerializer() {
    assertThat(serializerOf(SluiceTypes.EVENT)).isInstanceOf(EventSerializer.class);
    assertThat(serializerOf(SluiceTypes.OUTPUT_RECORD)).isInstanceOf(OutputRecordSerializer.class);
    assertThat(serializerOf(SluiceTypes.MODEL_STATE)).isInstanceOf(ModelStateSerializer.class);
    assertThat(serializerOf(SluiceTypes.PENDING)).isInstanceOf(PendingSerializer.class);
    assertThat(serializerOf(SluiceTypes.FENCE_NOTE)).isInstanceOf(FenceNoteSerializer.class);
    assertThat(serializerOf(SluiceTypes.OPEN_INTERVAL)).isInstanceOf(OpenIntervalSerializer.class);
    assertThat(serializerOf(SluiceTypes.ORIGIN_SET)).isInstanceOf(OriginSetSerializer.class);
    assertThat(serializerOf(SluiceTypes.CONTROL_RECORD))
        .isInstanceOf(ControlRecordSerializer.class);
    assertThat(serializerOf(SluiceTypes.STANDING_ORDERS))
        .isInstanceOf(StandingOrdersSerializer.class);
    assertThat(serializerOf(SluiceTypes.ANSWER_JOURNAL))
        .isInstanceOf(AnswerJournalSerializer.class);
    assertThat(types().<Object>map(TypeInformation::getTypeClass))
        .containsExactly(
            Event.class,
            OutputRecord.class,
            ModelState.class,
            Pending.class,
            FenceNote.class,
            OpenInterval.class,
            OriginSet.class,
            ControlRecord.class,
            ControlState.class,
            AnswerJournal.class);
  }

  @ParameterizedTest
  @MethodSource("types")
  void aTypeIsNeverAKeyAndTravelsWithTheJob(TypeInformation<?> type)
      throws IOException, ClassNotFoundException {
    Object travelled = InstantiationUtil.clone(type);

    assertThat(type.isKeyType()).isFalse();
    assertThat(travelled).isEqualTo(type).hasSameHashCodeAs(type);
    assertThat(types().filter(type::equals)).hasSize(1);
  }

  @Test
  void onlySerializersWithoutBuffersAreShared() {
    assertThat(serializerOf(SluiceTypes.MODEL_STATE))
        .isNotSameAs(serializerOf(SluiceTypes.MODEL_STATE));
    assertThat(serializerOf(SluiceTypes.PENDING)).isNotSameAs(serializerOf(SluiceTypes.PENDING));
  }

  private static Object serializerOf(TypeInformation<?> type) {
    return type.createSerializer(new SerializerConfigImpl());
  }
}
