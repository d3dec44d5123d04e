package dev.sluice.tool.savepoint;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where copies of native state are made.
 *
 * @param directory under which each has one of its own
 * @param named whether the operator has named it, and so knows what it is
 */
record Scratch(Path directory, boolean named) {

  static final String VARIABLE = "SLUICE_SCRATCH";

  /** What is taken of memory without being asked. */
  static final long SMALL_BYTES = 128L << 20;

  private static final Set<String> MEMORY = Set.of("tmpfs", "ramfs");

  /** What the environment names, or else {@code java.io.tmpdir}. */
  static Scratch of(Map<String, String> environment) {
    String named = environment.getOrDefault(VARIABLE, "");
    String directory = named.isEmpty() ? System.getProperty("java.io.tmpdir", "/tmp") : named;
    return new Scratch(Path.of(directory).toAbsolutePath(), !named.isEmpty());
  }

  /**
   * Why no copy can be made here; empty if one can.
   *
   * @param type of the file store
   * @param usable bytes of it
   * @param needed bytes of the copy
   */
  Optional<String> obstacle(String type, long usable, long needed) {
    if (usable < needed) {
      return Optional.of(
          "a copy takes %,d bytes of disk, and %s has %,d: let %s name a directory with more free space"
              .formatted(needed, directory, usable, VARIABLE));
    }
    if (!named && MEMORY.contains(type) && needed > SMALL_BYTES) {
      return Optional.of(
          ("a copy takes %,d bytes, and %s (%s) is memory: if the copy fills it, processes are killed. Let %s name "
                  + "a directory on a disk, or this one if you accept that")
              .formatted(needed, directory, type, VARIABLE));
    }
    return Optional.empty();
  }
}
