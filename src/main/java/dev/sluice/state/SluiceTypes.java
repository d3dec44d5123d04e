package dev.sluice.state;

import dev.sluice.event.Event;
import dev.sluice.event.OutputRecord;
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

  private SluiceTypes() {}
}
