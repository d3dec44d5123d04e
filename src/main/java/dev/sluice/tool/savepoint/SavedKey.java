package dev.sluice.tool.savepoint;

import dev.sluice.model.ModelState;
import org.jspecify.annotations.Nullable;

/**
 * What is stored for one key.
 *
 * @param key the entity
 * @param model its model; null if it has only waiting outcomes
 * @param pendingObservations predictions that wait for their outcome
 * @param waitingOutcomes outcomes that wait for their observation
 * @param bytes of all its values
 */
public record SavedKey(
    String key,
    @Nullable ModelState model,
    int pendingObservations,
    int waitingOutcomes,
    long bytes) {}
