package dev.sluice.tool.savepoint;

import org.apache.flink.core.fs.Path;

/**
 * A file that a snapshot needs.
 *
 * @param path where it is
 * @param bytes how long it is, as the snapshot's metadata says
 * @param whole false if the file may continue with what belongs to other snapshots
 */
public record StoredFile(Path path, long bytes, boolean whole) {

  /** Where it is. */
  public String uri() {
    return path.toString();
  }

  /** What two references to one file say of it. */
  StoredFile with(StoredFile other) {
    return new StoredFile(path, Math.max(bytes, other.bytes), whole && other.whole);
  }
}
