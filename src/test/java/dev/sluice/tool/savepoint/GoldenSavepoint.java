package dev.sluice.tool.savepoint;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A small savepoint of a real job, made by Flink 2.2.1 and its Kafka connector 5.0.0: it pins
 * formats of theirs that are not public API. Run {@code mvn verify -Dtest=NoUnit
 * -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=SnapshotIT -Dsluice.golden=write} to write a
 * new one; the old one then stays next to it under another name, for ever.
 */
public final class GoldenSavepoint {

  public static final Path DIRECTORY =
      Path.of("src", "test", "resources", "golden", "savepoint-flink-2.2");
  private static final String EXPECTED = "expected.txt";

  private GoldenSavepoint() {}

  public static List<String> expected() throws IOException {
    return Files.readAllLines(DIRECTORY.resolve(EXPECTED));
  }

  /** A copy that may be written to. */
  public static Path copyTo(Path directory) throws IOException {
    Files.createDirectories(directory);
    try (Stream<Path> files = Files.list(DIRECTORY)) {
      for (Path file : files.filter(f -> !f.endsWith(EXPECTED)).toList()) {
        Files.copy(file, directory.resolve(file.getFileName()));
      }
    }
    return directory;
  }

  /** Writes one if that was asked for. */
  static void writeIfAsked(Snapshot snapshot) throws IOException {
    if (!"write".equals(System.getProperty("sluice.golden"))) {
      return;
    }
    Files.createDirectories(DIRECTORY);
    try (Stream<Path> old = Files.list(DIRECTORY)) {
      for (Path file : old.toList()) {
        Files.delete(file);
      }
    }
    String directory = snapshot.uri().substring("file:".length());
    String place = directory.substring(0, directory.lastIndexOf('/') + 1);
    for (StoredFile file : snapshot.files()) {
      Path from = Path.of(file.uri().substring("file:".length()));
      Files.write(
          DIRECTORY.resolve(from.getFileName()), withoutPlace(Files.readAllBytes(from), place));
    }
    Files.write(DIRECTORY.resolve(EXPECTED), SnapshotText.of(Snapshot.open(DIRECTORY.toString())));
  }

  /** Flink names inline state by the path that it would have had; the length stays. */
  private static byte[] withoutPlace(byte[] bytes, String place) {
    String neutral = "/savepoints".repeat(place.length()).substring(0, place.length() - 1) + "/";
    return new String(bytes, ISO_8859_1).replace(place, neutral).getBytes(ISO_8859_1);
  }
}
