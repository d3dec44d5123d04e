package dev.sluice.event;

/** Why an input record became a dead letter: the {@code sluice-reason} header. */
public enum Reason {
  /** Not one JSON object in UTF-8. */
  MALFORMED_JSON(1, "malformed-json"),
  /** {@code type} is neither observation nor outcome. */
  UNKNOWN_TYPE(2, "unknown-type"),
  /** A required field is absent, null or empty. */
  MISSING_FIELD(3, "missing-field"),
  /** A field of the envelope has the wrong type or a value that can't be read. */
  BAD_FIELD(4, "bad-field"),
  /** A feature is not a finite number, string or boolean, or there are too many. */
  BAD_FEATURE(5, "bad-feature"),
  /** The outcome's label is not one of the job's labels. */
  UNKNOWN_LABEL(6, "unknown-label"),
  /** The outcome's value is not a finite number. */
  BAD_VALUE(7, "bad-value"),
  /** The value is longer than 1 MiB. */
  TOO_LARGE(8, "too-large"),
  /** The record key is not the event's key. */
  KEY_MISMATCH(9, "key-mismatch"),
  /** An observation with this id is pending already. */
  DUPLICATE_OBSERVATION(10, "duplicate-observation"),
  /** An outcome with this id is waiting for its observation already. */
  DUPLICATE_OUTCOME(11, "duplicate-outcome"),
  /** No observation with this id came within the timeout. */
  OUTCOME_WITHOUT_OBSERVATION(12, "outcome-without-observation"),
  /** The feature service did not answer for the observation. */
  ENRICHMENT_FAILED(13, "enrichment-failed"),
  /** A feature is none of those that the job's settings declare. */
  UNDECLARED_FEATURE(14, "undeclared-feature"),
  /** A feature is a number and declared as a text, or the other way round. */
  FEATURE_TYPE(15, "feature-type"),
  /** The event's time is too far from its record's. */
  FAR_TIME(16, "far-time");

  private final byte wire;
  private final String code;

  Reason(int wire, String code) {
    this.wire = (byte) wire;
    this.code = code;
  }

  /** The number for this reason in serialised state; never reused. */
  public byte wire() {
    return wire;
  }

  /** The header's text; never changed. */
  public String code() {
    return code;
  }

  /**
   * The reason behind a {@link #wire()} number.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Reason ofWire(byte wire) {
    for (Reason reason : values()) {
      if (reason.wire == wire) {
        return reason;
      }
    }
    throw new IllegalArgumentException("no dead-letter reason has the number (" + wire + ")");
  }
}
