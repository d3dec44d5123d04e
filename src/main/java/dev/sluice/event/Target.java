package dev.sluice.event;

/** What is learned: a label in classification, a value in regression. */
public sealed interface Target {

  /**
   * One of the labels of {@code sluice.model.labels}.
   *
   * @param name the label
   */
  record Label(String name) implements Target {}

  /**
   * A finite number.
   *
   * @param value the number
   */
  record Value(double value) implements Target {

    public Value {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("a target value must be finite, but is (" + value + ")");
      }
    }
  }
}
