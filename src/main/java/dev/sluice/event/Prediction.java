package dev.sluice.event;

import org.jspecify.annotations.Nullable;

/**
 * The answer to an observation.
 *
 * @param origin the observation's origin
 * @param id the observation's id
 * @param key the entity
 * @param timeMs the observation's time, epoch milliseconds
 * @param outputs the served model's outputs: one score a label in the job's label order, or one
 *     predicted value; owned by the record
 * @param servedBy which model made it
 * @param championVersion the champion's version, null if the job has no champion
 * @param updates how many outcomes this key's challenger had learned
 */
public record Prediction(
    Origin origin,
    String id,
    String key,
    long timeMs,
    double[] outputs,
    ServedBy servedBy,
    @Nullable Integer championVersion,
    long updates)
    implements Answer {}
