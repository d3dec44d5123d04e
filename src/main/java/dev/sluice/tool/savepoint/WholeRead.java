package dev.sluice.tool.savepoint;

import dev.sluice.control.ControlState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.jspecify.annotations.Nullable;

/**
 * Reads a snapshot whole, each of its files once: the hash of every file and, where models are in
 * it, the judgement on every model. Several files are read at once. What is found does not depend
 * on which of them is read first, and memory not on how much they hold: an entry at a time for each
 * thread, and of RocksDB's own format one subtask's files, copied to disk.
 */
public final class WholeRead {

  /** Parts of a subtask's key groups for each thread, so that none has to wait long at the end. */
  private static final int PARTS = 4;

  private final Snapshot snapshot;
  private final ReadPool pool;
  private final FileHashes hashes;
  private final int keyGroups;

  private WholeRead(Snapshot snapshot, ReadPool pool) {
    this.snapshot = snapshot;
    this.pool = pool;
    this.hashes = new FileHashes(snapshot.files(), pool);
    this.keyGroups = snapshot.learnAndPredict().getMaxParallelism();
  }

  /**
   * What was found.
   *
   * @param files every file, whatever the result of the models
   * @param judged every model; null if they could not be read
   * @param failure why not
   */
  public record Result(
      FileCheck files, @Nullable ModelCheck judged, @Nullable IOException failure) {

    /** Whether a file system has failed, so that reading again may find more. */
    public boolean mayBeReadAgain() {
      return !files.unread().isEmpty() || failure instanceof UnreadFileException;
    }

    /**
     * Every model. What is wrong with a single one is a problem in the result, not an exception.
     *
     * @throws BadSnapshotException if a file that holds models is missing or damaged
     * @throws UnreadModelsException if they can't be read on this machine
     */
    public ModelCheck models() throws IOException {
      if (judged == null) {
        throw failure == null ? new IOException("the models were not read") : failure;
      }
      return judged;
    }
  }

  /**
   * Reads it.
   *
   * @param progress receives the progress, on this thread
   * @throws IOException if the thread was interrupted; what is wrong with the snapshot is in the
   *     result
   */
  public static Result of(Snapshot snapshot, ReadProgress progress) throws IOException {
    return once(snapshot, ReadPool.FOR_EVER, progress);
  }

  /**
   * Reads it, and again while its file system fails.
   *
   * @param most how long the file system may take to answer; what has not been read when it hangs
   *     for as long is not read
   * @param progress receives the progress, on this thread
   */
  public static Result of(Snapshot snapshot, Duration most, ReadProgress progress)
      throws IOException, InterruptedException {
    return Stores.whole(most, read -> !read.mayBeReadAgain(), () -> once(snapshot, most, progress));
  }

  private static Result once(Snapshot snapshot, Duration most, ReadProgress progress)
      throws IOException {
    long bytes = snapshot.files().stream().mapToLong(StoredFile::bytes).sum();
    try (ReadPool pool = new ReadPool(bytes, progress, ReadPool.QUIET, most)) {
      return new WholeRead(snapshot, pool).read();
    }
  }

  private Result read() throws IOException {
    ModelCheck models = null;
    IOException failure = null;
    try {
      models = ModelChecker.together(models());
    } catch (BadSnapshotException | UnreadModelsException | UnreadFileException e) {
      failure = e;
    } catch (UncheckedIOException e) {
      failure = e.getCause();
    }
    return new Result(hashes.check(), models, failure);
  }

  private List<ModelChecker> models() throws IOException {
    Soundness soundness = pool.await(pool.submit(() -> new Soundness(snapshot.models().shape())));
    ControlState orders = pool.await(pool.submit(snapshot::orders));
    List<KeyedStateHandle> handles = KeyedEntries.handles(snapshot.learnAndPredict());
    SavedModels.requireReadable(snapshot, handles);
    List<Future<ModelChecker>> files = new ArrayList<>();
    for (KeyedStateHandle handle : handles) {
      if (handle instanceof KeyGroupsStateHandle file) {
        files.add(pool.submit(() -> file(file, checker(soundness, orders))));
      }
    }
    List<ModelChecker> found = new ArrayList<>();
    for (KeyedStateHandle handle : handles) {
      if (handle instanceof IncrementalRemoteKeyedStateHandle subtask) {
        found.addAll(tables(subtask, soundness, orders));
      }
    }
    found.addAll(pool.await(files));
    return found;
  }

  private ModelChecker checker(Soundness soundness, ControlState orders) {
    return new ModelChecker(new EntryFormat(keyGroups), soundness, orders);
  }

  private ModelChecker file(KeyGroupsStateHandle file, ModelChecker checker) throws IOException {
    try (FileHashes.Opened opened = hashes.open(file.getDelegateStateHandle())) {
      SavedModels.entries(snapshot, keyGroups, List.of(file), same -> opened.handle())
          .each(KeyGroupRange.of(0, keyGroups - 1), checker);
      return checker;
    } catch (BadSnapshotException e) {
      throw e;
    } catch (IOException e) {
      throw BadSnapshotException.unlessUnread(snapshot.uri(), file, e);
    }
  }

  private List<ModelChecker> tables(
      IncrementalRemoteKeyedStateHandle subtask, Soundness soundness, ControlState orders)
      throws IOException {
    long bytes = subtask.getStateSize();
    pool.more(bytes); // Copied first, then read.
    try (RocksHandle tables = RocksHandle.open(snapshot.uri(), subtask, keyGroups, hashes, pool)) {
      List<Future<ModelChecker>> parts = new ArrayList<>();
      List<KeyGroupRange> ranges = ranges(tables.range());
      for (KeyGroupRange range : ranges) {
        parts.add(
            pool.submit(
                () -> {
                  ModelChecker checker = checker(soundness, orders);
                  tables.each(range, checker);
                  pool.read(bytes / ranges.size());
                  return checker;
                }));
      }
      return pool.await(parts);
    }
  }

  private List<KeyGroupRange> ranges(KeyGroupRange all) {
    int size = all.getNumberOfKeyGroups();
    int parts = Math.min(size, PARTS * pool.size());
    List<KeyGroupRange> ranges = new ArrayList<>();
    for (int i = 0; i < parts; i++) {
      ranges.add(
          KeyGroupRange.of(
              all.getStartKeyGroup() + i * size / parts,
              all.getStartKeyGroup() + (i + 1) * size / parts - 1));
    }
    return ranges;
  }
}
