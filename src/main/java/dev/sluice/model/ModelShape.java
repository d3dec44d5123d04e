package dev.sluice.model;

/**
 * How large the arrays of every {@link ModelState} of a job are.
 *
 * @param outputs rows of the weights: one a label, or a single one in regression
 * @param columns features, the champion's domain first and then the hashed ones; the weights have
 *     one more column for the bias
 * @param slots arrays of the weights' shape that the optimiser remembers
 * @param width hashed columns, each with a scaler
 */
public record ModelShape(int outputs, int columns, int slots, int width) {}
