package dev.sluice.tool.stop;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.receipt.PrivateFiles;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a stop records before its first request, so that the next one continues a stop that dies:
 * one file a job. Held by one stop at a time, on this machine; used by one thread.
 */
final class Journal implements Closeable {

  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
  private static final Duration AGAIN = Duration.ofMillis(100);

  /** By the ids of their jobs; any other file is a receipt, or does not belong to the journal. */
  private static final DirectoryStream.Filter<Path> ENTRIES =
      file -> file.getFileName().toString().matches("[0-9a-f]{32}\\.json");

  private static final Duration SLACK = Duration.ofMinutes(10);

  private final Path file;
  private final FileChannel channel;
  private final FileLock lock;

  private Journal(Path file, FileChannel channel, FileLock lock) {
    this.file = file;
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * A stop that was asked for.
   *
   * @param version of this form: {@link #VERSION}; 1 does not record the job's run and the attempt
   * @param job what is stopped; before version 5 not from what its run began, and before version 6
   *     not which Kafka cluster it writes to
   * @param triggerId under which Flink knows it
   * @param startedAt when it began, ISO-8601
   * @param savepointDirectory as asked for
   * @param drain as asked for
   * @param nativeFormat as asked for
   * @param savepoint the savepoint, once it is known
   * @param receipt the receipt, once the stop is over
   * @param jobStartedAt when the run of the job began that is stopped, ISO-8601; null in version 1
   * @param attempt how many savepoints of this run have failed before
   * @param highAvailability whether another JobManager recovers the job when its own is lost; null
   *     if that is not known
   * @param rest addresses of the cluster's REST interfaces, without a slash at their end; null
   *     before version 3
   * @param history what lies behind the stop; null if nothing does, and before version 4
   */
  record Entry(
      int version,
      JobFacts job,
      String triggerId,
      String startedAt,
      @Nullable String savepointDirectory,
      boolean drain,
      boolean nativeFormat,
      @Nullable String savepoint,
      @Nullable String receipt,
      @Nullable String jobStartedAt,
      int attempt,
      @Nullable Boolean highAvailability,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<String> rest,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable StopHistory history) {

    /** The form that is written. */
    static final int VERSION = 6;

    /** The addresses of a cluster as an entry holds them. */
    static List<String> rest(List<URI> addresses) {
      return addresses.stream().map(one -> one.toString().replaceAll("/+$", "")).toList();
    }

    Instant started() {
      return Instant.parse(startedAt);
    }

    /**
     * Whether it is of this run of the job, and not of another one under the same id, as
     * deployments fix it. A run begins when the job is submitted, and again when another JobManager
     * recovers it.
     */
    boolean isOf(JobOverview run) {
      return jobStartedAt == null
          ? !run.startedAt().isAfter(started())
          : run.startedAt().equals(Instant.parse(jobStartedAt));
    }

    /** Whether Flink may still be at the savepoint, or this stop at its end. */
    boolean mayGoOn(Duration grace, Instant now) {
      return now.isBefore(started().plus(grace).plus(job.checkpointTimeout()).plus(SLACK));
    }

    /** What lies behind the stop. */
    StopHistory behind() {
      return history == null ? StopHistory.NONE : history;
    }

    Entry saved(String uri) {
      return with(triggerId, attempt, uri, receipt, history);
    }

    /** The same stop, of a job that runs on though it was saved. */
    Entry unsaved() {
      return with(triggerId, attempt, null, null, afterSavepoint());
    }

    private @Nullable StopHistory afterSavepoint() {
      return savepoint == null ? history : behind().leaving(savepoint);
    }

    Entry over(Path receiptFile) {
      return with(triggerId, attempt, savepoint, receiptFile.toString(), history);
    }

    /**
     * The same stop, whose command ends while the job keeps running, or that another command
     * continues.
     */
    Entry givenUp(boolean now) {
      return with(triggerId, attempt, savepoint, receipt, behind().givenUp(now));
    }

    /** The same stop, with another savepoint after one that failed. */
    Entry again() {
      String run = jobStartedAt == null ? startedAt : jobStartedAt;
      int next = attempt + 1;
      return with(
          TriggerId.of(job.id(), Instant.parse(run), next), next, savepoint, receipt, history);
    }

    /**
     * The same stop, of a job that another JobManager has recovered since: what the run before has
     * saved is nothing to resume this one from.
     */
    Entry ofRun(Instant began, JobFacts facts) {
      return new Entry(
          VERSION,
          facts,
          TriggerId.of(job.id(), began, 0),
          startedAt,
          savepointDirectory,
          drain,
          nativeFormat,
          null,
          null,
          began.toString(),
          0,
          highAvailability,
          rest,
          afterSavepoint());
    }

    private Entry with(
        String trigger,
        int attempts,
        @Nullable String uri,
        @Nullable String receiptFile,
        @Nullable StopHistory past) {
      return new Entry(
          VERSION,
          job,
          trigger,
          startedAt,
          savepointDirectory,
          drain,
          nativeFormat,
          uri,
          receiptFile,
          jobStartedAt,
          attempts,
          highAvailability,
          rest,
          past);
    }
  }

  /**
   * Waits until no other stop of the job is under way on this machine.
   *
   * @throws HeldException if the other one takes longer than {@code patience}
   * @throws IOException if the directory can't be used
   */
  static Journal open(Path directory, String jobId, Duration patience, Time time)
      throws IOException, InterruptedException {
    PrivateFiles.directory(directory);
    Path locked = directory.resolve(jobId + ".lock");
    FileChannel channel =
        FileChannel.open(locked, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    Deadline deadline = time.after(patience);
    try {
      while (true) {
        FileLock lock = tryLock(channel);
        if (lock != null) {
          return new Journal(file(directory, jobId), channel, lock);
        }
        if (deadline.isOver()) {
          throw new HeldException(
              RefusalCode.STOP_IN_PROGRESS.in(
                  "another stop of job %s holds %s for more than %s s: wait for it, or end it"
                      .formatted(jobId, locked, patience.toSeconds())));
        }
        time.sleep(AGAIN);
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Another stop of the job has not ended: it may yet stop it, or have stopped it. */
  static final class HeldException extends IOException {

    private static final long serialVersionUID = 1L;

    private HeldException(String message) {
      super(message);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException heldByThisProcess) {
      return null;
    }
  }

  /**
   * Checks whether a stop could record its requests.
   *
   * @throws IOException if it could not
   */
  static void requireUsable(Path directory) throws IOException {
    PrivateFiles.directory(directory);
    if (!Files.isWritable(directory)) {
      throw new IOException(
          RefusalCode.JOURNAL_UNUSABLE.in(
              "the journal's directory %s can't be written to by this user: name another one with --journal"
                  .formatted(directory)));
    }
  }

  /** The file that records the stop of a job. */
  static Path file(Path directory, String jobId) {
    return directory.resolve(jobId + ".json");
  }

  /** The stop of a job that was asked for last, without waiting for one that is under way. */
  static Optional<Entry> peek(Path directory, String jobId) throws IOException {
    return read(file(directory, jobId));
  }

  /**
   * The stops of a job that can be read, the newest first, for when Flink can't report the job's
   * id.
   *
   * @param nameOrId of the job; empty for every job
   */
  static List<Entry> all(Path directory, String nameOrId) {
    List<Entry> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, ENTRIES)) {
      for (Path file : files) {
        readable(file)
            .filter(
                entry ->
                    nameOrId.isEmpty()
                        || entry.job().name().equals(nameOrId)
                        || entry.job().id().equals(nameOrId))
            .ifPresent(found::add);
      }
    } catch (IOException | DirectoryIteratorException e) {
      return List.of(); // There is no journal that a stop could have used.
    }
    found.sort(Comparator.comparing(Entry::started).reversed());
    return found;
  }

  /** Why entries of stops can't be read, a sentence each; and the directory, if that can't be. */
  static List<String> unreadable(Path directory) {
    List<String> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, ENTRIES)) {
      for (Path file : files) {
        try {
          Optional<Entry> unused = read(file);
        } catch (IOException e) {
          found.add(String.valueOf(e.getMessage()));
        }
      }
    } catch (NoSuchFileException none) {
      return found;
    } catch (IOException | DirectoryIteratorException e) {
      found.add("the journal %s can't be listed: %s".formatted(directory, e.getMessage()));
    }
    return found;
  }

  private static Optional<Entry> readable(Path file) {
    try {
      return read(file);
    } catch (IOException e) {
      return Optional.empty(); // A stop of its job reports it; it hides no other job's.
    }
  }

  /** The stop that was asked for last; empty if there is none. */
  Optional<Entry> read() throws IOException {
    return read(file);
  }

  private static Optional<Entry> read(Path file) throws IOException {
    try {
      Entry entry = valid(JSON.readValue(Files.readAllBytes(file), Entry.class), file);
      if (entry.version() > Entry.VERSION) {
        throw new IOException(
            RefusalCode.JOURNAL_UNUSABLE.in(
                ("the journal %s is of version %s, written by a newer sluice; this one knows versions up to %s: "
                        + "use the newer one")
                    .formatted(file, entry.version(), Entry.VERSION)));
      }
      return Optional.of(entry);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JsonProcessingException e) {
      throw damaged(file, e.getOriginalMessage());
    }
  }

  /** What is missing in it would end a later step with an error that names no file. */
  private static Entry valid(@Nullable Entry entry, Path file) throws IOException {
    if (entry == null || entry.job() == null || entry.triggerId() == null) {
      throw damaged(file, "it names no job or no trigger id");
    }
    JobFacts job = entry.job();
    if (job.id() == null || job.name() == null || job.settings() == null || job.flink() == null) {
      throw damaged(file, "it lacks facts of its job");
    }
    try {
      Instant unused = Instant.parse(entry.startedAt() == null ? "" : entry.startedAt());
      if (entry.jobStartedAt() != null) {
        unused = Instant.parse(entry.jobStartedAt());
      }
    } catch (DateTimeParseException e) {
      throw damaged(file, e.getMessage());
    }
    return entry;
  }

  private static IOException damaged(Path file, @Nullable String why) {
    return new IOException(
        RefusalCode.JOURNAL_UNUSABLE.in(
            "the journal %s can't be read (%s): if no stop is under way, remove it"
                .formatted(file, why)));
  }

  /** Writes it down for good before it returns. */
  void write(Entry entry) throws IOException {
    PrivateFiles.write(file, JSON.writeValueAsBytes(entry));
  }

  /** The stop is given up; the next one is a new one. */
  void forget() throws IOException {
    Files.deleteIfExists(file);
  }

  @Override
  public void close() throws IOException {
    lock.release();
    channel.close();
  }
}
