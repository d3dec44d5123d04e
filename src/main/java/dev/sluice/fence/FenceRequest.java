package dev.sluice.fence;

import org.apache.flink.runtime.operators.coordination.CoordinationRequest;

/** What a subtask's fence says to the coordinator, from the JVM of a TaskManager. */
sealed interface FenceRequest extends CoordinationRequest {

  /** Which subtask speaks, from 0. */
  int subtask();

  /** Which of its attempts, from 0. */
  int attempt();

  /** Its committer and its writer are done with the transactions of earlier attempts. */
  record Here(int subtask, int attempt) implements FenceRequest {}

  /**
   * A part of its report; an RPC message must not be large.
   *
   * @param index which part, from 0
   * @param count of how many
   * @param bytes the part; owned by the record
   */
  record Report(int subtask, int attempt, int index, int count, byte[] bytes)
      implements FenceRequest {}

  /**
   * Asks for a part of the answers that are committed already.
   *
   * @param index which part, from 0
   */
  record Ask(int subtask, int attempt, int index) implements FenceRequest {}

  /** Its snapshot was made by a job without a fence: there is nothing to compare. */
  record Unchecked(int subtask, int attempt) implements FenceRequest {}

  /** Asks for the note of the snapshot, merged over all its subtasks. */
  record AskNote(int subtask, int attempt) implements FenceRequest {}

  /** Its task has restored all of its state and is ready for the first event. */
  record Opened(int subtask, int attempt) implements FenceRequest {}

  /** Asks whether the sources have passed everything that is ahead. */
  record AskPassed(int subtask, int attempt) implements FenceRequest {}

  /**
   * How far it has come, at a snapshot.
   *
   * @param note as it goes into the snapshot; owned by the record
   * @param suppressed answers that it did not write
   */
  record Progress(int subtask, int attempt, byte[] note, long suppressed) implements FenceRequest {}
}
