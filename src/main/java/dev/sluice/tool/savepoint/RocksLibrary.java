package dev.sluice.tool.savepoint;

import java.io.IOException;
import java.nio.file.Path;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDB;

/** Loads RocksDB's native library once in a process, and leaves no copy of it behind. */
final class RocksLibrary {

  private static boolean loaded;

  private RocksLibrary() {}

  /**
   * Loads it on the first call.
   *
   * @param uri of the snapshot, for messages
   * @throws UnreadModelsException if this machine has none
   */
  static synchronized void load(String uri) throws IOException {
    if (loaded) {
      return;
    }
    Path parent = Path.of(System.getProperty("java.io.tmpdir", "/tmp")).toAbsolutePath();
    try (PrivateDirectory unpacked = PrivateDirectory.create(parent)) {
      NativeLibraryLoader.getInstance().loadLibrary(unpacked.path().toString());
      RocksDB.loadLibrary();
      loaded = true;
    } catch (LinkageError | RuntimeException | IOException e) {
      throw new UnreadModelsException(
          uri,
          ("they are in RocksDB's format, and RocksDB can't be loaded on this machine from %s (%s): "
                  + "let java.io.tmpdir be a directory that programs may be run from, or prove the "
                  + "savepoint on another machine with 'sluice verify'")
              .formatted(parent, BadSnapshotException.reason(e)),
          e);
    }
  }
}
