package dev.sluice.tool.scoring;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.OptionalDouble;

/** How well one model did. */
public sealed interface Score {

  /** How many evaluations it is about. */
  long n();

  /** The mean of its losses: log loss in nats, or the objective's own in regression. */
  double meanLoss();

  /**
   * A classifier's figures.
   *
   * @param auc area under the ROC curve; for more than two labels the mean of each against the
   *     rest; empty if only one label has been seen
   * @param aucError by how much it may differ from the exact area, because scores are counted in
   *     bins
   * @param accuracy share of right answers
   * @param kappa Cohen's kappa: accuracy above chance (Cohen 1960); empty if chance is always right
   */
  record OfLabels(
      long n,
      OptionalDouble auc,
      double aucError,
      @JsonProperty("logLoss") double meanLoss,
      double accuracy,
      OptionalDouble kappa)
      implements Score {}

  /**
   * A regressor's figures.
   *
   * @param meanAbsoluteError in the value's unit
   * @param rootMeanSquaredError in the value's unit
   * @param rSquared explained share of the variance; empty if all values were equal
   */
  record OfValues(
      long n,
      @JsonProperty("mae") double meanAbsoluteError,
      @JsonProperty("rmse") double rootMeanSquaredError,
      @JsonProperty("r2") OptionalDouble rSquared,
      @JsonProperty("loss") double meanLoss)
      implements Score {}
}
