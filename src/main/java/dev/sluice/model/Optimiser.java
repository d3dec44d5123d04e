package dev.sluice.model;

/**
 * How a challenger follows its gradients: those optimisers of Tribuo whose whole memory is arrays
 * that can be stored, so that they continue after a stop bit for bit.
 */
public enum Optimiser {
  /** A constant learning rate. */
  SGD("sgd", 0),
  /** A constant learning rate and momentum. */
  SGD_MOMENTUM("sgd-momentum", 1),
  /** AdaGrad (Duchi, Hazan and Singer 2011). */
  ADAGRAD("adagrad", 1),
  /** AdaDelta (Zeiler 2012); it has no learning rate. */
  ADADELTA("adadelta", 2);

  private final String code;
  private final int slots;

  Optimiser(String code, int slots) {
    this.code = code;
    this.slots = slots;
  }

  /** The name in settings and stored models. */
  public String code() {
    return code;
  }

  /** How many arrays of the weights' shape it remembers. */
  public int slots() {
    return slots;
  }

  /**
   * The optimiser of that {@link #code()}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Optimiser ofCode(String code) {
    return Codes.find("optimiser", values(), Optimiser::code, code);
  }
}
