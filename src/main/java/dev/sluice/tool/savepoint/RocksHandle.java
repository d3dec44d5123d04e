package dev.sluice.tool.savepoint;

import dev.sluice.tool.receipt.PrivateFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupRange;

/**
 * One subtask's RocksDB, copied into a private directory, in which no other process can change it
 * while it is read, and opened read-only. Its size on disk is that of the handle; in memory are
 * RocksDB's small cache and an entry for each thread that reads. Closing it removes the copy.
 */
final class RocksHandle implements AutoCloseable {

  private static final int BUFFER_BYTES = 1 << 17;

  /** What RocksDB writes itself, and what others may need meanwhile. */
  private static final long SPARE_BYTES = 64L << 20;

  private final String uri;
  private final IncrementalRemoteKeyedStateHandle handle;
  private final int keyGroups;
  private final PrivateDirectory directory;
  private final RocksTables tables;

  private RocksHandle(
      String uri,
      IncrementalRemoteKeyedStateHandle handle,
      int keyGroups,
      PrivateDirectory directory,
      RocksTables tables) {
    this.uri = uri;
    this.handle = handle;
    this.keyGroups = keyGroups;
    this.directory = directory;
    this.tables = tables;
  }

  /**
   * Copies it, one file a task, and opens the copy.
   *
   * @param uri of the snapshot, for messages
   * @param keyGroups of the operator
   * @param hashes gets the hash of each file that is read here first
   * @throws BadSnapshotException if a file is missing or damaged
   * @throws UnreadModelsException if there is no RocksDB or no disk space here
   */
  static RocksHandle open(
      String uri,
      IncrementalRemoteKeyedStateHandle handle,
      int keyGroups,
      FileHashes hashes,
      ReadPool pool)
      throws IOException {
    List<HandleAndLocalPath> files = new ArrayList<>(handle.getSharedState());
    files.addAll(handle.getPrivateState());
    requirePlainNames(uri, files);
    RocksLibrary.load(uri);
    PrivateDirectory directory = directory(uri, handle);
    boolean opened = false;
    try {
      List<Future<Path>> copies = new ArrayList<>();
      for (HandleAndLocalPath file : files) {
        copies.add(pool.submit(() -> copy(uri, file, directory, hashes)));
      }
      pool.await(copies);
      KeyedMeta meta = pool.await(pool.submit(() -> meta(handle)));
      RocksTables tables = RocksTables.open(directory.path(), meta);
      opened = true;
      return new RocksHandle(uri, handle, keyGroups, directory, tables);
    } catch (UnreadModelsException | BadSnapshotException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw unreadable(uri, handle, e);
    } finally {
      if (!opened) {
        directory.close();
      }
    }
  }

  private static PrivateDirectory directory(String uri, IncrementalRemoteKeyedStateHandle handle)
      throws IOException {
    Scratch scratch = Scratch.of(System.getenv());
    Path parent = scratch.directory();
    PrivateDirectory made = null;
    Optional<String> obstacle;
    try {
      if (scratch.named()) {
        PrivateFiles.directory(parent);
      }
      made = PrivateDirectory.create(parent); // First, because it removes what was left there.
      FileStore store = Files.getFileStore(parent);
      obstacle =
          scratch.obstacle(
              store.type(), store.getUsableSpace(), handle.getStateSize() + SPARE_BYTES);
    } catch (IOException e) {
      if (made != null) {
        made.close();
      }
      throw new UnreadModelsException(
          uri,
          "no directory for a copy can be made in %s (%s): let java.io.tmpdir or %s be one that can be written to"
              .formatted(parent, BadSnapshotException.reason(e), Scratch.VARIABLE),
          e);
    }
    if (obstacle.isPresent()) {
      made.close();
      throw new UnreadModelsException(
          uri,
          "of key groups %s to %s %s"
              .formatted(
                  handle.getKeyGroupRange().getStartKeyGroup(),
                  handle.getKeyGroupRange().getEndKeyGroup(),
                  obstacle.get()));
    }
    return made;
  }

