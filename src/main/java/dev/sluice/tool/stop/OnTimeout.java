package dev.sluice.tool.stop;

import java.util.Locale;

/** What a stop does when its grace period ends, or the savepoint fails, before there is one. */
public enum OnTimeout {
  /** Leaves the job running. */
  FAIL,
  /** Cancels the job and keeps its last completed checkpoint. */
  CHECKPOINT,
  /** Cancels the job, whatever snapshot is left of it. */
  CANCEL;

  /** The name on the command line and in receipts. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** As it is typed. */
  @Override
  public String toString() {
    return code();
  }

  /** What is done, for people, after "it would" or "it will". */
  public String words() {
    return switch (this) {
      case FAIL -> "leave the job running";
      case CHECKPOINT -> "cancel the job and keep its last checkpoint";
      case CANCEL -> "cancel the job";
    };
  }
}
