package dev.sluice.tool.audit;

import java.util.List;

/**
 * An anomaly that was found.
 *
 * @param anomaly which
 * @param count how often, exactly
 * @param examples the first of them, with their positions: {@code topic/partition@offset}
 */
public record Finding(Anomaly anomaly, long count, List<String> examples) {

  public Finding {
    examples = List.copyOf(examples);
  }
}
