package dev.sluice.state;

import dev.sluice.control.ControlState;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.Event;
import dev.sluice.event.OutputRecord;
import dev.sluice.ledger.AnswerJournal;
import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.OpenInterval;
import dev.sluice.ledger.OriginSet;
import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/** The types of everything that the job stores or sends between operators. */
public final class SluiceTypes {

  /** Decoded input, from the decoder to the keyed operator. */
  public static final TypeInformation<Event> EVENT = new SerializerType<>(new EventSerializer());

  /** Encoded answers, from the keyed operator to the sink. */
  public static final TypeInformation<OutputRecord> OUTPUT_RECORD =
      new SerializerType<>(new OutputRecordSerializer());

  /** Keyed state: a key's model. */
  public static final TypeInformation<ModelState> MODEL_STATE =
      new SerializerType<>(new ModelStateSerializer());

  /** Keyed state: what waits for its other half. */
  public static final TypeInformation<Pending> PENDING =
      new SerializerType<>(new PendingSerializer());

  /** Operator state: what a subtask's fence notes in a snapshot. */
  public static final TypeInformation<FenceNote> FENCE_NOTE =
      new SerializerType<>(new FenceNoteSerializer());

  /** Operator state: what was passed on while it is not known yet whether it was committed. */
  public static final TypeInformation<OpenInterval> OPEN_INTERVAL =
      new SerializerType<>(new OpenIntervalSerializer());

  /** Operator state: origins whose answers are committed beyond the snapshot. */
  public static final TypeInformation<OriginSet> ORIGIN_SET =
      new SerializerType<>(new OriginSetSerializer());

  /** Control records, from the gate to every task. */
  public static final TypeInformation<ControlRecord> CONTROL_RECORD =
      new SerializerType<>(new ControlRecordSerializer());

  /** Operator state: the combined effect of the control commands. */
  public static final TypeInformation<ControlState> STANDING_ORDERS =
      new SerializerType<>(new StandingOrdersSerializer());

  /** Operator state: what committed answers say of the control commands. */
  public static final TypeInformation<AnswerJournal> ANSWER_JOURNAL =
      new SerializerType<>(new AnswerJournalSerializer());

  private SluiceTypes() {}
}
