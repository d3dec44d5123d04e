package dev.sluice.job;

import java.util.ArrayList;
import java.util.List;

/** The answers of one subtask and interval. */
final class ReplayTransaction {

  /** Where it stands. */
  private enum State {
    OPEN,
    COMMITTED,
    ABORTED
  }

  private final List<ReplaySubtask.Answer> answers = new ArrayList<>();
  private State state = State.OPEN;

  void add(ReplaySubtask.Answer answer) {
    answers.add(answer);
  }

  List<ReplaySubtask.Answer> answers() {
    return answers;
  }

  /** Whether it was open until now. */
  boolean commit() {
    boolean open = state == State.OPEN;
    state = open ? State.COMMITTED : state;
    return open;
  }

  void abort() {
    state = state == State.OPEN ? State.ABORTED : state;
  }

  boolean isAborted() {
    return state == State.ABORTED;
  }
}
