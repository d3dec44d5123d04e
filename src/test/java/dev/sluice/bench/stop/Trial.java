package dev.sluice.bench.stop;

import java.util.EnumMap;
import java.util.Map;

/**
 * One stop or restart.
 *
 * @param keys that have a model
 * @param load average of the machine before it
 * @param figures in seconds, bytes and pieces
 */
record Trial(Way way, int keys, int round, double load, Map<Figure, Double> figures) {

  Trial {
    figures = new EnumMap<>(figures);
  }
}
