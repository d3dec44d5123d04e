package dev.sluice.fence;

import dev.sluice.ledger.AheadAnswers;
import dev.sluice.ledger.AnswerJournal;
import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.OpenInterval;
import dev.sluice.ledger.OriginSet;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;

/**
 * What a {@link RestoreFence} stores. Notes and the answers ahead are union state: every subtask
 * gets those of all. Open intervals are distributed one by one.
 */
final class FenceState {

  private final ListState<FenceNote> notes;
  private final ListState<OpenInterval> intervals;
  private final ListState<OriginSet> ahead;
  private final ListState<AnswerJournal> journal;

  FenceState(OperatorStateStore store) throws Exception {
    notes =
        store.getUnionListState(
            new ListStateDescriptor<>(Uids.FENCE_NOTES, SluiceTypes.FENCE_NOTE));
    intervals =
        store.getListState(
            new ListStateDescriptor<>(Uids.FENCE_INTERVALS, SluiceTypes.OPEN_INTERVAL));
    ahead =
        store.getUnionListState(
            new ListStateDescriptor<>(Uids.FENCE_AHEAD, SluiceTypes.ORIGIN_SET));
    journal =
        store.getUnionListState(
            new ListStateDescriptor<>(Uids.FENCE_JOURNAL, SluiceTypes.ANSWER_JOURNAL));
  }

  /** Those of all subtasks of the restored snapshot; none if its job had no fence. */
  List<FenceNote> notes() throws Exception {
    return list(notes);
  }

  /** This subtask's share of the restored snapshot's open intervals. */
  List<OpenInterval> intervals() throws Exception {
    return list(intervals);
  }

  /** What the restored snapshot itself holds as ahead. */
  AheadAnswers ahead() throws Exception {
    AheadAnswers restored = new AheadAnswers();
    list(ahead).forEach(restored.origins()::addAll);
    list(journal).forEach(restored.journal()::addAll);
    return restored;
  }

  /**
   * Writes what a subtask stores.
   *
   * @param answers that are ahead, from one subtask; none from the others
   */
  void write(FenceNote note, List<OpenInterval> open, AheadAnswers answers) throws Exception {
    notes.update(List.of(note));
    intervals.update(open);
    ahead.update(answers.origins().isEmpty() ? List.of() : List.of(answers.origins()));
    journal.update(answers.journal().isEmpty() ? List.of() : List.of(answers.journal()));
  }

  private static <T> List<T> list(ListState<T> state) throws Exception {
    List<T> all = new ArrayList<>();
    state.get().forEach(all::add);
    return all;
  }
}
