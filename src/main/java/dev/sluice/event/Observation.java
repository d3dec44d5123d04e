package dev.sluice.event;

/**
 * Asks for a prediction.
 *
 * @param raw the record as it came
 * @param id joins the observation to its outcome; unique within the key while it is pending
 * @param key the entity whose model answers
 * @param timeMs when it happened, epoch milliseconds
 * @param features what the model sees
 */
public record Observation(RawRecord raw, String id, String key, long timeMs, Features features)
    implements Event {}
