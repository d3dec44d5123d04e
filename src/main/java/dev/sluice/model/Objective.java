package dev.sluice.model;

/** What a challenger minimises: Tribuo's objectives for linear models. */
public enum Objective {
  /** Multinomial logistic loss; outputs are probabilities. */
  LOG("log", true),
  /** Multiclass hinge loss (Crammer and Singer 2001) with margin 1; outputs are scores. */
  HINGE("hinge", true),
  /** Half the squared error. */
  SQUARED("squared", false),
  /** The absolute error. */
  ABSOLUTE("absolute", false),
  /** Half the squared error up to the delta, linear beyond (Huber 1964). */
  HUBER("huber", false);

  private final String code;
  private final boolean classification;

  Objective(String code, boolean classification) {
    this.code = code;
    this.classification = classification;
  }

  /** The name in settings and stored models. */
  public String code() {
    return code;
  }

  /** Whether labels are learned; values otherwise. */
  public boolean isClassification() {
    return classification;
  }

  /**
   * The objective of that {@link #code()}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Objective ofCode(String code) {
    return Codes.find("objective", values(), Objective::code, code);
  }
}
