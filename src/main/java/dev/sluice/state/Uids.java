package dev.sluice.state;

/**
 * The names that tie a running job to its savepoints. Changing one of them orphans the state behind
 * it: state under an unknown uid is refused by Flink, or silently dropped with {@code
 * --allowNonRestoredState}, and with the sink's it is pending transactions that are dropped.
 */
public final class Uids {

  /** The source of events; its state is the offset of every input partition. */
  public static final String EVENTS = "sluice-events";

  /** Ends a start that application mode could not refuse before; it has no state. */
  public static final String REFUSED_START = "sluice-refused-start";

  /** The lookups of features; their state is the events that wait for one, if the job has any. */
  public static final String LOOKUPS = "sluice-lookups";

  /**
   * Flink's own operator, which did the lookups before there was {@link #LOOKUPS}; its state is the
   * events that waited for one, and is only read.
   */
  public static final String EARLIER_LOOKUPS = "sluice-enrich";

  /** The source of control commands; its state is the offset of their one partition. */
  public static final String CONTROL = "sluice-control";

  /** Reads the model files that commands name; it has no state. */
  public static final String CONTROL_GATE = "sluice-control-gate";

  /** The keyed operator; its state is the models and the pending observations. */
  public static final String LEARN_AND_PREDICT = "sluice-learn-and-predict";

  /** The restore fence; its state is what was answered lately. */
  public static final String RESTORE_FENCE = "sluice-restore-fence";

  /** The sink; the state behind it is the transactions to be committed. */
  public static final String ANSWERS = "sluice-answers";

  /** Keyed {@code ValueState}: one model a key. */
  public static final String MODEL_STATE = "model";

  /**
   * Keyed {@code MapState} by observation id: predictions and outcomes that wait for each other.
   */
  public static final String PENDING_STATE = "pending";

  /**
   * Keyed {@code MapState} by origin: what was looked up for answers that are committed beyond the
   * restored snapshot.
   */
  public static final String LOOKUPS_STATE = "published-lookups";

  /** Operator state: the champion's version and protobuf bytes, once for the whole job. */
  public static final String CHAMPION_STATE = "champion";

  /** Operator state: the champion to be, as {@link #CHAMPION_STATE}. */
  public static final String SHADOW_STATE = "shadow-champion";

  /** Operator state: the combined effect of the control commands, once for the whole job. */
  public static final String ORDERS_STATE = "standing-orders";

  /** Operator state: what the stored arrays mean, once for the whole job. */
  public static final String DESCRIPTION_STATE = "model-description";

  /** Operator state: the events that wait for lookups, each in the subtask of its key. */
  public static final String WAITING_STATE = "waiting-for-lookups";

  /** Operator state: how long models live without events, while they expire. */
  public static final String EXPIRY_STATE = "model-expiry";

  /** Operator state: keys that a replay has not forgotten yet, though commands require it. */
  public static final String OPEN_FORGETS_STATE = "open-forgets";

  /** Operator state: the features that each subtask has seen, by name and type. */
  public static final String FEATURES_STATE = "features-seen";

  /** Operator state: by which rules events were judged, once for the whole job. */
  public static final String INPUT_RULES_STATE = "input-rules";

  /** Operator state: where the output ended, once for each subtask. */
  public static final String FENCE_NOTES = "notes";

  /** Operator state: what was passed on and may not be committed yet. */
  public static final String FENCE_INTERVALS = "open-intervals";

  /** Operator state: what is committed beyond the snapshot, once for the whole job. */
  public static final String FENCE_AHEAD = "ahead";

  /** Operator state: what those answers say of the control commands, once for the whole job. */
  public static final String FENCE_JOURNAL = "ahead-journal";

  /** Operator state: the control position of {@link #ORDERS_STATE}, once for the whole job. */
  public static final String CONTROL_POSITION_STATE = "control-position";

  /** Operator state: the commands that follow it while a replay is under way. */
  public static final String CONTROL_SINCE_STATE = "control-since";

  /** Key groups; fixed for the life of a job's savepoints. */
  public static final int MAX_PARALLELISM = 128;

  private Uids() {}
}
