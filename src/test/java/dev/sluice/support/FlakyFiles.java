package dev.sluice.support;

import java.io.IOException;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataInputStreamWrapper;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;

/**
 * Files of this machine under a scheme of their own, in a store that fails now and then, as an
 * object store that throttles.
 */
public final class FlakyFiles extends LocalFileSystem {

  public static final String SCHEME = "flaky";

  private static final Map<String, AtomicInteger> OPENINGS = new ConcurrentHashMap<>();
  private static final Map<String, AtomicInteger> READINGS = new ConcurrentHashMap<>();
  private static final Map<String, AtomicInteger> SEEKS = new ConcurrentHashMap<>();

  private static final Map<String, CountDownLatch> HANGING = new ConcurrentHashMap<>();
  private static final Map<String, CountDownLatch> STUCK = new ConcurrentHashMap<>();
  private static final Map<String, AtomicInteger> RENAMINGS = new ConcurrentHashMap<>();
  private static final Map<String, Runnable> MOVED = new ConcurrentHashMap<>();
  private static final Set<String> OCCUPIED = ConcurrentHashMap.newKeySet();
  private static final Set<String> HIDDEN = ConcurrentHashMap.newKeySet();
  private static final Set<String> BROKEN = ConcurrentHashMap.newKeySet();
  private static final Set<String> REFUSED = ConcurrentHashMap.newKeySet();

  /** A directory of this machine in the store. */
  public static String uri(java.nio.file.Path directory) {
    return SCHEME + ":" + directory.toAbsolutePath();
  }

  /** The next openings of a file fail. */
  public static void failsToOpen(java.nio.file.Path file, int times) {
    OPENINGS.put(file.toString(), new AtomicInteger(times));
  }

  /** The next streams of a file break at their first byte. */
  public static void failsToRead(java.nio.file.Path file, int times) {
    READINGS.put(file.toString(), new AtomicInteger(times));
  }

  /** A query of a directory waits until it is released. */
  public static CountDownLatch hangsAt(java.nio.file.Path directory) {
    CountDownLatch released = new CountDownLatch(1);
    HANGING.put(directory.toString(), released);
    return released;
  }

  /** A query of a directory is answered again. */
  public static void answersAt(java.nio.file.Path directory) {
    HANGING.remove(directory.toString());
    REFUSED.remove(directory.toString());
  }

  /** Opening a file waits until it is released. */
  public static CountDownLatch hangsToOpen(java.nio.file.Path file) {
    CountDownLatch released = new CountDownLatch(1);
    STUCK.put(file.toString(), released);
    return released;
  }

  /** A query of a directory is refused. */
  public static void refuses(java.nio.file.Path directory) {
    REFUSED.add(directory.toString());
  }

  /** A look at a directory fails as in a plugin that lacks a class. */
  public static void breaksAt(java.nio.file.Path directory) {
    BROKEN.add(directory.toString());
  }

  /** A directory is listed as one of this machine that may not be read. */
  public static void hides(java.nio.file.Path directory) {
    HIDDEN.add(directory.toString());
  }

  @SuppressWarnings("NullAway") // as its parent answers for what may not be listed
  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    return HIDDEN.contains(path.getPath()) ? null : super.listStatus(path);
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    hang(HANGING, path);
    if (BROKEN.contains(path.getPath())) {
      throw new NoClassDefFoundError("com/example/Lacking");
    }
    if (REFUSED.contains(path.getPath())) {
      throw new AccessDeniedException(path.getPath(), null, "403 Forbidden");
    }
    return super.getFileStatus(path);
  }

  /** As some clients do, it does not heed an interrupt. */
  private static void hang(Map<String, CountDownLatch> stores, Path path) {
    CountDownLatch released = stores.get(path.getPath());
    boolean interrupted = false;
    while (released != null) {
      try {
        released.await();
        released = null;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** The next streams of a file break when they are to go to another place. */
  public static void failsToSeek(java.nio.file.Path file, int times) {
    SEEKS.put(file.toString(), new AtomicInteger(times));
  }

  /** The next files that are to be moved to a place are not. */
  public static void failsToRename(java.nio.file.Path to, int times) {
    RENAMINGS.put(to.toString(), new AtomicInteger(times));
  }

  /** Something happens once, right after a file was moved to a place. */
  public static void onceMovedTo(java.nio.file.Path to, Runnable then) {
    MOVED.put(to.toString(), then);
  }

  /** No file that is moved takes another's place in a directory, as in S3A or HDFS. */
  public static void replacesNothingIn(java.nio.file.Path directory) {
    OCCUPIED.add(directory.toString());
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    throttle(RENAMINGS, to);
    boolean taken = OCCUPIED.contains(to.getParent().getPath()) && exists(to);
    boolean moved = !taken && super.rename(from, to);
    Runnable then = moved ? MOVED.remove(to.getPath()) : null;
    if (then != null) {
      then.run();
    }
    return moved;
  }

  /** Found by Flink among the services. */
  public static final class Factory implements FileSystemFactory {

    @Override
    public String getScheme() {
      return SCHEME;
    }

    @Override
    public FileSystem create(URI uri) {
      return new FlakyFiles();
    }
  }

  @Override
  public URI getUri() {
    return URI.create(SCHEME + ":///");
  }

  @Override
  public FSDataInputStream open(Path file) throws IOException {
    hang(STUCK, file);
    throttle(OPENINGS, file);
    if (isNext(READINGS, file)) {
      return new Broken(super.open(file));
    }
    return isNext(SEEKS, file) ? new Unmovable(super.open(file)) : super.open(file);
  }

  private static void throttle(Map<String, AtomicInteger> failures, Path file) throws IOException {
    if (isNext(failures, file)) {
      throw new IOException("Slow Down (Service: S3, Status Code: 503)");
    }
  }

  private static boolean isNext(Map<String, AtomicInteger> failures, Path file) {
    AtomicInteger left = failures.get(file.getPath());
    return left != null && left.getAndDecrement() > 0;
  }

  private static final class Broken extends FSDataInputStreamWrapper {

    Broken(FSDataInputStream whole) {
      super(whole);
    }

    @Override
    public int read() throws IOException {
      throw new IOException("Connection reset");
    }

    @Override
    public int read(byte[] bytes) throws IOException {
      throw new IOException("Connection reset");
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      throw new IOException("Connection reset");
    }
  }

  private static final class Unmovable extends FSDataInputStreamWrapper {

    Unmovable(FSDataInputStream whole) {
      super(whole);
    }

    @Override
    public void seek(long desired) throws IOException {
      throw new IOException("Connection reset");
    }

    @Override
    public long skip(long bytes) throws IOException {
      throw new IOException("Connection reset");
    }
  }
}
