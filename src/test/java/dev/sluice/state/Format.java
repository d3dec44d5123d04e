package dev.sluice.state;

import java.util.List;
import java.util.function.Supplier;

/**
 * One stored format.
 *
 * @param name how its golden files are called
 * @param serializer makes its serializer
 * @param samples makes what its golden files hold
 */
record Format<T>(String name, Supplier<VersionedSerializer<T>> serializer, Supplier<T[]> samples) {

  static List<Format<?>> all() {
    return List.of(
        new Format<>("event", EventSerializer::new, Samples::events),
        new Format<>("output-record", OutputRecordSerializer::new, Samples::outputRecords),
        new Format<>("model-state", ModelStateSerializer::new, Samples::modelStates),
        new Format<>("pending", PendingSerializer::new, Samples::pendings),
        new Format<>("origin-set", OriginSetSerializer::new, LedgerSamples::originSets),
        new Format<>("open-interval", OpenIntervalSerializer::new, LedgerSamples::openIntervals),
        new Format<>("fence-note", FenceNoteSerializer::new, LedgerSamples::fenceNotes),
        new Format<>("answer-journal", AnswerJournalSerializer::new, LedgerSamples::answerJournals),
        new Format<>(
            "control-record", ControlRecordSerializer::new, ControlSamples::controlRecords),
        new Format<>(
            "standing-orders", StandingOrdersSerializer::new, ControlSamples::standingOrders));
  }

  /** What the golden bytes of a version read back as. */
  Object[] expected(int version) {
    return name.equals("model-state") && version < 4
        ? Samples.convertedModelStates()
        : samples.get();
  }

  @Override
  public String toString() {
    return name;
  }
}
