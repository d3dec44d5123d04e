package dev.sluice.tool.savepoint;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A directory of this process alone, readable by its owner alone. It is removed with all that is in
 * it when it is closed, or else when the JVM ends. What a process has left that was killed is
 * removed by the next that makes one there: a lock is held for as long as a process lives.
 */
final class PrivateDirectory implements AutoCloseable {

  static final String PREFIX = "sluice-native-";

  /** The file whose lock is held; no file of RocksDB has such a name. */
  static final String IN_USE = ".in-use";

  /** A process that lives has its lock by then. */
  private static final Duration UNLOCKED = Duration.ofMinutes(10);

  private static final int ATTEMPTS = 1_000;

  /** How often one is made that another process takes for left before it is locked. */
  private static final int MAKINGS = 5;

  private static final long BETWEEN_NANOS = 1_000_000;

  /**
   * Names of those of this process: to open and close the file again would release its lock, as
   * POSIX has it.
   */
  private static final Set<String> OURS = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final Thread atTheEnd = new Thread(this::remove, "remove-native-copy");
  private @Nullable FileChannel inUse;
  private volatile boolean removed;

  private PrivateDirectory(Path path) {
    this.path = path;
  }

  /**
   * Makes one, and removes what others have left next to it.
   *
   * @param parent where it is made
   */
  static PrivateDirectory create(Path parent) throws IOException {
    return create(
        parent,
        file -> {
          FileLock unused = file.lock();
        });
  }

  /**
   * @param locking locks the file that says that the directory is used
   */
  static PrivateDirectory create(Path parent, Locking locking) throws IOException {
    for (int left = MAKINGS; ; left--) {
      try {
        return make(parent, locking);
      } catch (TakenForLeftException e) {
        if (left == 1) {
          throw e;
        }
      }
    }
  }

  private static PrivateDirectory make(Path parent, Locking locking) throws IOException {
    PrivateDirectory made = new PrivateDirectory(Files.createTempDirectory(parent, PREFIX));
    OURS.add(made.name());
    boolean whole = false;
    try {
      made.lock(locking);
      made.removeLeft(parent);
      Runtime.getRuntime().addShutdownHook(made.atTheEnd);
      whole = true;
      return made;
    } catch (IllegalStateException endsAlready) {
      throw new IOException("this process is ending", endsAlready);
    } finally {
      if (!whole) {
        made.remove();
      }
    }
  }

  private String name() {
    return String.valueOf(path.getFileName());
  }

  Path path() {
    return path;
  }

  /** On a file system without locks no other process takes the directory for abandoned. */
  private void lock(Locking locking) throws IOException {
    Path file = path.resolve(IN_USE);
    try {
      inUse = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      locking.lock(inUse);
    } catch (NoSuchFileException e) {
      throw new TakenForLeftException(path);
    } catch (ClosedChannelException | FileLockInterruptionException e) {
      throw e; // This thread was interrupted.
    } catch (IOException withoutLocks) {
      if (inUse == null) {
        throw withoutLocks;
      }
    }
    if (!Files.exists(file)) { // Another process had the lock first, and took it for abandoned.
      throw new TakenForLeftException(path);
    }
  }

  /** Locks a file, for as long as its channel is open. */
  interface Locking {
    void lock(FileChannel file) throws IOException;
  }

  /** Between creating the file and locking it, it seems abandoned. */
  private static final class TakenForLeftException extends IOException {

    private static final long serialVersionUID = 1L;

    TakenForLeftException(Path directory) {
      super("%s was removed by another process".formatted(directory));
    }
  }

  /**
   * Makes a file.
   *
   * @throws IOException if that can't be, or the directory is being removed
   */
  OutputStream newFile(String name) throws IOException {
    if (removed) {
      throw new IOException("%s is being removed".formatted(path));
    }
    return Files.newOutputStream(path.resolve(name), StandardOpenOption.CREATE_NEW);
  }

  /** Of the same user alone: what others have made they may change while it is removed. */
  private void removeLeft(Path parent) {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path each : found) {
        if (!OURS.contains(String.valueOf(each.getFileName()))) {
          removeIfLeft(each);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      warn(parent, e);
    }
  }

  private void removeIfLeft(Path other) {
    Path file = other.resolve(IN_USE);
    try {
      if (!Files.isDirectory(other, LinkOption.NOFOLLOW_LINKS)
          || !Files.getOwner(other, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(path))) {
        return;
      }
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        Instant changed = Files.getLastModifiedTime(other).toInstant();
        if (changed.isBefore(Instant.now().minus(UNLOCKED))) {
          delete(other);
        }
        return;
      }
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        FileLock lock = channel.tryLock();
        if (lock != null) {
          delete(other);
        }
      }
    } catch (IOException | UncheckedIOException | OverlappingFileLockException e) {
      warn(other, e); // Another process may be removing it, too, or there are no locks.
    }
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

  /** Threads that are at it may each make one more file meanwhile, and no other. */
  private void remove() {
    removed = true;
    for (int left = ATTEMPTS; left > 0; left--) {
      try {
        delete(path);
        if (inUse != null) {
          inUse.close();
        }
        OURS.remove(name());
        return;
      } catch (IOException | UncheckedIOException e) {
        if (left == 1) {
          warn(path, e);
        }
        LockSupport.parkNanos(BETWEEN_NANOS);
      }
    }
  }

  private static void delete(Path directory) throws IOException {
    if (Files.notExists(directory, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    List<Path> deepestFirst;
    try (Stream<Path> found = Files.walk(directory)) {
      deepestFirst = found.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : deepestFirst) {
      Files.deleteIfExists(each);
    }
  }

  private static void warn(Path left, Exception why) {
    System.getLogger(PrivateDirectory.class.getName())
        .log(System.Logger.Level.WARNING, "{0} could not be removed: {1}", left, why);
  }
}
