package dev.sluice.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * The golden bytes of every format and version: one sample a line in hexadecimal, the serializer's
 * snapshot in the last. Run {@code mvn test -Dtest=GoldenTest -Dsluice.golden=write} to write the
 * newest version's files; those of older versions are never written again. An older version holds
 * the first samples only: what it could not say comes after them.
 */
final class GoldenFiles {

  private static final Path RESOURCES = Path.of("src", "test", "resources");

  private GoldenFiles() {}

  static List<byte[]> read(Format<?> format, int version) throws IOException {
    return Files.readAllLines(path(format, version)).stream()
        .map(HexFormat.of()::parseHex)
        .toList();
  }

  static <T> List<byte[]> render(Format<T> format) throws IOException {
    List<byte[]> lines = new ArrayList<>();
    for (T sample : format.samples().get()) {
      lines.add(Bytes.write(format.serializer().get(), sample));
    }
    DataOutputSerializer out = new DataOutputSerializer(64);
    TypeSerializerSnapshot.writeVersionedSnapshot(
        out, format.serializer().get().snapshotConfiguration());
    lines.add(out.getCopyOfBuffer());
    return lines;
  }

  /** Writes the newest version's golden file, and its samples as seeds of the fuzz test. */
  static <T> void write(Format<T> format) throws IOException {
    List<byte[]> lines = render(format);
    int version = format.serializer().get().version();
    Path golden = path(format, version);
    Files.createDirectories(golden.getParent());
    Files.write(golden, lines.stream().map(HexFormat.of()::formatHex).toList());
    Path seeds =
        RESOURCES.resolve(
            Path.of("dev", "sluice", "state", "StateFuzzTestInputs", fuzzMethod(format)));
    Files.createDirectories(seeds);
    for (int i = 0; i < lines.size() - 1; i++) {
      Files.write(seeds.resolve("v" + version + "-" + i), lines.get(i));
    }
  }

  private static Path path(Format<?> format, int version) {
    return RESOURCES.resolve(Path.of("golden", "state", format.name() + "-v" + version + ".hex"));
  }

  private static String fuzzMethod(Format<?> format) {
    return switch (format.name()) {
      case "event" -> "events";
      case "output-record" -> "outputRecords";
      case "model-state" -> "modelStates";
      case "pending" -> "pendings";
      case "origin-set" -> "originSets";
      case "open-interval" -> "openIntervals";
      case "answer-journal" -> "answerJournals";
      case "control-record" -> "controlRecords";
      case "standing-orders" -> "standingOrders";
      default -> "fenceNotes";
    };
  }
}
