package dev.sluice.tool.guard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.tool.receipt.PrivateFiles;
import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The file in a journal's directory in which its guards name themselves to each other.
 *
 * <p>It is changed in place, as a whole, while its lock is held: on a network file system a lock
 * brings the newest content, which neither the listing of a directory nor a file that was renamed
 * does. A guard that is killed while it writes leaves half a text, which the next takes for an
 * empty one: each guard puts itself in again within seconds.
 */
final class GuardRegister {

  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
  private static final String NAME = "guards.json";
  private static final int LONGEST = 1 << 20;
  private static final Duration AGAIN = Duration.ofMillis(20);

  /**
   * One for each file. A lock of the kernel is the whole process's, and the kernel drops it when
   * the process closes any descriptor of the file: so one thread at a time has the file open, or a
   * thread that gives up would take away the lock of one that writes.
   */
  private static final Map<Path, ReentrantLock> OF_THIS_PROCESS = new ConcurrentHashMap<>();

  private final Path file;
  private final Duration patience;
  private final Time time;
  private final ReentrantLock ofThisProcess;

  /**
   * @param journal the directory
   * @param patience how long to wait for the lock
   */
  GuardRegister(Path journal, Duration patience, Time time) {
    this.time = time;
    this.file = journal.toAbsolutePath().normalize().resolve(NAME);
    this.patience = patience;
    this.ofThisProcess = OF_THIS_PROCESS.computeIfAbsent(file, unused -> new ReentrantLock());
  }

  /**
   * All of the file.
   *
   * @param version of its form
   * @param guards every guard that has not left
   */
  record Content(int version, List<Line> guards) {
    static final int VERSION = 1;

    Content {
      guards = guards == null ? List.of() : List.copyOf(guards);
    }
  }

  /**
   * One guard.
   *
   * @param id of the process, never used again
   * @param job which it guards, as it was named
   * @param where its machine and process, for people
   * @param beat counts up while it lives
   * @param leaving whether a signal ends it: it takes over from no other guard any more
   * @param asks the id of the running job that another guard should guard in its place; null if it
   *     does not ask
   * @param asksStartedAt when that job has begun, in milliseconds; null if it does not ask, and of
   *     a guard that does not know this field
   * @param guardsFor the ids of those whose job it guards in their place
   */
  record Line(
      String id,
      String job,
      String where,
      long beat,
      boolean leaving,
      @Nullable String asks,
      @Nullable Long asksStartedAt,
      List<String> guardsFor) {

    Line {
      guardsFor = guardsFor == null ? List.of() : List.copyOf(guardsFor);
    }

    boolean asksFor(ObservedJob.@Nullable Run run) {
      if (asks == null || run == null || !asks.equals(run.id())) {
        return false;
      }
      Instant startedAt = run.startedAt();
      return asksStartedAt == null
          || (startedAt != null && asksStartedAt == startedAt.toEpochMilli());
    }
  }

  /**
   * Changes what is there, without interference by other processes.
   *
   * @return what is there now
   * @throws IOException if the file can't be used, with the reason
   */
  List<Line> update(UnaryOperator<List<Line>> change) throws IOException, InterruptedException {
    if (!ofThisProcess.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
      throw isLocked();
    }
    try {
      return updateAlone(change);
    } finally {
      ofThisProcess.unlock();
    }
  }

  private List<Line> updateAlone(UnaryOperator<List<Line>> change)
      throws IOException, InterruptedException {
    Path directory = file.getParent();
    if (directory != null) {
      PrivateFiles.directory(directory);
    }
    try (FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      FileLock lock = lock(channel);
      try {
        List<Line> now = List.copyOf(change.apply(read(channel)));
        write(channel, JSON.writeValueAsBytes(new Content(Content.VERSION, now)));
        return now;
      } finally {
        lock.release();
      }
    }
  }

  private FileLock lock(FileChannel channel) throws IOException, InterruptedException {
    Deadline deadline = time.after(patience);
    while (true) {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return lock;
      }
      if (deadline.isOver()) {
        throw isLocked();
      }
      time.sleep(AGAIN);
    }
  }

  private IOException isLocked() {
    return new IOException(
        "%s is locked for more than %s s".formatted(file, patience.toMillis() / 1e3));
  }

  private List<Line> read(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(channel.size(), LONGEST));
    int read;
    do {
      read = channel.read(bytes, bytes.position());
    } while (read > 0);
    if (bytes.position() == 0) {
      return new ArrayList<>();
    }
    try {
      Content content = JSON.readValue(bytes.array(), 0, bytes.position(), Content.class);
      if (content.version() != Content.VERSION) {
        throw new IOException(
            "%s is of version %s, and this guard knows version %s"
                .formatted(file, content.version(), Content.VERSION));
      }
      return new ArrayList<>(content.guards());
    } catch (JsonProcessingException halfWritten) {
      return new ArrayList<>();
    }
  }

  private static void write(FileChannel channel, byte[] json) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(json);
    while (left.hasRemaining()) {
      channel.write(left, left.position());
    }
    channel.truncate(json.length);
  }
}
