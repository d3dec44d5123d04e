package dev.sluice.tool.evaluation;

import dev.sluice.event.Target;
import dev.sluice.tool.scoring.Column;
import java.util.List;

/**
 * A prediction that met its outcome.
 *
 * @param key the entity
 * @param observedMs when it was predicted, epoch milliseconds of the events
 * @param target what it turned out to be
 * @param servedByChampion whether the champion's prediction was served
 * @param columns what each model had predicted
 */
record Judged(
    String key, long observedMs, Target target, boolean servedByChampion, List<Column> columns) {}
