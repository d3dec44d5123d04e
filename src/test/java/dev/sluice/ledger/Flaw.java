package dev.sluice.ledger;

/** What the simulated job does wrong on purpose, to see that the truth at the end shows it. */
enum Flaw {
  NONE,

  /** The note holds the high watermark: what is pending there is never read. */
  NOTES_THE_HIGH_WATERMARK,
  /** Only one subtask is given a note; the others have nothing to read. */
  NOTE_GOES_TO_ONE_SUBTASK,
  /** The highest of the noted ends counts, not the lowest. */
  MERGES_TO_THE_HIGHEST_END,
  /** A snapshot that is taken while answers are suppressed does not say which. */
  FORGETS_AHEAD,
  /** A restore goes by what it has read itself, not by what the snapshot suppressed already. */
  FORGETS_RESTORED_AHEAD,
  /** The set to suppress is dropped when one subtask has seen its highest offsets. */
  DROPS_AHEAD_WHEN_ONE_HAS_PASSED_IT,
  /** A snapshot holds its own interval only, not the older ones that are still pending. */
  KEEPS_ONLY_THE_LAST_INTERVAL,
  /** An interval counts as committed when the snapshot is taken. */
  SETTLES_AT_THE_SNAPSHOT,
  /** An interval that another subtask passed on is not searched for. */
  IGNORES_FOREIGN_INTERVALS,
  /** A subtask passes answers as soon as it has read its own share. */
  DOES_NOT_MEET,
  /** Reads up to the last stable offset, and so waits for no pending transaction. */
  READS_TO_THE_STABLE_END,
  /** Reads past open transactions, as if they had been aborted. */
  DOES_NOT_WAIT,

  /** The bare connector: the sink drops a commit that has become impossible, and runs on. */
  COMMIT_IS_DROPPED_WHILE_RUNNING,
  /** The bare connector: a name that the broker has forgotten fails the restore, each time. */
  FORGOTTEN_NAME_FAILS_THE_RESTORE,
  /** A snapshot completes although its transactions may have expired by then. */
  NO_DEADLINE,
  /** The deadline knows the last interval only, not the older ones that are still pending. */
  DEADLINE_FORGETS_OLDER_INTERVALS
}
