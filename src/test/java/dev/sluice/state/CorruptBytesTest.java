package dev.sluice.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.event.Event;
import dev.sluice.event.Event.Malformed;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Reason;
import dev.sluice.ledger.OriginSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CorruptBytesTest {

  private final ModelStateSerializer models = new ModelStateSerializer();
  private final EventSerializer events = new EventSerializer();

  static Iterable<Format<?>> formats() {
    return Format.all();
  }

  @ParameterizedTest
  @MethodSource("formats")
  <T> void everyTruncationIsRefused(Format<T> format) {
    VersionedSerializer<T> serializer = format.serializer().get();
    for (T sample : format.samples().get()) {
      byte[] bytes = Bytes.write(serializer, sample);
      for (int length = 0; length < bytes.length; length += 1 + length / 64) {
        DataInputDeserializer in = new DataInputDeserializer(bytes, 0, length);
        assertThatThrownBy(() -> serializer.deserialize(in)).isInstanceOf(IOException.class);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  <T> void aChangedByteIsRefusedOrReadAsAnotherValue(Format<T> format) throws IOException {
    VersionedSerializer<T> serializer = format.serializer().get();
    Random random = new Random(3);
    for (T sample : format.samples().get()) {
      byte[] bytes = Bytes.write(serializer, sample);
      for (int i = 0; i < 2000; i++) {
        byte[] changed = bytes.clone();
        changed[random.nextInt(Math.min(120, bytes.length))] = (byte) random.nextInt();
        StateFuzzTest.readOrRefuse(serializer, changed);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(bytes = {0, 5, 127, -1})
  void anUnknownVersionIsRefused(byte version) {
    byte[] bytes = Bytes.write(models, Samples.modelStates()[0]);
    bytes[0] = version;

    assertThatThrownBy(() -> Bytes.read(models, bytes))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ModelState: format version (" + version + ") is unknown");
  }

  @ParameterizedTest
  @CsvSource({
    "10, the length of outputs",
    "14, the length of optimiser slots",
    "18, the length of challengers",
    "23, the length of columns",
  })
  void absurdShapesAreRefusedBeforeAnythingIsAllocated(int at, String message) {
    for (int length : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      byte[] bytes = Bytes.write(models, Samples.modelStates()[1]);
      ByteBuffer.wrap(bytes).putInt(at, length);

      assertThatThrownBy(() -> Bytes.read(models, bytes))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(message + " (" + length + ")");
    }
  }

  @Test
  void aLongTextThatIsNotThereTakesNoMemory() {
    byte[] bytes = Bytes.write(events, Samples.events()[0]);
    ByteBuffer.wrap(bytes).putInt(2, Wire.MAX_BYTES);

    assertThatThrownBy(() -> Bytes.read(events, bytes)).isInstanceOf(IOException.class);
  }

  @Test
  void aLongTextThatIsThereReadsBack() throws IOException {
    byte[] value = new byte[3 * (1 << 20) + 17];
    new Random(1).nextBytes(value);
    var raw = new RawRecord(new Origin("t", 0, 0), 0, new byte[0], value);
    Event event = new Malformed(raw, Reason.TOO_LARGE, "");

    assertThat(Bytes.read(events, Bytes.write(events, event))).isEqualTo(event);
  }

  @Test
  void unknownCodesAreRefused() {
    byte[] event = Bytes.write(events, Samples.events()[0]);
    event[1] = 9;
    byte[] model = Bytes.write(models, Samples.modelStates()[0]);
    model[9] = 9;

    assertThatThrownBy(() -> Bytes.read(events, event))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no event has the code (9)");
    assertThatThrownBy(() -> Bytes.read(models, model))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ModelState: corrupt bytes: no model has the number (9)");
  }

  @Test
  void aTextThatIsNotUtf8IsRefused() {
    byte[] bytes = Bytes.write(events, Samples.events()[0]);
    bytes[6] = (byte) 0xFF;

    assertThatThrownBy(() -> Bytes.read(events, bytes))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the topic is not UTF-8");
  }

  @Test
  void aChangedBitInASetOfOriginsIsRefused() {
    OriginSetSerializer sets = new OriginSetSerializer();
    for (OriginSet sample : LedgerSamples.originSets()) {
      byte[] bytes = Bytes.write(sets, sample);
      int bitmap = bytes.length - Math.min(24, bytes.length - 5);
      for (int bit = bitmap * 8; !sample.isEmpty() && bit < bytes.length * 8; bit++) {
        byte[] changed = bytes.clone();
        changed[bit / 8] ^= (byte) (1 << bit % 8);
        assertThatThrownBy(() -> Bytes.read(sets, changed))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("corrupt bytes: the offsets of ");
      }
    }
  }

  @Test
  void anAbsurdPartitionTakesNoMemory() {
    OriginSetSerializer sets = new OriginSetSerializer();
    byte[] bytes = Bytes.write(sets, LedgerSamples.originSets()[1]);
    ByteBuffer.wrap(bytes).putInt(1 + 4 + 4 + "sluice.events".length(), Integer.MAX_VALUE);

    assertThatThrownBy(() -> Bytes.read(sets, bytes))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the partition's number (" + Integer.MAX_VALUE + ")");
  }
}
