package dev.sluice.fence;

/** What the restore fence does when the output and the snapshot disagree. */
public enum FenceMode {
  /** Answers that are committed already are not given again; missing ones refuse the restore. */
  SUPPRESS,
  /** A snapshot behind the output refuses the restore, too. */
  FAIL,
  /** Nothing: what Flink alone does. */
  OFF
}
