package dev.sluice.model;

import java.io.Serializable;
import java.util.HashSet;
import java.util.List;

/**
 * What the models of a job are like.
 *
 * @param objective what the challengers minimise
 * @param huberDelta the error beyond which {@link Objective#HUBER} is linear, in the target's unit;
 *     in (0, 1e9]; other objectives ignore it
 * @param optimiser how they follow the gradient
 * @param rates the optimiser's numbers
 * @param labels at least two distinct labels; empty in regression
 * @param width hashed columns, a power of two up to 2^20
 * @param serving which model answers
 */
public record ModelSettings(
    Objective objective,
    double huberDelta,
    Optimiser optimiser,
    Rates rates,
    List<String> labels,
    int width,
    Serving serving)
    implements Serializable {

  private static final int MAX_WIDTH = 1 << 20;

  public ModelSettings {
    labels = List.copyOf(labels);
    require(huberDelta > 0 && huberDelta <= 1e9, "huberDelta", huberDelta, "in (0, 1e9]");
    if (width < 1 || width > MAX_WIDTH || Integer.bitCount(width) != 1) {
      throw new IllegalArgumentException(
          "width (%s) must be a power of two, at most %s".formatted(width, MAX_WIDTH));
    }
    if (objective.isClassification()) {
      requireLabels(labels);
    } else if (!labels.isEmpty()) {
      throw new IllegalArgumentException(
          "labels (%s) must be empty: the objective (%s) learns values"
              .formatted(String.join(", ", labels), objective.code()));
    }
  }

  /** The same settings with the classification's objective whose outputs are probabilities. */
  ModelSettings withProbabilities() {
    return new ModelSettings(Objective.LOG, huberDelta, optimiser, rates, labels, width, serving);
  }

  /** The same settings with other learning rates, ascending. */
  public ModelSettings withRates(List<Double> learningRates) {
    return new ModelSettings(
        objective,
        huberDelta,
        optimiser,
        new Rates(
            learningRates,
            rates.momentum(),
            rates.rho(),
            rates.epsilon(),
            rates.initialAccumulator()),
        labels,
        width,
        serving);
  }

  /** The same settings with another serving policy. */
  public ModelSettings withPolicy(ServingPolicy policy) {
    Serving changed =
        new Serving(
            policy,
            serving.hysteresis(),
            serving.fadingFactor(),
            serving.minEvaluations(),
            serving.shares());
    return new ModelSettings(objective, huberDelta, optimiser, rates, labels, width, changed);
  }

  /**
   * The optimiser's numbers; each optimiser takes those it knows.
   *
   * @param learningRates of SGD and AdaGrad, one challenger each: 1 to 8 distinct ones, ascending,
   *     in (0, 1000]
   * @param momentum of SGD with momentum, in [0, 0.999999]
   * @param rho AdaDelta's memory, in (0, 0.999999]
   * @param epsilon AdaGrad's and AdaDelta's guard against division by zero, in [1e-15, 1]
   * @param initialAccumulator what AdaGrad's sums of squares start with, in [0, 1e6]
   */
  public record Rates(
      List<Double> learningRates,
      double momentum,
      double rho,
      double epsilon,
      double initialAccumulator)
      implements Serializable {

    public static final int MOST_RATES = 8;

    public Rates {
      learningRates = List.copyOf(learningRates);
      requireRates(learningRates);
      require(momentum >= 0 && momentum <= 0.999999, "momentum", momentum, "in [0, 0.999999]");
      require(rho > 0 && rho <= 0.999999, "rho", rho, "in (0, 0.999999]");
      require(epsilon >= 1e-15 && epsilon <= 1, "epsilon", epsilon, "in [1e-15, 1]");
      require(
          initialAccumulator >= 0 && initialAccumulator <= 1e6,
          "initialAccumulator",
          initialAccumulator,
          "in [0, 1e6]");
    }

    /**
     * Learning rates 0.02, 0.1, 0.5 and 5; momentum 0.9, rho 0.95, epsilon 1e-6, accumulators from
     * 1.
     */
    public static Rates defaults() {
      return new Rates(List.of(0.02, 0.1, 0.5, 5.0), 0.9, 0.95, 1e-6, 1.0);
    }

    private static void requireRates(List<Double> rates) {
      if (rates.isEmpty() || rates.size() > MOST_RATES) {
        throw new IllegalArgumentException(
            "learningRates (%s) must be 1 to %s".formatted(rates, MOST_RATES));
      }
      double below = 0;
      for (double rate : rates) {
        require(rate > 0 && rate <= 1000, "learningRates", rate, "in (0, 1000]");
        require(rate > below, "learningRates", rate, "distinct and ascending");
        below = rate;
      }
    }
  }

  /**
   * Which model answers.
   *
   * @param policy the rule
   * @param hysteresis under {@link ServingPolicy#BEST}, by what fraction the other model's loss
   *     must be lower before a key changes over, in [0, 1)
   * @param fadingFactor what an earlier loss is multiplied by for each later one, in (0, 1]
   * @param minEvaluations outcomes before a key may change over, at least 0
   * @param shares under {@link ServingPolicy#BLEND}, what fraction of its weight a model gives up
   *     to all with each outcome; 1 to 4 distinct ones, in [0, 0.5], which are mixed themselves
   */
  public record Serving(
      ServingPolicy policy,
      double hysteresis,
      double fadingFactor,
      long minEvaluations,
      List<Double> shares)
      implements Serializable {

    public static final int MOST_SHARES = 4;

    public Serving {
      shares = List.copyOf(shares);
      if (shares.isEmpty()
          || shares.size() > MOST_SHARES
          || new HashSet<>(shares).size() < shares.size()) {
        throw new IllegalArgumentException(
            "shares (%s) must be 1 to %s distinct ones".formatted(shares, MOST_SHARES));
      }
      for (double share : shares) {
        require(share >= 0 && share <= 0.5, "shares", share, "in [0, 0.5]");
      }
      require(hysteresis >= 0 && hysteresis < 1, "hysteresis", hysteresis, "in [0, 1)");
      require(fadingFactor > 0 && fadingFactor <= 1, "fadingFactor", fadingFactor, "in (0, 1]");
      require(minEvaluations >= 0, "minEvaluations", (double) minEvaluations, "at least 0");
    }

    /**
     * A blend with shares of 0.0001, 0.003 and 0.05; {@link ServingPolicy#BEST} with 0.2 %
     * hysteresis and a fading factor of 0.9999, after 20 outcomes.
     */
    public static Serving defaults() {
      return new Serving(ServingPolicy.BLEND, 0.002, 0.9999, 20, List.of(0.0001, 0.003, 0.05));
    }
  }

  private static void requireLabels(List<String> labels) {
    if (labels.size() < 2 || new HashSet<>(labels).size() < labels.size() || labels.contains("")) {
      throw new IllegalArgumentException(
          "labels (%s) must be at least two, distinct and not empty"
              .formatted(String.join(", ", labels)));
    }
  }

  private static void require(boolean holds, String name, double value, String range) {
    if (!holds) {
      throw new IllegalArgumentException("%s (%s) must be %s".formatted(name, value, range));
    }
  }

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

    /** Whether what it remembers are sums of squares, which are never negative. */
    public boolean remembersSquares() {
      return this == ADAGRAD || this == ADADELTA;
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

  /**
   * What is served to a key. Its challengers always answer as one, weighted by how well they
   * predicted.
   */
  public enum ServingPolicy {
    /** The mixture of champion and challengers, weighted by how well they predicted. */
    BLEND("blend"),
    /** Always the champion; without one the challengers. */
    CHAMPION("champion"),
    /** Always the mixture of the challengers alone. */
    CHALLENGER("challenger"),
    /**
     * The champion or the challengers, whichever has the lower fading prequential loss, with
     * hysteresis.
     */
    BEST("best");

    private final String code;

    ServingPolicy(String code) {
      this.code = code;
    }

    /** The name in settings and control commands. */
    public String code() {
      return code;
    }

    /**
     * The policy of that {@link #code()}.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static ServingPolicy ofCode(String code) {
      return Codes.find("serving policy", values(), ServingPolicy::code, code);
    }
  }
}
