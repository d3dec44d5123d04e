package dev.sluice.tool.scoring;

import org.jspecify.annotations.Nullable;

/**
 * What something turned out to be.
 *
 * @param timeMs when, epoch milliseconds; for messages
 * @param label null in regression
 * @param value NaN in classification
 */
public record Truth(long timeMs, @Nullable String label, double value) {}
