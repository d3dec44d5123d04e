package dev.sluice.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GoldenTest {

  static List<Format<?>> formats() throws IOException {
    if ("write".equals(System.getProperty("sluice.golden"))) {
      for (Format<?> format : Format.all()) {
        GoldenFiles.write(format);
      }
    }
    return Format.all();
  }

  @ParameterizedTest
  @MethodSource("formats")
  <T> void theNewestVersionIsWrittenByteForByte(Format<T> format) throws IOException {
    int newest = format.serializer().get().version();

    assertThat(GoldenFiles.render(format))
        .containsExactlyElementsOf(GoldenFiles.read(format, newest));
  }

  @ParameterizedTest
  @MethodSource("formats")
  <T> void everyVersionReadsBack(Format<T> format) throws IOException {
    for (int version : versions(format)) {
      Object[] samples = format.expected(version);
      List<byte[]> golden = GoldenFiles.read(format, version);
      int held = golden.size() - 1;
      assertThat(held).as("samples of version %s", version).isBetween(1, samples.length);
      for (int i = 0; i < held; i++) {
        T read = Bytes.read(format.serializer().get(), golden.get(i));
        assertThat(SameValue.same(read, samples[i])).as("version %s, %s", version, i).isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  <T> void everyVersionsSnapshotIsTakenAsItIs(Format<T> format) throws IOException {
    TypeSerializer<T> serializer = format.serializer().get();
    for (int version : versions(format)) {
      List<byte[]> golden = GoldenFiles.read(format, version);
      TypeSerializerSnapshot<T> old =
          TypeSerializerSnapshot.readVersionedSnapshot(
              new DataInputDeserializer(golden.get(golden.size() - 1)),
              getClass().getClassLoader());

      assertThat(
              serializer.snapshotConfiguration().resolveSchemaCompatibility(old).isCompatibleAsIs())
          .isTrue();
      assertThat(old.restoreSerializer()).isEqualTo(serializer);
    }
  }

  private static int[] versions(Format<?> format) {
    return IntStream.rangeClosed(1, format.serializer().get().version()).toArray();
  }
}
