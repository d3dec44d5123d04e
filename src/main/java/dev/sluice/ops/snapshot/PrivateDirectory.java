package dev.sluice.ops.snapshot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A directory of this process alone, under {@code java.io.tmpdir}, readable by its owner alone. It
 * is removed with all that is in it when it is closed, or else when the JVM ends.
 */
final class PrivateDirectory implements AutoCloseable {

  static final String PREFIX = "sluice-native-";

  private final Path path;
  private final Thread atTheEnd = new Thread(this::remove, "remove-native-copy");

  private PrivateDirectory(Path path) {
    this.path = path;
  }

  static PrivateDirectory create() throws IOException {
    PrivateDirectory made = new PrivateDirectory(Files.createTempDirectory(parent(), PREFIX));
    try {
      Runtime.getRuntime().addShutdownHook(made.atTheEnd);
    } catch (IllegalStateException endsAlready) {
      made.remove();
      throw new IOException("this process is ending", endsAlready);
    }
    return made;
  }

  /** Where such directories are made. */
  static Path parent() {
    return Path.of(System.getProperty("java.io.tmpdir", "/tmp")).toAbsolutePath();
  }

  Path path() {
    return path;
  }

  @Override
  public void close() {
    remove();
    try {
      Runtime.getRuntime().removeShutdownHook(atTheEnd);
    } catch (IllegalStateException endsAlready) {
      remove(); // The hook does the same.
    }
  }

  private void remove() {
    try (Stream<Path> found = Files.walk(path)) {
      List<Path> deepestFirst = found.sorted(Comparator.reverseOrder()).toList();
      for (Path each : deepestFirst) {
        Files.deleteIfExists(each);
      }
    } catch (IOException e) {
      System.getLogger(PrivateDirectory.class.getName())
          .log(System.Logger.Level.WARNING, "{0} could not be removed: {1}", path, e);
    }
  }
}
