package dev.sluice.tool.scoring;

/**
 * What one model had predicted.
 *
 * @param model its name in tables
 * @param outputs one score a label in the order of the labels, or the one value; owned by the
 *     record
 * @param probabilities whether the outputs are probabilities
 * @param loss log loss in nats, or the objective's own of values
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Column(String model, double[] outputs, boolean probabilities, double loss) {}
