package dev.sluice.tool.scoring;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The labels of a job and their places, once for all that count them; never changes. */
final class LabelIds {

  private final List<String> labels;
  private final Map<String, Integer> ids = new HashMap<>();

  /** {@code labels}: in the job's order; none in regression. */
  LabelIds(List<String> labels) {
    this.labels = List.copyOf(labels);
    for (int i = 0; i < labels.size(); i++) {
      ids.put(labels.get(i), i);
    }
  }

  List<String> labels() {
    return labels;
  }

  /** The label's place; null if it is none of them. */
  @Nullable Integer of(String label) {
    return ids.get(label);
  }
}
