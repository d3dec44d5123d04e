package dev.sluice.event;

/** The output topics that answers go to. */
public enum OutputTopic {
  PREDICTIONS(1),
  EVALUATIONS(2),
  DEFERRED(3),
  DEAD_LETTERS(4),
  CONTROL_LOG(5);

  private final byte wire;

  OutputTopic(int wire) {
    this.wire = (byte) wire;
  }

  /** The number for this topic between operators; never reused. */
  public byte wire() {
    return wire;
  }

  /**
   * The topic behind a {@link #wire()} number.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static OutputTopic ofWire(byte wire) {
    for (OutputTopic topic : values()) {
      if (topic.wire == wire) {
        return topic;
      }
    }
    throw new IllegalArgumentException("no output topic has the number (" + wire + ")");
  }
}
