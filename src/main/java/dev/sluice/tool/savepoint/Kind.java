package dev.sluice.tool.savepoint;

import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.checkpoint.SavepointType;
import org.jspecify.annotations.Nullable;

/** What a snapshot was taken for. */
public enum Kind {
  /** A savepoint that stopped the job, to continue from: {@code stop}. */
  STOPPED("savepoint of a stop"),
  /** A savepoint that ended the job for good, all timers fired: {@code stop --drain}. */
  DRAINED("savepoint of a drain"),
  /** A savepoint of a job that kept running. */
  SAVEPOINT("savepoint"),
  /** A retained checkpoint. */
  CHECKPOINT("checkpoint");

  private final String words;

  Kind(String words) {
    this.words = words;
  }

  /** What it is, for people. */
  public String words() {
    return words;
  }

  /** Whether it is a savepoint of any sort. */
  public boolean isSavepoint() {
    return this != CHECKPOINT;
  }

  /** As the metadata says; releases of Flink that this tool reads always do. */
  static Kind of(@Nullable CheckpointProperties properties) {
    if (properties == null || !(properties.getCheckpointType() instanceof SavepointType type)) {
      return CHECKPOINT;
    }
    return switch (type.getPostCheckpointAction()) {
      case SUSPEND -> STOPPED;
      case TERMINATE -> DRAINED;
      case NONE -> SAVEPOINT;
    };
  }
}
