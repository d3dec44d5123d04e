package dev.sluice.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.sluice.model.LearnedWeights;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Small models, and those for which there is room only when a part of them has come. */
final class LearnedFormatTest {

  private static final int MOST_AHEAD = 48 << 20;

  private final LearnedFormat format = new LearnedFormat(new BulkArrays());

  @ParameterizedTest
  @CsvSource({
    "1, 1, 0, 0",
    "4, 2, 1, 7",
    "4, 2, 1, 20000",
    "3, 1, 2, 60000",
    "2, 19, 1, 3000",
    "8, 300, 1, 40"
  })
  void whatIsWrittenIsReadAgain(int challengers, int outputs, int slots, int columns)
      throws IOException {
    LearnedWeights learned = learned(challengers, outputs, slots, columns);
    byte[] bytes = bytes(learned);
    LearnedWeights read =
        format.read(new DataInputDeserializer(bytes), challengers, outputs, slots, columns);
    assertThat(read.rates()).isEqualTo(learned.rates());
    for (int i = 0; i < challengers; i++) {
      assertThat(read.challenger(i).weights()).isDeepEqualTo(learned.challenger(i).weights());
      assertThat(
              Arrays.deepEquals(
                  read.challenger(i).accumulators(), learned.challenger(i).accumulators()))
          .isTrue();
    }
    for (int part = 0; part < 8; part++) {
      byte[] cut = Arrays.copyOf(bytes, (int) (bytes.length * (long) part / 8));
      assertThatThrownBy(
              () ->
                  format.read(new DataInputDeserializer(cut), challengers, outputs, slots, columns))
          .isInstanceOf(EOFException.class);
    }
  }

  @Test
  void bytesThatOnlyPromiseAModelGetNoRoomForIt() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThatThrownBy(
            () -> format.read(new DataInputDeserializer(new byte[1 << 20]), 64, 9, 1, 1 << 20))
        .isInstanceOf(EOFException.class);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(MOST_AHEAD);
  }

  @Test
  void aModelThatNoArrayCanHoldIsRefused() {
    assertThatThrownBy(
            () -> format.read(new DataInputDeserializer(new byte[8]), 64, 1 << 16, 16, 1 << 22))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a model has (299067234058240) numbers");
  }

  private byte[] bytes(LearnedWeights learned) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(1 << 10);
    format.write(learned, out);
    return out.getCopyOfBuffer();
  }

  private static LearnedWeights learned(int challengers, int outputs, int slots, int columns) {
    Random random = new Random(5);
    double[] rates = random.doubles(challengers, 0.1, 9).toArray();
    LearnedWeights learned = LearnedWeights.zeros(rates, outputs, slots, columns);
    double[][] rows = new double[1][columns + 1];
    for (int i = 0; i < challengers * (1 + slots) * outputs; i++) {
      Arrays.setAll(rows[0], column -> random.nextGaussian());
      int part = i / outputs;
      learned.setRows(part / (1 + slots), part % (1 + slots), i % outputs, rows, 1);
    }
    return learned;
  }
}
