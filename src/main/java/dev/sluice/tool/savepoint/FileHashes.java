package dev.sluice.tool.savepoint;

import dev.sluice.tool.receipt.Receipt;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.jspecify.annotations.Nullable;

/**
 * The hash of each file of a snapshot, computed by the first reader of the file; of one that is not
 * read otherwise by a task of its own. Safe for the pool's tasks.
 */
final class FileHashes {

  private final List<StoredFile> files;
  private final ReadPool pool;

  /** Files that are not read yet. */
  private final Map<Path, StoredFile> unread = new HashMap<>();

  private final Map<Path, Found> found = new HashMap<>();

  /** Under way, of files that are not read. */
  private final List<Future<Path>> looks = new ArrayList<>();

  /** A file that was read, or why it could not be. */
  private record Found(Receipt.@Nullable StoredFile file, @Nullable IOException failure) {}

  FileHashes(List<StoredFile> files, ReadPool pool) {
    this.files = files;
    this.pool = pool;
    files.forEach(file -> unread.put(file.path(), file));
  }

  /**
   * Opens the file of a handle. If that is a whole file, and it was not read yet, its hash is made
   * on the way, and {@link Opened#finish} must be called.
   */
  Opened open(StreamStateHandle handle) throws IOException {
    Path path = handle.maybeGetPath().orElse(null);
    if (path == null || !(handle instanceof FileStateHandle) || !claim(path)) {
      return new Opened(null, new BufferedHandle(handle), null);
    }
    try {
      HashingStream stream = new HashingStream(StoredStream.open(path), pool);
      return new Opened(path, new BufferedHandle(handle, stream), stream);
    } catch (IOException e) {
      put(path, new Found(null, e));
      throw e;
    }
  }

  /** What was opened: a handle to read it through, which has the same stream each time. */
  final class Opened implements AutoCloseable {

    private final @Nullable Path path;
    private final BufferedHandle handle;
    private final @Nullable HashingStream stream;

    private Opened(@Nullable Path path, BufferedHandle handle, @Nullable HashingStream stream) {
      this.path = path;
      this.handle = handle;
      this.stream = stream;
    }

    BufferedHandle handle() {
      return handle;
    }

    /** Reads what is left of it, so that the hash is of the whole file. */
    @Override
    public void close() {
      if (path != null && stream != null) {
        try {
          put(path, new Found(stream.finish(path), null));
        } catch (IOException e) {
          put(path, new Found(null, e));
        }
      }
    }
  }

  /**
   * Looks at a file whose bytes are known, instead of reading it: if it is as long as they are, it
   * has their hash; otherwise it is read.
   */
  void look(Path path, Receipt.StoredFile known) {
    if (claim(path)) {
      looks.add(
          pool.submit(
              () -> {
                put(path, looked(path, known));
                return path;
              }));
    }
  }

  private Found looked(Path path, Receipt.StoredFile known) {
    try {
      long bytes =
          Stores.call(path.toString(), () -> path.getFileSystem().getFileStatus(path).getLen());
      return new Found(
          bytes == known.bytes()
              ? known
              : new HashingStream(StoredStream.open(path), pool).finish(path),
          null);
    } catch (IOException e) {
      return new Found(null, e);
    }
  }

  /** Reads the files that are still unread, and reports what was found. */
  FileCheck check() throws IOException {
    readTheRest();
    List<Receipt.StoredFile> there = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    Set<String> failed = new LinkedHashSet<>(); // What hangs, hangs for many of them.
    for (StoredFile file : files) {
      Found one = get(file.path());
      judge(file, one, there, problems);
      if (one.failure() instanceof UnreadFileException unanswered) {
        failed.add(String.valueOf(unanswered.getMessage()));
      }
    }
    problems.addAll(failed);
    return new FileCheck(List.copyOf(there), List.copyOf(problems), List.copyOf(failed));
  }

  private void readTheRest() throws IOException {
    List<Future<Path>> tasks = new ArrayList<>(looks);
    for (StoredFile file : files) {
      if (pool.hung() == null && claim(file.path())) {
        tasks.add(pool.submit(() -> hash(file.path())));
      }
    }
    try {
      pool.await(tasks);
    } catch (UnreadFileException e) {
      if (pool.hung() == null) {
        throw e;
      }
    }
  }

  private Path hash(Path path) {
    try {
      put(path, new Found(new HashingStream(StoredStream.open(path), pool).finish(path), null));
    } catch (IOException e) {
      put(path, new Found(null, e));
    }
    return path;
  }

  private synchronized boolean claim(Path path) {
    return unread.remove(path) != null;
  }

  private synchronized void put(Path path, Found file) {
    found.put(path, file);
  }

  private synchronized Found get(Path path) {
    Found file = found.get(path);
    if (file == null && pool.hung() != null) {
      return new Found(null, pool.hung());
    }
    if (file == null) {
      throw new IllegalStateException(path + " was claimed, and no thread has read it");
    }
    return file;
  }

  private static void judge(
      StoredFile expected, Found found, List<Receipt.StoredFile> there, List<String> problems) {
    String uri = expected.uri();
    Receipt.StoredFile file = found.file();
    if (found.failure() instanceof UnreadFileException) {
      return; // Nothing is known of the file.
    }
    if (file == null) {
      problems.add(
          found.failure() instanceof FileNotFoundException
              ? "%s is missing (%,d bytes)".formatted(uri, expected.bytes())
              : "%s can't be read: %s".formatted(uri, reason(found)));
      return;
    }
    there.add(file);
    if (file.bytes() < expected.bytes()) {
      problems.add(
          "%s is cut off: it has %,d bytes of the %,d that the snapshot needs"
              .formatted(uri, file.bytes(), expected.bytes()));
    } else if (expected.whole() && file.bytes() > expected.bytes()) {
      problems.add(
          "%s is not the file that was written: it has %,d bytes, but the snapshot wrote %,d"
              .formatted(uri, file.bytes(), expected.bytes()));
    }
  }

  private static String reason(Found found) {
    IOException failure = found.failure();
    return failure == null ? "" : BadSnapshotException.reason(failure);
  }
}