  /** The names come out of the snapshot, and one with a slash would lead out of the directory. */
  private static void requirePlainNames(String uri, List<HandleAndLocalPath> files)
      throws BadSnapshotException {
    Set<String> names = new HashSet<>();
    for (HandleAndLocalPath file : files) {
      String name = file.getLocalPath();
      if (!name.matches("[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}") || !names.add(name)) {
        throw new BadSnapshotException(
            ("%s is damaged or crafted: it calls a file of RocksDB (%s), which is no such name or "
                    + "there twice; resume from another snapshot")
                .formatted(uri, name));
      }
    }
  }

  /**
   * No more of it than the handle says: a file may be longer, and there is space for what the
   * handle says.
   */
  private static Path copy(
      String uri, HandleAndLocalPath file, PrivateDirectory directory, FileHashes hashes)
      throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    long reported = file.getHandle().getStateSize();
    long left = reported;
    try (FileHashes.Opened opened = hashes.open(file.getHandle());
        InputStream in = opened.handle().openInputStream();
        OutputStream out = created(uri, directory, file.getLocalPath())) {
      for (int read = in.read(buffer, 0, buffer.length);
          read >= 0;
          read = in.read(buffer, 0, buffer.length)) {
        left -= read;
        if (left < 0) {
          throw new IOException(
              "%s is longer than the %,d bytes that the snapshot records"
                  .formatted(file.getLocalPath(), reported));
        }
        write(uri, buffer, read, directory, out);
      }
    }
    return directory.path().resolve(file.getLocalPath());
  }

  private static OutputStream created(String uri, PrivateDirectory directory, String name)
      throws IOException {
    try {
      return directory.newFile(name);
    } catch (IOException e) {
      throw unwritten(uri, directory, e);
    }
  }

  private static void write(
      String uri, byte[] bytes, int length, PrivateDirectory directory, OutputStream out)
      throws IOException {
    try {
      out.write(bytes, 0, length);
    } catch (IOException e) {
      throw unwritten(uri, directory, e);
    }
  }

  private static UnreadModelsException unwritten(
      String uri, PrivateDirectory directory, IOException cause) {
    return new UnreadModelsException(
        uri,
        "the copy in %s can't be written (%s): let %s name a directory with more free space"
            .formatted(directory.path(), BadSnapshotException.reason(cause), Scratch.VARIABLE),
        cause);
  }

  private static KeyedMeta meta(IncrementalRemoteKeyedStateHandle handle) throws IOException {
    return SavedObjects.reading(
        () -> {
          try (InputStream in =
              new BufferedHandle(handle.getMetaDataStateHandle()).openInputStream()) {
            return KeyedMeta.read(new DataInputViewStreamWrapper(in));
          } catch (OutOfMemoryError | StackOverflowError e) { // a corrupt length may be huge
            throw new IOException(e);
          }
        });
  }

  /** The key groups that are this subtask's: the files may hold more. */
  KeyGroupRange range() {
    return handle.getKeyGroupRange();
  }

  /** Shows every entry of those key groups of a range that are this subtask's; for any thread. */
  void each(KeyGroupRange range, KeyedEntries.Visitor visitor) throws IOException {
    try {
      tables.each(range().getIntersection(range), keyGroups, visitor);
    } catch (RocksTables.Damaged e) {
      throw unreadable(uri, handle, e);
    }
  }

  private static IOException unreadable(
      String uri, IncrementalRemoteKeyedStateHandle handle, Throwable cause) {
    return BadSnapshotException.unlessUnread(
        uri,
        "the RocksDB of key groups %s to %s"
            .formatted(
                handle.getKeyGroupRange().getStartKeyGroup(),
                handle.getKeyGroupRange().getEndKeyGroup()),
        cause);
  }

  @Override
  public void close() {
    try {
      tables.close();
    } finally {
      directory.close();
    }
  }
}
