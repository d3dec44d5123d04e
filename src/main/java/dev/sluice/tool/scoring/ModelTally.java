package dev.sluice.tool.scoring;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counts all figures of one model, in bounded memory. */
final class ModelTally {

  private final List<String> labels;
  private final Tally tally;
  private final Calibration calibration = new Calibration();
  private final ErrorQuantiles errors = new ErrorQuantiles();
  private boolean probabilities;

  ModelTally(LabelIds ids) {
    this.labels = ids.labels();
    this.tally = Tally.of(ids, 1);
    this.probabilities = !labels.isEmpty();
  }

  void add(Truth truth, Column column) {
    tally.add(truth, column);
    double[] outputs = column.outputs();
    if (labels.isEmpty()) {
      errors.add(Math.abs(outputs[0] - truth.value()));
      return;
    }
    probabilities &= column.probabilities();
    int said = labels.size() == 2 ? 1 : LabelTally.first(outputs);
    calibration.add(outputs[said], labels.get(said).equals(truth.label()));
  }

  ModelScore result(String model) {
    Map<String, Double> quantiles = new LinkedHashMap<>();
    if (labels.isEmpty()) {
      quantiles.put("p50", errors.at(0.5));
      quantiles.put("p90", errors.at(0.9));
      quantiles.put("p99", errors.at(0.99));
    }
    return new ModelScore(
        model,
        tally.score(),
        probabilities ? calibration.expectedError() : Double.NaN,
        probabilities ? calibration.reliability() : List.of(),
        quantiles);
  }
}
