package dev.sluice.tool.savepoint;

import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputFilter.FilterInfo;
import java.io.ObjectInputFilter.Status;
import java.util.Set;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.checkpoint.CheckpointType;
import org.apache.flink.runtime.checkpoint.SavepointType;
import org.apache.flink.runtime.checkpoint.SnapshotType;

/**
 * Bounds what Java's deserialisation may make of a snapshot's bytes. Flink stores what a snapshot
 * was taken for as Java objects, and some of its serializers' configurations are Java objects, too:
 * crafted ones can run code of whatever classes are there, or compute for ever. Sluice's own state
 * holds none.
 *
 * <p>Flink makes the streams itself, so only a filter of the whole process reaches them. It judges
 * only what a thread reads inside {@link #reading}, because other streams are not a snapshot's.
 */
public final class SavedObjects {

  /** As deep and as many as {@link CheckpointProperties} is, with one more field allowed. */
  private static final long DEEPEST = 8;

  private static final long MOST_REFERENCES = 64;
  private static final long MOST_BYTES = 16 << 10;

  private static final Set<Class<?>> ALLOWED =
      Set.of(
          CheckpointProperties.class,
          SnapshotType.class,
          CheckpointType.class,
          SavepointType.class,
          SavepointFormatType.class,
          SnapshotType.SharingFilesStrategy.class,
          SavepointType.PostCheckpointAction.class,
          Enum.class);

  private static final ThreadLocal<Boolean> READING = ThreadLocal.withInitial(() -> false);
  private static final ObjectInputFilter FILTER = SavedObjects::judge;

  static {
    if (ObjectInputFilter.Config.getSerialFilter() == null) {
      ObjectInputFilter.Config.setSerialFilter(FILTER);
    }
  }

  private SavedObjects() {}

  /**
   * Reads something of a snapshot under the filter.
   *
   * @throws IOException if the reading does, or this process has another filter
   */
  public static <T> T reading(Stores.Question<T> reading) throws IOException {
    requireFilter();
    boolean before = READING.get();
    READING.set(true);
    try {
      return reading.ask();
    } finally {
      READING.set(before);
    }
  }

  /**
   * Sees to it that snapshots can be read in this process, whichever they are.
   *
   * @throws BadSnapshotException if it has another filter
   */
  public static void requireFilter() throws BadSnapshotException {
    if (ObjectInputFilter.Config.getSerialFilter() != FILTER) {
      throw new BadSnapshotException(
          "this process can't read snapshots, for it has a filter of its own for Java objects "
              + "(jdk.serialFilter), which keeps the one for snapshots out: start the tool without it");
    }
  }

  private static Status judge(FilterInfo info) {
    if (!READING.get()) {
      return Status.UNDECIDED;
    }
    Class<?> type = info.serialClass();
    boolean allowed =
        (type == null || ALLOWED.contains(type))
            && info.arrayLength() < 0
            && info.depth() <= DEEPEST
            && info.references() <= MOST_REFERENCES
            && info.streamBytes() <= MOST_BYTES;
    return allowed ? Status.ALLOWED : Status.REJECTED;
  }
}
