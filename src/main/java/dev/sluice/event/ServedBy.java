package dev.sluice.event;

/** Which of a key's models made a prediction. */
public enum ServedBy {
  /** The frozen model. */
  CHAMPION(1, "champion"),
  /** The mixture of the key's challengers. */
  CHALLENGER(2, "challenger"),
  /** The mixture of champion and challengers. */
  BLEND(3, "blend");

  private final byte wire;
  private final String code;

  ServedBy(int wire, String code) {
    this.wire = (byte) wire;
    this.code = code;
  }

  /** The number for this model in serialised state; never reused. */
  public byte wire() {
    return wire;
  }

  /** The text of {@code servedBy} in the output topics. */
  public String code() {
    return code;
  }

  /**
   * The model behind a {@link #wire()} number.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static ServedBy ofWire(byte wire) {
    return switch (wire) {
      case 1 -> CHAMPION;
      case 2 -> CHALLENGER;
      case 3 -> BLEND;
      default -> throw new IllegalArgumentException("no model has the number (" + wire + ")");
    };
  }
}
