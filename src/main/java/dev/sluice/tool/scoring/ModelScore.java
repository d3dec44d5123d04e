package dev.sluice.tool.scoring;

import java.util.List;
import java.util.Map;

/**
 * All figures of one model.
 *
 * @param model its name
 * @param score its figures
 * @param calibration the expected calibration error; NaN where there are no probabilities
 * @param reliability how often what it said happened; empty where there are no probabilities
 * @param errors the absolute error that a share of all does not exceed, by share; empty of labels
 */
public record ModelScore(
    String model,
    Score score,
    double calibration,
    List<Calibration.Bin> reliability,
    Map<String, Double> errors) {}
